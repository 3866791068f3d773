import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GateError } from "../../kernel/errors.ts";
import { systemRandom } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { isOutput, type Frame } from "./frame.ts";
import { aesKeyWrap } from "./key-wrap.ts";
import { openReader, type ChunkRange, type RecordingEnd } from "./reader.ts";
import { openRecorder, type Chunk, type Recorder, type RecorderOptions } from "./recorder.ts";
import { createRecordingFile, type RecordingFile } from "./recording-file.ts";
import { recoverRecording, recoveredPath } from "./recover.ts";

const keyWrap = aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom);
let directory: string;
let path: string;
let now: number;
let chunks: Chunk[];
let failures: GateError[];
let late: string[];
let due: { at: number; run: () => void }[];

const timers = {
  after: (delayMs: number, run: () => void) => {
    const entry = { at: now + delayMs, run };
    due.push(entry);
    return { [Symbol.dispose]: () => void (due = due.filter((other) => other !== entry)) };
  },
};

function pass(ms: number): void {
  now += ms;
  for (let next = due.find(({ at }) => at <= now); next; next = due.find(({ at }) => at <= now)) {
    const { run } = next;
    due = due.filter((other) => other.run !== run);
    run();
  }
}

function open(more: Partial<RecorderOptions> = {}): Promise<Recorder> {
  return openRecorder({
    path,
    recording: "rec-1",
    session: "s-1",
    target: "web-1",
    principal: "ada",
    durability: "process",
    keyWrap,
    clock: { now: () => 1_700_000_000_000, elapsed: () => now, bootId: "test" },
    ticks: () => now,
    timers,
    random: systemRandom,
    onChunk: (chunk) => chunks.push(chunk),
    onFailure: (error) => failures.push(error),
    onLate: (lagMs) => late.push(`late ${lagMs}`),
    onCaughtUp: () => late.push("caught up"),
    ...more,
  });
}

async function read(ranges: readonly ChunkRange[] = [], from = path): Promise<{ frames: Frame[]; end: RecordingEnd | undefined }> {
  await using reader = await openReader(from, [keyWrap]);
  const frames: Frame[] = [];
  for await (const frame of reader.frames(ranges)) frames.push(frame);
  return { frames, end: reader.end };
}

