/** The log of a running gate, to be verified from here: its tiles, bundles, bodies and recordings over the API. Everything is untrusted. */
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAt } from "../audit/recording/reader.ts";
import { GateError } from "../kernel/errors.ts";
import { bodiesPath, parseBodies, type StoredBody } from "../audit/log/bodies.ts";
import { parseCheckpoint } from "../audit/log/checkpoint.ts";
import { parseBundle, TILE_WIDTH, tilePath } from "../audit/log/tiles.ts";
import type { LogSource, RecordingBytes } from "../audit/verify/log-source.ts";
import type { Client } from "../contract/client.ts";

/**
 * `head`: the checkpoint to verify; one for the whole run, since the log grows while it is read.
 * `whole`: also bodies and recordings, which need audit.export.
 */
export function openGateLog(client: Client, head: string | undefined, whole: boolean): LogSource {
  const size = (head === undefined ? undefined : parseCheckpoint(head))?.size ?? 0;
  const tile = async (path: string): Promise<Buffer | undefined> =>
    await orMissing(client.call("audit.tile", { params: { "*": path.replace(/^tile\//, "") } }));
  // The gate does not list its files; those the log names are all fetched.
  const recordings = { list: noNames, open: openRecordings(client) };
  return {
    checkpoint: () => Promise.resolve(head),
    entries: (from, to) => entriesOf(tile, from, to),
    tile: async (id) => await tile(tilePath(id)),
    ...(whole && { body: bodiesOf(client, size), recordings }),
  };
}

type Fetch = (path: string) => Promise<Buffer | undefined>;

async function* entriesOf(tile: Fetch, from: number, to: number): AsyncGenerator<Buffer> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    const start = index * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, to - start);
    // While this runs the gate goes on: a partial bundle may have become a full one.
    const bytes =
      (await tile(tilePath({ level: "entries", index, width }))) ?? (await tile(tilePath({ level: "entries", index, width: TILE_WIDTH })));
    const entries = bytes && parseBundle(bytes);
    if (!entries || entries.length < width) return;
    yield* entries.slice(Math.max(0, from - start), width);
  }
}

/** Bodies are asked for in order: one bundle's are kept at a time. */
function bodiesOf(client: Client, size: number): (seq: number) => Promise<StoredBody | "missing"> {
  let [loaded, bodies]: [number, StoredBody[]] = [-1, []];
  return async (seq) => {
    const index = Math.floor(seq / TILE_WIDTH);
    if (index !== loaded) {
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
      const bytes = await orMissing(client.call("audit.bodies", { params: { "*": bodiesName(index, width) } }));
      bodies = parseBodies(bytes ?? Buffer.alloc(0));
      loaded = index;
    }
    return bodies[seq % TILE_WIDTH] ?? "missing";
  };
}

function bodiesName(index: number, width: number): string {
  return bodiesPath(index).replace(/^bodies\//, "") + (width < TILE_WIDTH ? `.p/${width}` : "");
}

export async function fetchCheckpoint(client: Client): Promise<string | undefined> {
  return (await orMissing(client.call("audit.checkpoint")))?.toString("utf8");
}

async function* noNames(): AsyncGenerator<string> {}

/** Chunks of sessions that ran side by side alternate in the log: the files of this many are kept at hand. */
const KEPT_FILES = 16;

/** Recordings are fetched into nameless files, since they may be larger than memory. Their bytes are sealed as they come. */
function openRecordings(client: Client): (id: string) => Promise<RecordingBytes | undefined> {
  const sizes = new Map<string, number>();
  const kept = new Map<string, FileHandle>();
  const fetched = async (id: string): Promise<FileHandle | undefined> => {
    const file = kept.get(id) ?? (await fetchRecording(client, id));
    if (!file) return undefined;
    kept.delete(id);
    kept.set(id, file);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_FILES && oldest !== undefined) {
      await kept.get(oldest)?.close();
      kept.delete(oldest);
    }
    return file;
  };
  return async (id) => {
    const size = sizes.get(id) ?? (await (await fetched(id))?.stat())?.size;
    if (size === undefined) return undefined;
    sizes.set(id, size);
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const file = await fetched(id);
      return file ? await readAt(file, offset, length) : Buffer.alloc(0);
    };
    return { size, read, [Symbol.asyncDispose]: () => Promise.resolve() };
  };
}

async function fetchRecording(client: Client, id: string): Promise<FileHandle | undefined> {
  const bytes = await orMissing(client.call("audit.recording", { params: { file: `${id}.rec` } }));
  if (!bytes) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "sallyport-verify-"));
  const file = await open(join(folder, "recording"), "wx+", 0o600);
  // Without a name, nothing is left behind however this run ends.
  await rm(folder, { recursive: true });
  let at = 0;
  for await (const part of bytes) at += (await file.write(part, 0, part.length, at)).bytesWritten;
  return file;
}

async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GateError && error.code === "not-found") return undefined;
    throw error;
  }
}
