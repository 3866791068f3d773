/** The log of a running gate, to be verified from here: its tiles, bundles, bodies and recordings over the API. Everything is untrusted. */
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readAt } from "../audit/recording/reader.ts";
import { GateError } from "../kernel/errors.ts";
import { bodiesPath, parseBodies, type StoredBody } from "../audit/log/bodies.ts";
import { parseCheckpoint } from "../audit/log/checkpoint.ts";
import { HASH_BYTES } from "../audit/log/merkle.ts";
import { encodeBundle, parseBundle, TILE_WIDTH, tilePath, type TileId } from "../audit/log/tiles.ts";
import type { LogSource, RecordingBytes } from "../audit/verify/log-source.ts";
import type { Client } from "../contract/client.ts";

/**
 * `head`: the checkpoint to verify; one for the whole run, since the log grows while it is read.
 * `whole`: also bodies and recordings, which need audit.export.
 */
export function openGateLog(client: Client, head: string | undefined, whole: boolean): LogSource {
  const size = (head === undefined ? undefined : parseCheckpoint(head))?.size ?? 0;
  const tile = async (id: TileId): Promise<Buffer | undefined> => await orMissing(fetchTile(client, id));
  // The gate does not list its files; those the log names are all fetched.
  const recordings = { list: noNames, open: openRecordings(client) };
  return {
    checkpoint: () => Promise.resolve(head),
    entries: (from, to) => entriesOf(tile, from, to),
    tile,
    ...(whole && { body: bodiesOf(client, size), recordings }),
  };
}

type Fetch = (id: TileId) => Promise<Buffer | undefined>;

async function* entriesOf(tile: Fetch, from: number, to: number): AsyncGenerator<Buffer> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    const start = index * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, to - start);
    const bytes = await tile({ level: "entries", index, width });
    const entries = bytes && parseBundle(bytes);
    if (!entries || entries.length < width) return;
    yield* entries.slice(Math.max(0, from - start), width);
  }
}

/**
 * A tile or bundle of exactly this width. While somebody reads the gate goes on, and a partial tile goes away once the full
 * one is there, which begins with it. Throws `not-found`.
 */
export async function fetchTile(client: Client, id: TileId): Promise<Buffer> {
  const fetched = ({ level, index, width }: TileId): Promise<Buffer> =>
    client.call("audit.tile", { params: { "*": tilePath({ level, index, width }).replace(/^tile\//, "") } });
  if (id.width === TILE_WIDTH) return await fetched(id);
  const partial = await orMissing(fetched(id));
  if (partial) return partial;
  const full = await fetched({ ...id, width: TILE_WIDTH });
  if (id.level !== "entries") return full.subarray(0, id.width * HASH_BYTES);
  // Untrusted: what is no bundle is handed on as it is, for the verifier to say so.
  const entries = parseBundle(full);
  return entries ? encodeBundle(entries.slice(0, id.width)) : full;
}

type Body = StoredBody | "missing" | { readonly damaged: string };

/** Bodies are asked for in order: one bundle's are kept at a time. */
function bodiesOf(client: Client, size: number): (seq: number) => Promise<Body> {
  let [loaded, bodies]: [number, (place: number) => Body] = [-1, () => "missing"];
  return async (seq) => {
    const index = Math.floor(seq / TILE_WIDTH);
    if (index !== loaded) {
      bodies = await fetchBodies(client, index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
      loaded = index;
    }
    return bodies(seq % TILE_WIDTH);
  };
}

async function fetchBodies(client: Client, index: number, width: number): Promise<(place: number) => Body> {
  try {
    const bytes = await orMissing(client.call("audit.bodies", { params: { "*": bodiesName(index, width) } }));
    const bodies = parseBodies(bytes ?? Buffer.alloc(0));
    return (place) => bodies[place] ?? "missing";
  } catch (error) {
    if (!(error instanceof GateError) || error.code !== "log-damaged") throw error;
    const damaged = error.detail ?? error.message;
    return () => ({ damaged });
  }
}

function bodiesName(index: number, width: number): string {
  return bodiesPath(index).replace(/^bodies\//, "") + (width < TILE_WIDTH ? `.p/${width}` : "");
}

export async function fetchCheckpoint(client: Client): Promise<string | undefined> {
  return (await orMissing(client.call("audit.checkpoint")))?.toString("utf8");
}

/** How long a gate may take to sign a head over what is in its log. */
const HEAD_TRIES = 40;
const HEAD_EVERY_MS = 250;

/**
 * A head that covers every erasure, when one came after the head of this size: bodies are read as they are now, and what was
 * erased since is missing without a reason in a log that ends before the reason. `undefined`: nothing was erased since.
 */
export async function headBeyondErasures(client: Client, size: number): Promise<string | undefined> {
  const { events } = await client.call("audit.search", { query: { kinds: ["audit.erased"], order: "desc", limit: 1 } });
  const last = events[0]?.seq ?? -1;
  if (last < size) return undefined;
  for (let tries = 0; tries < HEAD_TRIES; tries += 1) {
    const head = await fetchCheckpoint(client);
    if (head !== undefined && (parseCheckpoint(head)?.size ?? 0) > last) return head;
    await sleep(HEAD_EVERY_MS);
  }
  throw new GateError("timeout", "the gate signs no head over its latest entries");
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