/** A file that can be told to fail or to take its time. */
function controlled(): { create: RecorderOptions["createFile"]; control: { fail?: string; syncs: (() => void)[] } } {
  const control: { fail?: string; syncs: (() => void)[] } = { syncs: [] };
  const create = (at: string): RecordingFile => {
    const file = createRecordingFile(at, "process");
    return {
      ...file,
      append: (bytes, length) => {
        if (control.fail !== undefined) {
          file.append(bytes, 10);
          throw Object.assign(new Error(control.fail), { code: control.fail });
        }
        file.append(bytes, length);
      },
      sync: () => new Promise((resolve) => control.syncs.push(resolve)),
    };
  };
  return { create, control };
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-recording-"));
  path = join(directory, "rec-1.rec");
  now = 50;
  [chunks, failures, late, due] = [[], [], [], []];
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("what is recorded", () => {
  test("comes back in order, with its times", async () => {
    const recorder = await open();
    recorder.note("begin", 3, { kind: "shell", cols: 80, rows: 24, term: "xterm" });
    now += 1.25;
    recorder.output(3, "stdout", Buffer.from("hello"));
    recorder.note("input-omitted", 3, {});
    recorder.note("resize", 3, { cols: 100, rows: 30 });
    recorder.output(3, "stderr", Buffer.from([0, 255]));
    recorder.note("marker", 0, { text: "held" });
    recorder.note("file", 3, { path: "/tmp/a", direction: "up", bytes: 3, complete: true });
    recorder.note("end", 3, { status: 1 });
    await recorder.close("exit");
    const { frames, end } = await read(chunks);
    expect(frames).toEqual([
      {
        type: "open",
        channel: 0,
        timeUs: 0,
        body: { recording: "rec-1", session: "s-1", target: "web-1", principal: "ada", started: 1_700_000_000_000 },
      },
      { type: "begin", channel: 3, timeUs: 0, body: { kind: "shell", cols: 80, rows: 24, term: "xterm" } },
      { type: "stdout", channel: 3, timeUs: 1250, data: Buffer.from("hello") },
      { type: "input-omitted", channel: 3, timeUs: 1250, body: {} },
      { type: "resize", channel: 3, timeUs: 1250, body: { cols: 100, rows: 30 } },
      { type: "stderr", channel: 3, timeUs: 1250, data: Buffer.from([0, 255]) },
      { type: "marker", channel: 0, timeUs: 1250, body: { text: "held" } },
      { type: "file", channel: 3, timeUs: 1250, body: { path: "/tmp/a", direction: "up", bytes: 3, complete: true } },
      { type: "end", channel: 3, timeUs: 1250, body: { status: 1 } },
      { type: "close", channel: 0, timeUs: 1250, body: { reason: "exit" } },
    ]);
    expect(end).toMatchObject({ torn: false, closed: true, validLength: readFileSync(path).length });
  });

  test("is in the file, sealed, when output returns; the buffer may be reused", async () => {
    const recorder = await open();
    const buffer = Buffer.from("password: hunter2");
    recorder.output(1, "stdout", buffer);
    buffer.fill("x");
    const file = readFileSync(path);
    expect(file.includes("hunter2")).toBe(false);
    expect((await read()).frames.at(-1)).toMatchObject({ data: Buffer.from("password: hunter2") });
  });

  test("of any size comes back byte for byte, and the chunks cover every byte of the file", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 8 }), async (sizes) => {
        rmSync(path, { force: true });
        chunks = [];
        const recorder = await open();
        const sent = sizes.map((size) => systemRandom.bytes(size));
        for (const data of sent) recorder.output(1, "stdout", data);
        const closed = await recorder.close("exit");
        const { frames } = await read(chunks);
        expect(Buffer.concat(frames.filter(isOutput).map(({ data }) => data)).equals(Buffer.concat(sent))).toBe(true);
        const file = readFileSync(path);
        expect(closed).toEqual({ bytes: file.length, chunks: chunks.length });
        let offset = 0;
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk).toMatchObject({ index, offset, recording: "rec-1" });
          expect(chunk.length).toBeLessThanOrEqual(256 * 1024);
          expect(chunk.hash).toBe(
            createHash("sha256")
              .update(file.subarray(offset, offset + chunk.length))
              .digest("hex"),
          );
          offset += chunk.length;
        }
        expect(offset).toBe(file.length);
      }),
      { numRuns: 20 },
    );
  });

  test("becomes a chunk after a second, also when nothing follows", async () => {
    const recorder = await open();
    recorder.output(1, "stdout", Buffer.from("x"));
    pass(999);
    expect(chunks).toEqual([]);
    pass(1);
    expect(chunks).toMatchObject([{ index: 0, offset: 0, length: recorder.bytes }]);
    pass(5000);
    expect(chunks.length).toBe(1);
  });

  test("ends with its last frame, also when whoever gets a chunk closes it", async () => {
    let closing: Promise<unknown> | undefined;
    const recorder: Recorder = await open({
      onChunk: (chunk) => {
        chunks.push(chunk);
        closing ??= recorder.close("over budget");
      },
    });
    const shown: Buffer[] = [];
    expect(() => {
      for (let n = 0; ; n += 1) {
        const data = Buffer.alloc(50_000, n);
        recorder.output(1, "stdout", data);
        shown.push(data);
      }
    }).toThrow("it is closed");
    await closing;
    const { frames, end } = await read(chunks);
    expect(end).toMatchObject({ closed: true, torn: false });
    expect(Buffer.concat(frames.filter(isOutput).map(({ data }) => data)).equals(Buffer.concat(shown))).toBe(true);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(readFileSync(path).length);
  });

  test("is this file, for ever", async () => {
    const fixed = { bytes: (length: number) => Buffer.alloc(length, 5) };
    const recorder = await open({ random: fixed, keyWrap: aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), fixed) });
    now += 10;
    recorder.output(1, "stdout", Buffer.from("hello\r\n"));
    await recorder.close("exit");
    const file = readFileSync(path);
    expect(file.subarray(0, 8).toString("latin1")).toBe("SPREC\u0000\u0001\n");
    expect(createHash("sha256").update(file).digest("hex")).toBe("6f11734f3e4d606b853efd178c819791ff18094a8a9796f040e05289367c701f");
  });

  test("is never written over: a second recorder of the same file is refused", async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: "recording-unavailable" });
  });
});

