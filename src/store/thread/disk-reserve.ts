import { closeSync, fsyncSync, fstatSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * Keeps room for those who must be able to act when the disk is nearly full: below `reserveBytes` free, only reserved
 * writes go on; when there is no room at all, a ballast file is given up for them. It grows back once space returns.
 */
const LOOK_AGAIN_MS = 250;
const STEP_BYTES = 1024 * 1024;
const BALLAST_MAX_BYTES = 64 * STEP_BYTES;

export interface DiskReserveSettings {
  readonly dataDir: string;
  /** 0: no reserve and no ballast. */
  readonly reserveBytes: number;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  /** Bytes of which not even a file system that compresses makes less. */
  readonly filler: Buffer;
}

function ballastBytes(reserveBytes: number): number {
  return Math.min(BALLAST_MAX_BYTES, Math.floor(reserveBytes / 4));
}

export class DiskReserve {
  readonly #settings: DiskReserveSettings;
  readonly #path: string;
  #lookedAt = -Infinity;
  #free = 0;

  constructor(settings: DiskReserveSettings) {
    this.#settings = settings;
    this.#path = join(settings.dataDir, "ballast");
  }

  ordinaryAllowed(): boolean {
    return this.#settings.reserveBytes === 0 || this.#freeBytes() >= this.#settings.reserveBytes;
  }

  /** True when there was a ballast to give up. */
  releaseBallast(): boolean {
    this.#lookedAt = -Infinity;
    try {
      rmSync(this.#path);
      return true;
    } catch {
      return false;
    }
  }

  /** Adds one step to the ballast where there is room for it; called while the writer is idle. True: call again. */
  tendBallast(): boolean {
    const wanted = ballastBytes(this.#settings.reserveBytes);
    if (wanted === 0 || this.#freeBytes() < this.#settings.reserveBytes + 2 * STEP_BYTES) return false;
    try {
      const file = openSync(this.#path, "a", 0o600);
      try {
        const missing = wanted - fstatSync(file).size;
        if (missing > 0) writeSync(file, this.#settings.filler, 0, Math.min(missing, this.#settings.filler.length));
        if (missing > 0) fsyncSync(file);
        return missing > this.#settings.filler.length;
      } finally {
        closeSync(file);
      }
    } catch {
      return false;
    }
  }

  #freeBytes(): number {
    const now = this.#settings.elapsed();
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return this.#free;
    this.#lookedAt = now;
    try {
      const { bavail, bsize } = statfsSync(this.#settings.dataDir);
      this.#free = bavail * bsize;
    } catch {
      // Fails closed: a disk that cannot be asked has no room.
      this.#free = 0;
    }
    return this.#free;
  }
}
