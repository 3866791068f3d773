import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditEvent } from "../audit/event.ts";
import { aesKeyWrap } from "../audit/recording/key-wrap.ts";
import { systemClock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { GrantId, RecordingId, SessionId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import type { Denial } from "../kernel/result.ts";
import { Secret } from "../kernel/secret.ts";
import { startRecording, type SessionRecording } from "./recording.ts";

/** As much as a chunk holds, and a little. */
const MUCH = Buffer.alloc(300 * 1024, "x");

let directory: string;
let logged: AuditEvent[];
let full: boolean;
let denials: Denial[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sallyport-session-"));
  [logged, full, denials] = [[], false, []];
});
afterEach(() => rm(directory, { recursive: true }));

function start(): Promise<SessionRecording> {
  const log = {
    append: async (events: readonly AuditEvent[]) => {
      await Promise.resolve();
      if (full) throw new GateError("log-unavailable");
      logged.push(...events);
      return [];
    },
  };
  const keyWrap = aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom);
  return startRecording(
    { directory, durability: "process", keyWrap, log, clock: systemClock, random: systemRandom, hasRoom: () => true },
    {
      recording: "rec-0000000001" as RecordingId,
      session: "s-0000000001" as SessionId,
      grant: "g-0000000001" as GrantId,
      principal: "ada",
      target: "web-1.prod",
      limitBytes: undefined,
      mayUseReserve: false,
      onFailure: (denial) => denials.push(denial),
      onPause: () => undefined,
    },
  );
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function chunksIn(events: readonly AuditEvent[]): number[] {
  return events.flatMap(({ kind, body }) => (kind === "recording.chunk" ? [(body as { index: number }).index] : []));
}

test("a chunk that the log did not take is not overtaken by the next, and comes with the session's end at the latest", async () => {
  const recording = await start();
  recording.committed();
  recording.recorder.output(1, "stdout", MUCH);
  await settled();
  full = true;
  recording.recorder.output(1, "stdout", MUCH);
  await settled();
  expect(denials).toMatchObject([{ code: "log-unavailable" }]);
  full = false;
  recording.recorder.output(1, "stdout", MUCH);
  await settled();
  const before = chunksIn(logged);
  full = true;
  recording.recorder.output(1, "stdout", MUCH);
  const end = await recording.close("cut");
  const all = [...before, ...chunksIn(end)];
  expect(all).toEqual(all.map((_, index) => index));
  expect(chunksIn(end).length).toBeGreaterThan(0);
  expect(end.at(-1)).toMatchObject({ kind: "recording.finished", body: { chunks: all.length } });
});

test("of a session that never came into the log leaves neither a chunk nor a file", async () => {
  const recording = await start();
  recording.recorder.output(1, "stdout", MUCH);
  await settled();
  await recording.discard();
  await settled();
  expect(logged).toEqual([]);
  expect(existsSync(join(directory, "rec-0000000001.rec"))).toBe(false);
});
