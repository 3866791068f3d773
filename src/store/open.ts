/**
 * The store of one node: everything that must survive the process, in one SQLite file of the data directory.
 *
 * Owns: the data directory's lock, the schema, the one connection that writes (in a thread of its own) and the one that
 * reads, the secrets' encryption. Each port of the layers above has its SQL in a file of its own (`*-sql.ts`).
 * Never does: decide anything about access; publish or sign the log.
 * Invariants: a change, its events and their places in the log commit together or not at all; a promise resolves after
 * its commit is durable (mode `power`: synced to the disk); reads see every change acknowledged before them.
 */
import type { Kysely } from "kysely";
import type { AccessStore } from "../access/port.ts";
import type { Durability } from "../audit/durability.ts";
import { keyedDigest, type KeyedDigest } from "../audit/keyed-digest.ts";
import { aesKeyWrap, type KeyWrap } from "../audit/recording/key-wrap.ts";
import type { FactorStore } from "../identity/factors/port.ts";
import type { IdentityStore, SecretStore } from "../identity/port.ts";
import type { StatisticsStore } from "../audit/statistics.ts";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import type { Secret } from "../kernel/secret.ts";
import type { SessionRow, SessionStore } from "../session/port.ts";
import type { LockStore } from "../watch/lock.ts";
import { SqlAccessStore } from "./access-sql.ts";
import { dataPaths, requireDataDir, requireSameIdentity } from "./data-dir.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { SqlFactorStore } from "./factor-sql.ts";
import { SqlIdentityStore } from "./identity-sql.ts";
import { SqlLockStore } from "./lock-sql.ts";
import { checkLogEnd } from "./log-check.ts";
import { SqlLogSource, type LogSource } from "./log-source.ts";
import { SqlLog, type StoreLog } from "./log-sql.ts";
import { compileLogStatements } from "./log-statements.ts";
import { deriveKey, masterKeyId } from "./master-key.ts";
import { migrate } from "./migrations/migrate.ts";
import { endLostSessions, type LastEvents } from "./recover.ts";
import { SqlSecretStore } from "./secret-sql.ts";
import { SqlSessionStore } from "./session-sql.ts";
import { isStorageFailure } from "./sqlite/failure.ts";
import { SqlStatisticsStore } from "./statistics-sql.ts";
import { SqlSettingStore, type SettingStore } from "./setting-sql.ts";
import { openForReading, openForWriting } from "./sqlite/connection.ts";
import { kyselyOver, sqliteParts } from "./sqlite/kysely.ts";
import type { Tables } from "./tables.ts";
import { DiskReserve } from "./thread/disk-reserve.ts";
import { JOURNALED } from "./thread/group-commit.ts";
import { JournalFeed } from "./thread/journal-feed.ts";
import { Journal } from "./thread/journal.ts";
import type { JournalRecord, LogHead } from "./thread/messages.ts";
import { ThreadWriter } from "./thread/thread-writer.ts";
import type { Writer } from "./write.ts";

export interface StoreOptions {
  /** Created when missing, readable by its owner only. */
  readonly dataDir: string;
  /** Node and origin of the log; fixed at the first start. */
  readonly node: string;
  readonly origin: string;
  readonly durability: Durability;
  readonly masterKey: Secret<Buffer>;
  readonly clock: Clock;
  readonly random: Random;
  /** Free bytes below which only reserved writes are taken; 0: no reserve. */
  readonly diskReserveBytes: number;
}

export interface Store extends AsyncDisposable {
  readonly log: StoreLog;
  readonly logSource: LogSource;
  readonly access: AccessStore;
  readonly identity: IdentityStore;
  readonly factors: FactorStore;
  readonly secrets: SecretStore;
  readonly locks: LockStore;
  readonly sessions: SessionStore;
  readonly settings: SettingStore;
  readonly statistics: StatisticsStore;
  /** Wraps the data keys of recordings, under a key derived from the master key. */
  readonly keyWrap: KeyWrap;
  /** Of what is withheld from the log. */
  readonly digest: KeyedDigest;
  /** Ends, as `lost`, the sessions that were live when the gate went down; to be called once, before the first new one. */
  recoverSessions(lastEvents: LastEvents): Promise<readonly SessionRow[]>;
}

