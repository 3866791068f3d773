import { join } from "node:path";
import type { Durability } from "../durability.ts";
import { bodiesPath, encodeBodies, type StoredBody } from "./bodies.ts";
import { writeFileDurably } from "./durable-file.ts";
import { TILE_WIDTH } from "./tiles.ts";

/**
 * Writes the `bodies/` of a published directory from entry 0 on; what was there is replaced, so that an erasure since then
 * reaches the copy too. Returns how many were written. Memory: the bodies of 256 entries.
 */
export async function exportBodies(directory: string, bodies: AsyncIterable<StoredBody>, durability: Durability): Promise<number> {
  let count = 0;
  let bundle: StoredBody[] = [];
  const flush = async (): Promise<void> => {
    if (bundle.length === 0) return;
    const index = Math.floor((count - 1) / TILE_WIDTH);
    await writeFileDurably(join(directory, bodiesPath(index)), encodeBodies(bundle), durability);
    bundle = [];
  };
  for await (const stored of bodies) {
    bundle.push(stored);
    count += 1;
    if (bundle.length === TILE_WIDTH) await flush();
  }
  await flush();
  return count;
}