describe("a write error", () => {
  test("refuses the output, ends the recording for good and leaves a whole file", async () => {
    const { create, control } = controlled();
    const recorder = await open({ createFile: create as NonNullable<typeof create> });
    recorder.output(1, "stdout", Buffer.from("shown"));
    control.fail = "ENOSPC";
    expect(() => recorder.output(1, "stdout", Buffer.from("not shown"))).toThrow(/disk is full/);
    delete control.fail;
    expect(() => recorder.output(1, "stdout", Buffer.from("later"))).toThrow(/recording cannot be written/i);
    expect(failures.map(({ code }) => code)).toEqual(["recording-unavailable"]);
    const { frames, end } = await read(chunks);
    expect(frames.filter(isOutput).map(({ data }) => data.toString())).toEqual(["shown"]);
    expect(end).toMatchObject({ torn: false, closed: false });
    expect(chunks.at(-1)).toMatchObject({ length: readFileSync(path).length });
  });

  test("at the very start is thrown, not announced", async () => {
    const { create, control } = controlled();
    control.fail = "EIO";
    await expect(open({ createFile: create as NonNullable<typeof create> })).rejects.toMatchObject({ code: "recording-unavailable" });
    expect(failures).toEqual([]);
  });
});

describe("mode power", () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("syncs soon after a write, says when it is late and when it has caught up", async () => {
    const { create, control } = controlled();
    const opening = open({ durability: "power", createFile: create as NonNullable<typeof create> });
    await settled();
    control.syncs.shift()?.();
    const recorder = await opening;
    expect(recorder.lagMs()).toBe(0);
    pass(25);
    expect(control.syncs.length).toBe(1);
    control.syncs.shift()?.();
    await settled();

    recorder.output(1, "stdout", Buffer.from("a"));
    pass(25);
    expect(recorder.lagMs()).toBe(25);
    expect(control.syncs.length).toBe(1);
    recorder.output(1, "stdout", Buffer.from("b"));
    pass(75);
    expect(late).toEqual([]);
    pass(1);
    expect(late).toEqual(["late 101"]);
    pass(50);
    expect(late.length).toBe(1);
    control.syncs.shift()?.();
    await settled();
    // "b" was written after that sync began: it is late too.
    expect(late.length).toBe(1);
    pass(0);
    control.syncs.shift()?.();
    await settled();
    expect(late).toEqual(["late 101", "caught up"]);
    expect(recorder.lagMs()).toBe(0);
  });

  test("ends the recording when a sync fails", async () => {
    const recorder = await open({
      durability: "power",
      createFile: (at) => {
        let syncs = 0;
        return {
          ...createRecordingFile(at, "process"),
          sync: () => ((syncs += 1) > 1 ? Promise.reject(new Error("EIO")) : Promise.resolve()),
        };
      },
    });
    pass(25);
    await settled();
    expect(failures.map(({ code }) => code)).toEqual(["recording-unavailable"]);
    expect(() => recorder.output(1, "stdout", Buffer.from("x"))).toThrow(/recording cannot be written/i);
  });
});

