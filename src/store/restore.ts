/**
 * Restoring a backup: a data directory in which nobody holds anything any more.
 *
 * Invariants: nothing that was ended, revoked or used since the backup comes back to life: every active grant, pending
 * request, token, live session and password reset of the backup is ended in the same commit that locks the gate and logs
 * `backup.restored`; the directory gets its name only after that commit. What cannot be known — users disabled and keys
 * removed since — is why the gate is locked until an owner has looked.
 */
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import type { Secret } from "../kernel/secret.ts";
import { readManifest, type BackupManifest } from "./backup-manifest.ts";
import { dataPaths } from "./data-dir.ts";
import { describeGap, type AnchoredHead } from "./gap.ts";
import { hashedCopy, syncFolder } from "./hashed-copy.ts";
import { openSqlStore, type Store } from "./open.ts";
import type { LastEvents } from "./recover.ts";
import { endEverything, type EndedCounts } from "./restore-ending.ts";

export interface RestoreOptions {
  readonly from: string;
  /** Absent or empty. */
  readonly dataDir: string;
  readonly masterKey: Secret<Buffer>;
  readonly clock: Clock;
  readonly random: Random;
  /** The longest log an anchor has seen. What it says only describes the gap: nothing is decided by it. */
  readonly anchor?: AnchoredHead;
  /** Secrets that end with the lost history: what signed it must not sign another one of the same positions. */
  readonly forget: readonly string[];
  /** For sessions that were live when the backup was made; `recordings` is where theirs are. */
  readonly lastEvents: (store: Store, recordings: string) => LastEvents;
}

export interface Restored extends EndedCounts {
  readonly origin: string;
  readonly size: number;
  /** base64 */
  readonly root: string;
  /** What the log lacks against the anchor, in words; also in the event `backup.restored`. */
  readonly gap: string;
}

/** Throws `already-exists`, `bad-backup`, `bad-master-key`; then `dataDir` is as it was. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const dataDir = resolve(options.dataDir);
  const manifest = await readManifest(options.from);
  await requireEmpty(dataDir);
  const staging = `${dataDir}.restoring`;
  await rm(staging, { recursive: true, force: true });
  try {
    await copyChecked(options.from, staging, manifest);
    const restored = await endAll(staging, manifest, options);
    await syncFolder(staging);
    await rmdir(dataDir).catch(() => {});
    await rename(staging, dataDir);
    await syncFolder(dirname(dataDir));
    return restored;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

async function copyChecked(from: string, to: string, { files }: BackupManifest): Promise<void> {
  await mkdir(join(to, "recordings"), { recursive: true, mode: 0o700 });
  for (const { path, bytes, sha256 } of files) {
    const copied = await hashedCopy(join(from, path), join(to, path)).catch((cause: unknown) => {
      throw new GateError("bad-backup", `"${path}" cannot be copied`, { cause });
    });
    if (copied.bytes !== bytes || copied.sha256 !== sha256) throw new GateError("bad-backup", `"${path}" is not as it was backed up`);
  }
  await syncFolder(join(to, "recordings"));
}

async function endAll(staging: string, manifest: BackupManifest, options: RestoreOptions): Promise<Restored> {
  const { masterKey, clock, random, anchor, forget } = options;
  const { node, origin } = manifest;
  const place = { dataDir: staging, node, origin, durability: "power", diskReserveBytes: 0 } as const;
  await using store = await openSqlStore({ ...place, masterKey, clock, random });
  const { size, lastTime } = store.log.head();
  const root = (await store.logSource.root(size)).toString("base64");
  if (size !== manifest.size || root !== manifest.root)
    throw new GateError("bad-backup", "the log in it is not the one its manifest names");
  const gap = await describeGap(store.logSource, lastTime, anchor);
  const lastEvents = options.lastEvents(store, dataPaths(staging).recordings);
  const ended = await endEverything(store, { size, root, gap }, { forget, lastEvents, clock, random });
  return { origin, size, root, gap, ...ended };
}

async function requireEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length > 0) throw new GateError("already-exists", `"${dataDir}" is not empty`);
}
