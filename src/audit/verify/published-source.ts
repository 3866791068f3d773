import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bodiesPath, parseBodies, type StoredBody } from "../log/bodies.ts";
import { parseBundle, TILE_WIDTH, tilePath } from "../log/tiles.ts";
import { readAt } from "../recording/reader.ts";
import type { LogSource, RecordingBytes, RecordingSource } from "./log-source.ts";

const EXTENSION = ".rec";

/** A published directory (docs/formats/log.md). Bodies and recordings are part of it if their folders exist. */
export async function openPublished(directory: string): Promise<LogSource> {
  const names = await readdir(directory);
  const bodies = names.includes("bodies") ? { body: bodiesOf(directory) } : {};
  const recordings = names.includes("recordings") ? { recordings: recordingsOf(join(directory, "recordings")) } : {};
  return {
    checkpoint: async () => (await readIfThere(join(directory, "checkpoint")))?.toString("utf8"),
    entries: (from, to) => entriesOf(directory, from, to),
    tile: (id) => readIfThere(join(directory, tilePath(id))),
    ...bodies,
    ...recordings,
  };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

async function* entriesOf(directory: string, from: number, to: number): AsyncGenerator<Buffer> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1) {
    const start = index * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, to - start);
    // A partial bundle may have been replaced by the full one since.
    const bytes =
      (await readIfThere(join(directory, tilePath({ level: "entries", index, width })))) ??
      (await readIfThere(join(directory, tilePath({ level: "entries", index, width: TILE_WIDTH }))));
    const entries = bytes && parseBundle(bytes);
    if (!entries || entries.length < width) return;
    yield* entries.slice(Math.max(0, from - start), width);
  }
}

/** Bodies are asked for in order: one file is kept at a time. */
function bodiesOf(directory: string): (seq: number) => Promise<StoredBody | "missing"> {
  let [loaded, bodies]: [number, StoredBody[]] = [-1, []];
  return async (seq) => {
    const index = Math.floor(seq / TILE_WIDTH);
    if (index !== loaded) {
      bodies = parseBodies((await readIfThere(join(directory, bodiesPath(index)))) ?? Buffer.alloc(0));
      loaded = index;
    }
    return bodies[seq % TILE_WIDTH] ?? "missing";
  };
}

/** Recordings in a folder of `<id>.rec` files: of a published directory, or of a gate's data directory. */
export function recordingsOf(folder: string): RecordingSource {
  return {
    async *list() {
      for (const name of await readdir(folder)) if (name.endsWith(EXTENSION)) yield name.slice(0, -EXTENSION.length);
    },
    open: (id) => openBytes(join(folder, `${id}${EXTENSION}`)),
  };
}

async function openBytes(path: string): Promise<RecordingBytes | undefined> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return undefined;
  const { size } = await file.stat();
  return { size, read: (offset, length) => readAt(file, offset, length), [Symbol.asyncDispose]: () => file.close() };
}
