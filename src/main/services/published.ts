import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PublishedLog } from "../../api/services.ts";
import { encodeBodies, type StoredBody } from "../../audit/log/bodies.ts";
import { TILE_WIDTH } from "../../audit/log/tiles.ts";
import type { LogSource } from "../../store/log-source.ts";

/** The published directory, and bodies from the store. Paths were checked for their form by the contract. */
export function publishedLog(published: string, recordings: string, source: LogSource): PublishedLog {
  const read = (path: string): Promise<Uint8Array | undefined> => readFile(path).catch(() => undefined);
  return {
    checkpoint: () => read(join(published, "checkpoint")),
    tile: (path) => read(join(published, "tile", path)),
    bodies: async (path) => {
      const from = indexOf(path) * TILE_WIDTH;
      const to = Math.min(from + TILE_WIDTH, source.size());
      if (from >= to) return undefined;
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

/** `x001/x234/067` → 1234067. A partial bundle's bodies are in one file with those that came since: its width says nothing. */
function indexOf(path: string): number {
  return Number(path.replace(/\.p\/.*$/, "").replaceAll(/[x/]/g, ""));
}
