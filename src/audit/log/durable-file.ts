import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Durability } from "../durability.ts";

/** Makes the names in a directory survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Creates a directory and what is missing above it. */
export async function makeDirectory(path: string, durability: Durability): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined || durability === "process") return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncDirectory(dirname(at));
}

/**
 * Puts `bytes` at `path`, whole or not at all: temporary name, data, sync, rename, sync of the directory. With durability
 * `process` the syncs are left out. The directory is created.
 */
export async function writeFileDurably(path: string, bytes: Uint8Array, durability: Durability): Promise<void> {
  await makeDirectory(dirname(path), durability);
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(bytes);
    if (durability === "power") await file.datasync();
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  if (durability === "power") await syncDirectory(dirname(path));
}
