import { expect, test } from "vitest";
import { ClientWindow } from "./client-window.ts";
import { RelayChannel } from "./channel-table.ts";

test("a variable is kept whatever its name", () => {
  const channel = new RelayChannel(1, new ClientWindow({ channel: 1, window: 0, maxPacket: 0, send: () => undefined }));
  expect(channel.keepVariable("__proto__", "x")).toBe(true);
  expect(JSON.stringify(channel.environment)).toBe('{"__proto__":"x"}');
});
