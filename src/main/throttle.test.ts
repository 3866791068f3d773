import { expect, test } from "vitest";
import { TestClock } from "../../test/kit/test-clock.ts";
import type { LoggedEvent } from "../audit/event.ts";
import type { EventQuery } from "../audit/port.ts";
import { openThrottle } from "./throttle.ts";

const DAY_MS = 86_400_000;

test("an address from the log is not blocked by its neighbours; one of too long ago, or erased, is", async () => {
  const clock = new TestClock();
  const login = (principal: string, remote: string, agoMs: number, erased = false): LoggedEvent => ({
    seq: 0,
    time: clock.now() - agoMs,
    kind: "login.ok",
    principal,
    ...(!erased && { body: { method: "password", door: "api", remote } }),
  });
  const logins = [
    login("ana", "10.0.0.7:5000", DAY_MS),
    login("bob", "10.0.0.7:5000", 40 * DAY_MS),
    login("eve", "10.0.0.7:5000", DAY_MS, true),
  ];
  const asked: EventQuery[] = [];
  const query = async (wanted: EventQuery) => {
    asked.push(wanted);
    return logins;
  };
  const throttle = await openThrottle({ query }, clock);
  expect(asked).toMatchObject([{ kinds: ["login.ok"], since: clock.now() - 30 * DAY_MS, order: "desc" }]);
  // Strangers of the same network guess at all three until they have to wait.
  for (const name of ["ana", "bob", "eve"]) for (let n = 0; n < 8; n += 1) throttle.admit("10.0.0.66:1", name);
  expect(throttle.admit("10.0.0.7:6000", "ana")).toMatchObject({ favoured: true });
  expect(throttle.admit("10.0.0.7:6000", "bob")).toMatchObject({ code: "too-many-attempts" });
  expect(throttle.admit("10.0.0.7:6000", "eve")).toMatchObject({ code: "too-many-attempts" });
});
