import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aesKeyWrap } from "../../audit/recording/key-wrap.ts";
import { openRecorder, type Recorder } from "../../audit/recording/recorder.ts";
import { systemTimers } from "../../audit/timers.ts";
import { systemClock } from "../../kernel/clock.ts";
import type { GrantId, PrincipalName, RecordingId, SessionId, TargetName } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { systemTicks } from "../../kernel/ticks.ts";
import type { SessionRow, SessionStore } from "../../session/port.ts";
import { recordingService, type RecordingDeps } from "./recordings.ts";

const keyWrap = aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom);
const id = (prefix: string, number: number): string => `${prefix}-${String(number).padStart(10, "0")}`;
const ANYBODY = new AbortController().signal;

let directory: string;
let rows: SessionRow[];
let live: { recording: string }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sallyport-recordings-"));
  [rows, live] = [[], []];
});
afterEach(() => rm(directory, { recursive: true }));

function service() {
  const list: SessionStore["list"] = async ({ principal, target, before = Infinity, limit }) =>
    rows
      .filter((row) => (principal ?? row.principal) === row.principal && (target ?? row.target) === row.target && row.startedAt < before)
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(0, limit);
  const deps = {
    directory,
    keys: [keyWrap],
    sessions: { list, find: async (wanted: SessionId) => rows.find((row) => row.id === wanted) },
    registry: { list: () => live },
    log: { query: async () => [] },
  };
  return recordingService(deps as unknown as RecordingDeps);
}

function session(number: number, principal: string, recorded = true): SessionRow {
  return {
    id: id("s", number) as SessionId,
    grant: "g-0000000001" as GrantId,
    principal: principal as PrincipalName,
    target: "web-1.prod" as TargetName,
    protocol: "ssh",
    remote: "192.0.2.1:1",
    startedAt: number,
    ...(recorded && { recording: id("rec", number) as RecordingId }),
  };
}

function record(number: number): Promise<Recorder> {
  const recording = id("rec", number);
  return openRecorder({
    path: join(directory, `${recording}.rec`),
    recording,
    session: id("s", number),
    target: "web-1.prod",
    principal: "ada",
    durability: "process",
    keyWrap,
    clock: systemClock,
    ticks: systemTicks,
    timers: systemTimers,
    random: systemRandom,
    onChunk: () => undefined,
    onFailure: () => undefined,
  });
}

describe("a search of what terminals showed", () => {
  beforeEach(async () => {
    const recorder = await record(1);
    recorder.note("begin", 1, { kind: "exec", command: "make" });
    recorder.output(1, "stdout", Buffer.from("no free worker\n"));
    await recorder.close("exit");
    rows = [session(1, "ada"), ...Array.from({ length: 600 }, (_, n) => session(n + 2, "bob", false))];
  });

  test("finds somebody's, however many sessions others had since", async () => {
    const found = await service().search({ words: "free worker", principal: "ada", limit: 10 }, ANYBODY);
    expect(found).toMatchObject({ hits: [{ session: "s-0000000001", text: "no free worker" }], searched: 1, more: false });
  });

  test("finds what lies before a time, and says when there is more than it looked at", async () => {
    expect(await service().search({ words: "free worker", limit: 10 }, ANYBODY)).toMatchObject({ hits: [], more: true });
    expect(await service().search({ words: "free worker", until: 50, limit: 10 }, ANYBODY)).toMatchObject({ searched: 1, more: false });
  });

  test("looks at nothing more when nobody waits for it", async () => {
    const found = await service().search({ words: "free worker", principal: "ada", limit: 10 }, AbortSignal.abort());
    expect(found).toMatchObject({ hits: [], searched: 0 });
  });
});

test("a live recording is followed to its last frame, and from where somebody stopped", async () => {
  const recorder = await record(1);
  const recording = id("rec", 1) as RecordingId;
  live = [{ recording }];
  const follow = async (after: number): Promise<string[]> => {
    const types: string[] = [];
    for await (const { type } of service().follow(recording, after, ANYBODY)) {
      types.push(type);
      if (type === "stdout" && live.length > 0) {
        live = [];
        await recorder.close("exit");
      } else if (type === "open") recorder.output(1, "stdout", Buffer.from("shown"));
    }
    return types;
  };
  expect(await follow(0)).toEqual(["open", "stdout", "close"]);
  expect(await follow(2)).toEqual(["close"]);
});
