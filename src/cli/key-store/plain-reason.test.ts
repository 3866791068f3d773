import { expect, test } from "vitest";
import { plainReason } from "./plain-reason.ts";

// What the library says, or passes on from D-Bus and the Keychain.
test.each([
  ["Couldn't access platform storage: Secret Service: unlock prompt was dismissed", "it is locked"],
  ["Couldn't access platform storage: User interaction is not allowed.", "it is locked"],
  [
    "Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead",
    "there is no D-Bus session here",
  ],
  [
    "Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files",
    "nothing on D-Bus is a key store here",
  ],
  ["Platform failure: DBus error: Did not receive a reply. Possible causes include: the remote application did not", "it does not answer"],
  ["Couldn't access platform storage: Secret Service: no result found", "it has no keyring to write to yet"],
])("%s", (said, reason) => expect(plainReason(said)).toBe(reason));

test("anything else as it is, on one line and not without end", () => {
  expect(plainReason(" Something\n  new ")).toBe("Something new");
  expect(plainReason("x".repeat(5_000))).toHaveLength(200);
});