/** For backup and restore, which work on the tables themselves. */
export interface SqlStore extends Store {
  readonly db: Kysely<Tables>;
  readonly writer: Writer;
}

/** Throws `data-dir-locked`, `store-unavailable`, `store-newer`, `log-damaged`, `bad-master-key`, `bad-config`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  return openSqlStore(options);
}

export async function openSqlStore(options: StoreOptions): Promise<SqlStore> {
  try {
    return await openParts(options);
  } catch (error) {
    if (error instanceof GateError || !(error instanceof Error)) throw error;
    // The disk, a file on it, or their permissions: told as such, with what the system says, which names files and never contents.
    const why = isStorageFailure(error) || "syscall" in error ? error.message : undefined;
    if (why === undefined) throw error;
    throw new GateError("store-unavailable", `"${options.dataDir}" cannot be opened for writing: ${why}`, { cause: error });
  }
}

async function openParts(options: StoreOptions): Promise<SqlStore> {
  const { dataDir, node, origin, clock, random, masterKey, durability, diskReserveBytes } = options;
  await requireDataDir(dataDir);
  await using opened = new AsyncDisposableStack();
  opened.use(lockDataDir(dataDir));
  const path = dataPaths(dataDir).database;
  const { head, journaled } = await prepare(path, options);
  const reading = openForReading(path);
  opened.defer(() => reading.close());
  const db = kyselyOver(reading);
  const sql = compileLogStatements(db, sqliteParts.words);
  const { journal, records } = Journal.open(dataPaths(dataDir).journal, origin);
  const left = notInTheLog(records, journaled);
  // A power failure in mode `process` may have taken from the log what it left of the journal.
  const start = left[0] === undefined ? journaled : left[0].number - 1;
  const writer = await ThreadWriter.start({ path, dataDir, node, durability, diskReserveBytes, head, journaled: start, sql }, clock);
  const disk = new DiskReserve({ dataDir, reserveBytes: diskReserveBytes, elapsed: () => clock.elapsed(), filler: Buffer.alloc(0) });
  const ordinaryAllowed = (): boolean => disk.ordinaryAllowed();
  const feed = new JournalFeed({ journal, isDurable: durability === "process", writer, journaled: start, ordinaryAllowed, clock });
  opened.defer(() => feed.close());
  opened.defer(() => writer.close());
  await feed.replay(left);
  const log = new SqlLog(db, writer, feed, sqliteParts.words, clock);
  const everything = opened.move();
  return {
    log,
    logSource: new SqlLogSource(db, () => log.head().size),
    access: new SqlAccessStore(db, writer),
    identity: new SqlIdentityStore(db, writer),
    factors: new SqlFactorStore(db, writer),
    secrets: new SqlSecretStore(db, writer, masterKey, random),
    locks: new SqlLockStore(db, writer),
    sessions: new SqlSessionStore(db, writer),
    settings: new SqlSettingStore(db, writer),
    statistics: new SqlStatisticsStore(db, sqliteParts, async () => void (await feed.settled())),
    digest: keyedDigest(deriveKey(masterKey, "digests")),
    keyWrap: aesKeyWrap(masterKeyId(masterKey), deriveKey(masterKey, "recordings"), random),
    recoverSessions: (lastEvents) => endLostSessions(db, writer, log.head().lastTime, clock, lastEvents),
    db,
    writer,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** What is done before the writer starts: the schema, whose directory this is, whether the log's end is whole. */
async function prepare(
  path: string,
  { durability, clock, node, origin, masterKey }: StoreOptions,
): Promise<{ head: LogHead; journaled: number }> {
  const writing = openForWriting(path, durability);
  try {
    const db = kyselyOver(writing);
    await migrate(db, sqliteParts, clock.now());
    await requireSameIdentity(db, { node, origin, masterKeyId: masterKeyId(masterKey) });
    const setting = await db.selectFrom("settings").select("doc").where("name", "=", JOURNALED).executeTakeFirst();
    return { head: await checkLogEnd(db, node), journaled: Number(setting?.doc ?? 0) };
  } finally {
    writing.close();
  }
}

function notInTheLog(records: readonly string[], journaled: number): readonly JournalRecord[] {
  return records.map((record) => JSON.parse(record) as JournalRecord).filter(({ number }) => number > journaled);
}