describe("reading", () => {
  async function recorded(): Promise<Buffer> {
    const recorder = await open();
    for (let i = 0; i < 5; i += 1) recorder.output(1, "stdout", Buffer.from(`line ${i}\n`));
    await recorder.close("exit");
    return readFileSync(path);
  }

  test("gives out nothing that was changed, wherever the bit is", async () => {
    const whole = await recorded();
    const copy = join(directory, "copy.rec");
    const { frames } = await read();
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(copy, changed);
      const seen = await read([], copy).catch((error: GateError) => error.code);
      const honest =
        typeof seen === "string"
          ? seen === "wrong-state"
          : seen.end?.torn === true && seen.frames.every((frame, i) => frames[i]?.timeUs === frame.timeUs);
      expect(honest, `bit flipped in byte ${at}`).toBe(true);
      await expect(read(chunks, copy)).rejects.toMatchObject({ code: "wrong-state" });
    }
  });

  test("goes on where the file ended, for as long as it is told that there is more", async () => {
    const recorder = await open();
    recorder.output(1, "stdout", Buffer.from("before"));
    const later = ["between", "after"];
    let asked = 0;
    const more = async (): Promise<boolean> => {
      asked += 1;
      // Also while a segment is only half written.
      if (asked === 1) appendFileSync(path, Buffer.of(0, 0));
      if (asked === 2) truncateSync(path, recorder.bytes);
      const line = asked > 1 ? later.shift() : "";
      if (line !== undefined && line !== "") recorder.output(1, "stdout", Buffer.from(line));
      return line !== undefined;
    };
    await using reader = await openReader(path, [keyWrap]);
    const said: string[] = [];
    for await (const frame of reader.frames([], more)) if (isOutput(frame)) said.push(frame.data.toString());
    expect(said).toEqual(["before", "between", "after"]);
    expect(asked).toBe(4);
    expect(reader.end).toMatchObject({ torn: false, closed: false, validLength: recorder.bytes });
  });

  test("is read in large blocks, however little each frame holds, and not run after where it grows", async () => {
    const recorder = await open();
    for (let count = 0; count < 2_000; count += 1) recorder.output(1, "stdout", Buffer.from("x"));
    await using reader = await openReader(path, [keyWrap]);
    await using probe = await openFile(path);
    const files = Object.getPrototypeOf(probe) as typeof probe;
    const readFile = Reflect.get(files, "read") as (...args: unknown[]) => unknown;
    using reading = vi.spyOn(files, "read").mockImplementation(function (this: typeof probe, ...args: unknown[]) {
      recorder.output(1, "stdout", Buffer.from("y"));
      return Reflect.apply(readFile, this, args) as never;
    });
    const { start } = recorder.recent;
    let frames = 0;
    for await (const { type } of reader.framesFrom(start ?? { offset: 0, index: 0 }, recorder.segments))
      frames += type === "stdout" ? 1 : 0;
    expect(frames).toBe(2_000);
    expect(reading.mock.calls.length).toBeLessThan(5);
  });

  test("stops where a segment was taken out or two were exchanged", async () => {
    const whole = await recorded();
    const start = whole.length - 3 * 42;
    const copy = join(directory, "copy.rec");
    writeFileSync(copy, Buffer.concat([whole.subarray(0, start), whole.subarray(start + 42)]));
    expect((await read([], copy)).end).toMatchObject({ torn: true });
  });

  test("needs the right key", async () => {
    await recorded();
    const other = aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 8)), systemRandom);
    await expect(openReader(path, [other])).rejects.toMatchObject({ code: "wrong-state" });
    await expect(openReader(`${path}x`, [keyWrap])).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("recovery", () => {
  const recover = (): ReturnType<typeof recoverRecording> =>
    recoverRecording({ path, recording: "rec-1", loggedLength: chunks.at(-1)?.length ?? 0, keys: [keyWrap], durability: "process" });

  test("binds what the log does not have yet, at every place a write can be cut", async () => {
    const recorder = await open();
    pass(1000);
    recorder.output(1, "stdout", Buffer.from("acknowledged"));
    const good = recorder.bytes;
    recorder.output(1, "stdout", Buffer.from("cut"));
    const whole = readFileSync(path);
    for (let length = whole.length; length > good; length -= 1) {
      truncateSync(path, length);
      const found = await recover();
      const kept = length === whole.length ? length : good;
      expect(found).toMatchObject({
        validLength: kept,
        torn: kept !== length,
        closed: false,
        offset: chunks[0]?.length,
        length: length - (chunks[0]?.length ?? 0),
      });
      expect(found.hash).toBe(createHash("sha256").update(whole.subarray(found.offset, length)).digest("hex"));
      expect(readFileSync(path).length).toBe(length);
    }
    expect(JSON.parse(readFileSync(recoveredPath(path), "utf8"))).toMatchObject({ recording: "rec-1", torn: true, validLength: good });
    expect(existsSync(join(directory, "rec-1.recovered"))).toBe(true);
  });

  test("of a file cut inside its header finds nothing, and says torn", async () => {
    await open();
    truncateSync(path, 20);
    expect(await recover()).toMatchObject({ validLength: 0, frames: 0, torn: true, offset: 0, length: 20 });
  });

  test("of a file shorter than its log is refused: that is no crash", async () => {
    await open();
    pass(1000);
    truncateSync(path, 30);
    await expect(recover()).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("marks garbage behind a closed recording", async () => {
    const recorder = await open();
    await recorder.close("exit");
    appendFileSync(path, "garbage");
    expect(await recover()).toMatchObject({ torn: true, closed: true, length: 7 });
  });
});
