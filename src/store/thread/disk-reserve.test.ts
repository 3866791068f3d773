import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskReserve } from "./disk-reserve.ts";

const MIB = 1024 * 1024;
let dataDir: string;
let now = 0;
beforeEach(() => {
  now = 0;
  dataDir = mkdtempSync(join(tmpdir(), "sallyport-disk-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function reserve(reserveBytes: number, path = dataDir): DiskReserve {
  return new DiskReserve({ dataDir: path, reserveBytes, elapsed: () => now, filler: Buffer.alloc(MIB, 1) });
}

test("ordinary writes go on while more than the reserve is free", () => {
  const { bavail, bsize } = statfsSync(dataDir);
  expect(reserve(1).ordinaryAllowed()).toBe(true);
  expect(reserve(bavail * bsize * 2).ordinaryAllowed()).toBe(false);
});

test("without a reserve the disk is not asked; a disk that cannot be asked has no room", () => {
  expect(reserve(0, "/nowhere").ordinaryAllowed()).toBe(true);
  expect(reserve(1, "/nowhere").ordinaryAllowed()).toBe(false);
});

test("what the disk said holds for 250 ms", () => {
  const folder = join(dataDir, "inner");
  const disk = reserve(1, folder);
  expect(disk.ordinaryAllowed()).toBe(false);
  const allowedAt = (time: number): boolean => {
    now = time;
    return disk.ordinaryAllowed();
  };
  mkdirSync(folder);
  expect([allowedAt(249), allowedAt(250)]).toEqual([false, true]);
});

test("the ballast grows step by step, is given up once, and grows again", () => {
  const disk = reserve(10 * MIB);
  const size = (): number => statSync(join(dataDir, "ballast")).size;
  expect(disk.tendBallast()).toBe(true);
  expect(size()).toBe(MIB);
  while (disk.tendBallast()) expect(size()).toBeLessThanOrEqual(2.5 * MIB);
  expect(size()).toBe(2.5 * MIB);
  expect(disk.releaseBallast()).toBe(true);
  expect(readdirSync(dataDir)).toEqual([]);
  expect(disk.releaseBallast()).toBe(false);
  expect(disk.tendBallast()).toBe(true);
});
