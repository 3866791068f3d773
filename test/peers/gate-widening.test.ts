/** A configuration that widens access, where it takes a second owner; and what `gate: widening` itself is protected by. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { estateYaml } from "../kit/estate.ts";
import { startGate } from "../kit/gate.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const YAML = estateYaml({ address: "127.0.0.1:1", hostKey: HOST_KEY, account: "root" });

test("widening waits for a second owner; narrowing does not; what was confirmed is what was held", async () => {
  await using opened = await startGate(YAML, { limits: "  widening: { secondOwner: true }" });
  const { configuration, store } = opened.gate;
  const edit = async (piece: string, instead: string): Promise<void> => {
    const text = await readFile(opened.configPath, "utf8");
    expect(text).toContain(piece);
    await writeFile(opened.configPath, text.replace(piece, instead));
  };
  await edit("max: 4h", "max: 2h");
  expect(await configuration.reload("olga")).toMatchObject({ outcome: "loaded" });

  await edit("max: 2h", "max: 8h");
  const held = await configuration.reload("olga");
  expect(held).toMatchObject({ outcome: "held", widening: [expect.stringContaining("8h")] });
  expect(configuration.current.rules[0]?.maxDurationMs).toBe(2 * 3_600_000);
  const hash = "hash" in held ? held.hash : "";
  expect(await configuration.confirm(hash, "olga")).toMatchObject({ allowed: false, code: "own-request" });
  // Edited after it was held: it is not what was looked at, and a confirmation of the one is none of the other.
  await edit("max: 8h", "max: 48h");
  const other = await configuration.reload("olga");
  expect(other).toMatchObject({ outcome: "held" });
  expect(await configuration.confirm(hash, "otto")).toMatchObject({ allowed: false, code: "not-found" });
  expect(configuration.current.rules[0]?.maxDurationMs).toBe(2 * 3_600_000);
  expect(await configuration.confirm("hash" in other ? other.hash : "", "otto")).toMatchObject({ outcome: "loaded" });
  expect(configuration.current.rules[0]?.maxDurationMs).toBe(48 * 3_600_000);

  // Doing away with the second owner is itself a widening.
  await edit("widening: { secondOwner: true }", "widening: { secondOwner: false }");
  expect(await configuration.reload("olga")).toMatchObject({ outcome: "held" });
  const events = await store.log.query({ kinds: ["config.held", "config.loaded"], limit: 20 });
  expect(events.map(({ kind }) => kind)).toEqual([
    "config.loaded",
    "config.loaded",
    "config.held",
    "config.held",
    "config.loaded",
    "config.held",
  ]);
});

test("whoever asked first cannot be the second, whatever is read again in between", async () => {
  await using opened = await startGate(YAML, { limits: "  widening: { secondOwner: true }" });
  const { configuration } = opened.gate;
  const text = await readFile(opened.configPath, "utf8");
  await writeFile(opened.configPath, text.replace("max: 4h", "max: 8h"));
  const held = await configuration.reload("olga");
  const hash = "hash" in held ? held.hash : "";
  // As SIGHUP does.
  await configuration.reload("gate");
  await configuration.reload("otto");
  expect(await configuration.confirm(hash, "olga")).toMatchObject({ code: "own-request" });
  expect(await configuration.confirm(hash, "otto")).toMatchObject({ outcome: "loaded" });
});

test("nobody is their own second owner by way of their agent", async () => {
  await using opened = await startGate(`${YAML}\nagents:\n  robot: { for: olga }\n`, { limits: "  widening: { secondOwner: true }" });
  const { configuration } = opened.gate;
  const text = await readFile(opened.configPath, "utf8");
  await writeFile(opened.configPath, text.replace("max: 4h", "max: 8h"));
  const held = await configuration.reload("robot");
  const hash = "hash" in held ? held.hash : "";
  expect(await configuration.confirm(hash, "olga")).toMatchObject({ code: "own-request" });
  expect(await configuration.confirm(hash, "robot")).toMatchObject({ code: "own-request" });
  expect(await configuration.confirm(hash, "otto")).toMatchObject({ outcome: "loaded" });
});

test("a widening that was taken back out of the file waits for nobody any more", async () => {
  await using opened = await startGate(YAML, { limits: "  widening: { secondOwner: true }" });
  const { configuration } = opened.gate;
  const text = await readFile(opened.configPath, "utf8");
  await writeFile(opened.configPath, text.replace("max: 4h", "max: 8h"));
  const held = await configuration.reload("olga");
  await writeFile(opened.configPath, text);
  expect(await configuration.reload("olga")).toMatchObject({ outcome: "unchanged" });
  expect(configuration.held).toBeUndefined();
  expect(await configuration.confirm("hash" in held ? held.hash : "", "otto")).toMatchObject({ code: "not-found" });
  expect(configuration.current.rules[0]?.maxDurationMs).toBe(4 * 3_600_000);
});
