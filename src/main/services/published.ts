import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PublishedLog } from "../../api/services/record.ts";
import { encodeBodies, type StoredBody } from "../../audit/log/bodies.ts";
import { parseBundle, TILE_WIDTH, tilePath } from "../../audit/log/tiles.ts";
import { GateError } from "../../kernel/errors.ts";
import type { LogSource } from "../../store/log-source.ts";

/**
 * The published directory, and bodies from the store. Paths were checked for their form by the contract. Whoever asks for
 * bodies verifies: what the store searches and shows is held against what was published, since nothing else of it is.
 */
export function publishedLog(published: string, recordings: string, source: LogSource): PublishedLog {
  const read = (path: string): Promise<Uint8Array | undefined> => readFile(path).catch(() => undefined);
  return {
    checkpoint: () => read(join(published, "checkpoint")),
    tile: (path) => read(join(published, "tile", path)),
    bodies: async (path) => {
      const from = indexOf(path) * TILE_WIDTH;
      const to = Math.min(from + TILE_WIDTH, source.size());
      if (from >= to) return undefined;
      const bundle = await publishedBundle(published, from / TILE_WIDTH);
      await source.requireRows(from, to, (seq, envelope) => {
        if (bundle[seq - from]?.equals(envelope) === false) {
          throw new GateError("log-damaged", `entry ${seq} of the database is not the one that was published`);
        }
      });
      const bodies: StoredBody[] = [];
      for await (const body of source.bodies(from, to)) bodies.push(body);
      return encodeBodies(bodies);
    },
    recording: async (file) => {
      const path = join(recordings, file);
      const known = await stat(path).catch(() => undefined);
      return known?.isFile() === true ? createReadStream(path) : undefined;
    },
  };
}

/** The entries of a bundle, as far as they are published. */
async function publishedBundle(published: string, index: number): Promise<readonly Buffer[]> {
  const full = join(published, tilePath({ level: "entries", index, width: TILE_WIDTH }));
  const widths = await readdir(`${full}.p`).catch((): string[] => []);
  const widest = Math.max(0, ...widths.map(Number).filter(Number.isInteger));
  const bytes = await readFile(full).catch(() => readFile(join(`${full}.p`, String(widest))).catch(() => Buffer.alloc(0)));
  return parseBundle(bytes) ?? [];
}

/** `x001/x234/067` → 1234067. A partial bundle's bodies are in one file with those that came since: its width says nothing. */
function indexOf(path: string): number {
  return Number(path.replace(/\.p\/.*$/, "").replaceAll(/[x/]/g, ""));
}
