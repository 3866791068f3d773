/**
 * A backup: a folder with the database as it stood at one moment, the recordings, and a manifest with every file's hash.
 *
 * Taken while the gate runs. The database is copied in one step, so the log in it ends at a commit; recordings are copied
 * after it, so they hold at least what that log says of them. What is published is not in it: it follows from the log.
 * Secrets in it stay sealed under the master key, which is not in it. The backup is checked before it counts as made.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { MANIFEST, RECORDING_NAME, type BackupManifest } from "./backup-manifest.ts";
import { dataPaths, findIdentity } from "./data-dir.ts";
import { hashedCopy, hashFile, syncFolder } from "./hashed-copy.ts";
import { checkLogEnd } from "./log-check.ts";
import { SqlLogSource } from "./log-source.ts";
import type { StoreLog } from "./log-sql.ts";
import { openForReading } from "./sqlite/connection.ts";
import { kyselyOver } from "./sqlite/kysely.ts";

/** Pages of one step: all, so that no commit comes between two steps and starts the copy again. */
const ALL_PAGES = 2 ** 31 - 1;

export interface BackupOptions {
  readonly log: StoreLog;
  readonly dataDir: string;
  /** A folder that does not exist yet; its parent does. */
  readonly to: string;
  readonly principal: PrincipalName;
  readonly clock: Clock;
}

/** Throws `already-exists`; any other failure leaves no folder behind. Logs `backup.made`. */
export async function makeBackup({ log, dataDir, to, principal, clock }: BackupOptions): Promise<BackupManifest> {
  if (await exists(to)) throw new GateError("already-exists", `"${to}"`);
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    await mkdir(join(partial, "recordings"), { recursive: true, mode: 0o700 });
    const { database, recordings } = dataPaths(dataDir);
    // What is in the journal only enters the database first.
    await log.append([]);
    const copied = dataPaths(partial);
    await copyDatabase(database, copied.database);
    const head = await readHead(copied.database);
    const files = [{ path: "sallyport.db", ...(await hashFile(copied.database)) }];
    for (const name of await recordingNames(recordings)) {
      files.push({ path: `recordings/${name}`, ...(await hashedCopy(join(recordings, name), join(copied.recordings, name))) });
    }
    const manifest: BackupManifest = { format: 1, ...head, createdAt: clock.now(), files };
    await writeFile(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    for (const folder of [join(partial, "recordings"), partial]) await syncFolder(folder);
    // No record, no backup: the event is durable before the backup has its name.
    await log.append([{ kind: "backup.made", principal, body: { size: head.size, root: head.root } }]);
    await rename(partial, to);
    await syncFolder(dirname(to));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** One consistent copy without a write-ahead log beside it. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const source = openForReading(from);
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    copy.exec("pragma journal_mode = delete");
  } finally {
    copy.close();
  }
}

async function readHead(path: string): Promise<Pick<BackupManifest, "node" | "origin" | "size" | "root" | "lastTime">> {
  const reading = openForReading(path);
  try {
    const db = kyselyOver(reading);
    const identity = await findIdentity(db);
    if (identity === undefined) throw new GateError("bad-backup", "the database does not say whose it is");
    const { node, origin } = identity;
    const { size, lastTime } = await checkLogEnd(db, node);
    const root = await new SqlLogSource(db, () => size).root(size);
    return { node, origin, size, root: root.toString("base64"), lastTime };
  } finally {
    reading.close();
  }
}

/** Files as recordings are named; what else somebody put there is not the gate's. */
async function recordingNames(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && RECORDING_NAME.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
