/** A target that means harm, played by a server of the tests' own: its own session ends or bears it, and no other notices. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as backend from "../../src/wire/postgres/backend.ts";
import { cString, int16, int32, message } from "../../src/wire/postgres/fields.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";
import type { FakePostgres } from "../kit/fake-postgres.ts";
import type { Grant } from "../../src/access/model.ts";
import type { Rig } from "../matrix/driver.ts";
import { postgresDriver } from "../matrix/postgres-driver.ts";

const psql = requirePeer("psql", "psql");
const READY = message("Z", Buffer.from("I"));
const status = (name: string, value: string): Buffer => message("S", cString(name), cString(value));
const SETTINGS = [status("client_encoding", "UTF8"), status("standard_conforming_strings", "on")];
const KEY = backend.encodeBackendKeyData(4711, Buffer.from("key!"));
const column = (name: string): Buffer => Buffer.concat([cString(name), int32(0), int16(0), int32(25), int16(0xffff), int32(-1), int16(0)]);
const done = [message("C", cString("SELECT 0")), READY];
/** The end of a session whose target says what it must not. */
const REFUSED = { how: "cut", code: expect.stringMatching(/^(?:protocol-error|not-supported)$/) };
const many = (count: number, one: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => one));

describe.skipIf(psql.missing)(psql.title("a target that means harm"), () => {
  let rig: Rig;
  let target: Pick<FakePostgres, "answer" | "greeting" | "iterations">;
  beforeAll(async () => {
    rig = await postgresDriver.start();
    target = rig.target as FakePostgres;
  }, 60_000);
  let grant: Grant;
  beforeEach(async () => {
    grant = await rig.grant();
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  /** What a client beside it is told, once its session is over. */
  const neighbour = async (): Promise<string> => {
    const { text } = await rig.act("neighbour");
    await until(() => rig.gate.registry.list().length === 0);
    return text;
  };
  /** As the log has it, of the one session under the grant of this test. */
  const itsEnd = async (): Promise<unknown> => {
    const ends = () => rig.gate.store.log.query({ kinds: ["session.ended"], grant: grant.id, limit: 1 });
    await until(async () => (await ends()).length === 1);
    return (await ends())[0]?.body;
  };
  const answered = (bytes: Buffer): void => {
    target.answer = (sql: string) => (sql.includes("harm") ? bytes : undefined);
  };

  test.each([
    ["asks for a password in clear, when its client is in", message("R", int32(3))],
    ["says that the login went well, once more", backend.encodeAuthenticationOk()],
    ["wants to copy both ways", message("W", Buffer.of(0), int16(0))],
    ["gives another key for cancelling", KEY],
    ["negotiates its version", message("v", int32(0), int32(0))],
    ["sends what nobody knows", message("!", int32(0))],
    ["sends a message of a negative length", Buffer.from([0x54, 0xff, 0xff, 0xff, 0xff])],
    ["sends a message that is shorter than its header", Buffer.from([0x44, 0, 0, 0, 3])],
    ["announces a description of a gigabyte", Buffer.from([0x54, 0x3f, 0xff, 0xff, 0xff])],
    ["answers what nobody asked", message("2")],
    ["says that it reads texts in another way", status("standard_conforming_strings", "off")],
    ["is in a state that there is not", message("Z", Buffer.from("?"))],
  ])("%s: its session ends, and says so", async (_what, bytes) => {
    answered(bytes);
    const { text } = await rig.act("harm");
    expect(text).toMatch(/\[(?:protocol-error|not-supported)\]/);
    expect(await itsEnd()).toMatchObject(REFUSED);
    expect(await neighbour()).toContain("done\n");
  });

  test("is ready twice: its session ends, though its client may have left with the first", async () => {
    answered(Buffer.concat([READY, READY]));
    await rig.act("harm");
    expect(await itsEnd()).toMatchObject(REFUSED);
    expect(await neighbour()).toContain("done\n");
  });

  test.each([
    ["a description of 65,535 columns", Buffer.concat([message("T", int16(0xffff), many(0xffff, column("c"))), ...done])],
    ["a flood of settings", Buffer.concat([many(50_000, status("application_name", "x".repeat(50))), ...done])],
    ["a flood of notices", Buffer.concat([many(20_000, message("N", Buffer.from("SNOTICE\0VNOTICE\0C00000\0Mon\0\0"))), ...done])],
    ["a flood of notifications", Buffer.concat([many(20_000, message("A", int32(1), cString("c"), cString("p"))), ...done])],
  ])("%s is its client's to bear", async (_what, bytes) => {
    answered(bytes);
    await rig.act("harm");
    expect(await neighbour()).toContain("done\n");
  });

  test.each([
    [
      "settings without end",
      Buffer.concat([...SETTINGS, many(100, status("x", "y".repeat(60_000))), KEY, READY]),
      "its settings have no end",
    ],
    ["notices without end", Buffer.concat([...SETTINGS, many(300, message("N", Buffer.of(0))), KEY, READY]), "it talks on"],
    ["another password", message("R", int32(3)), "does not belong into a login"],
    ["a key that is none", message("K", int32(1), Buffer.alloc(300)), "malformed"],
    ["a key of nothing", message("K", int32(1)), "malformed"],
    ["no key", Buffer.concat([...SETTINGS, READY]), "does not belong into a login"],
    ["another encoding", Buffer.concat([status("client_encoding", "SJIS"), KEY, READY]), "client_encoding"],
    ["words that act on a terminal", message("E", Buffer.from("SFATAL\0C53300\0M\u001b]0;owned\u0007\u009b31m\0\0")), "?]0;owned??31m"],
  ])("behind the password %s: refused", async (_what, greeting, words) => {
    target.greeting = greeting;
    const { ok, text } = await rig.act("harm");
    target.greeting = undefined;
    expect({ ok, text }).toEqual({ ok: false, text: expect.stringContaining(words) });
    expect(await neighbour()).toContain("done\n");
  });

  test.each([600_001, 999_999_999])("asks for %i rounds of hashing: refused, and told which setting it is", async (iterations) => {
    target.iterations = iterations;
    const { ok, text } = await rig.act("harm");
    target.iterations = 4096;
    expect({ ok, text }).toEqual({
      ok: false,
      text: expect.stringContaining(`asks for ${iterations} rounds of SCRAM: 600000 are the most`),
    });
    expect(await neighbour()).toContain("done\n");
  });

  test("the gate met no fault of its own", () => {
    expect(rig.faults).toEqual([]);
  });
});
