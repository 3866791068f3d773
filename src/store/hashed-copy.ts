import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** Copies a file, synced and readable by its owner only, and hashes what it copied. The destination must not exist. */
export async function hashedCopy(from: string, to: string): Promise<{ bytes: number; sha256: string }> {
  await using file = await open(to, "wx", 0o600);
  const result = await hashFile(from, file);
  await file.sync();
  return result;
}

/** SHA-256 (hex) of a file; each piece also goes to `copy`. */
export async function hashFile(path: string, copy?: FileHandle): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    if (copy !== undefined) await copy.writeFile(chunk);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Makes the names in a folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
