import { statfsSync } from "node:fs";

/** Bytes that an ordinary process may still write where `path` is; 0 where it cannot be asked. */
export function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // Fails closed: a disk that cannot be asked has no room.
    return 0;
  }
}
