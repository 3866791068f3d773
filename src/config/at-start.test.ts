import { expect, test } from "vitest";
import { waitingForStart } from "./at-start.ts";
import { diffConfig } from "./diff.ts";
import { parseConfig } from "./load.ts";

const config = (gate: string) => {
  const parsed = parseConfig(`version: 1\ngate:\n  name: gate.example\n  masterKey: file:/k\n${gate}\n`, "test");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
};
const BEFORE = config("  http: 127.0.0.1:7700");

test("what a reload changes and only a start reads is named as the file spells it", () => {
  const after = config(
    "  http: 127.0.0.1:7799\n  limits: { diskReserve: 1GiB, handshake: 5s }\n  anchors: [{ name: far, file: /mnt/far }]",
  );
  expect(waitingForStart(diffConfig(BEFORE, after).lines)).toEqual(["gate.http", "gate.public", "gate.anchors", "gate.limits.diskReserve"]);
});

test("what a reload puts in force waits for nothing", () => {
  const after = config("  limits: { handshake: 5s }\n  widening: { secondOwner: true }");
  expect(diffConfig(config(""), after).lines).toHaveLength(2);
  expect(waitingForStart(diffConfig(config(""), after).lines)).toEqual([]);
});
