/**
 * The sequencer of this node: gives every event its place in the log and commits it with the state it belongs to.
 *
 * Owns: sequence numbers, times, sealing, the transaction. Runs in the writer's thread, on the only writing connection.
 * Never does: reading for callers, waiting, deciding who may write (but see DiskReserve).
 * Invariants: events and writes of a batch are in the same transaction; a refused batch leaves no trace and does not
 * disturb its neighbours; `seq` has no gaps; `time` never decreases; records of the journal enter in its order, each once;
 * after a failed transaction the counters stand where the disk stands.
 */
import type { DatabaseSync } from "node:sqlite";
import { sealEvent, SALT_BYTES, type SealedEvent } from "../../audit/log/envelope.ts";
import { Frontier, leafHash } from "../../audit/log/merkle.ts";
import { GateError, type ErrorCode } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { bodyText } from "../body-text.ts";
import { bindable, Statements } from "../sqlite/connection.ts";
import { isConstraint, isStorageFailure, mayBeFull } from "../sqlite/failure.ts";
import type { DiskReserve } from "./disk-reserve.ts";
import type { Answer, LogHead, LogSql, NumberedBatch } from "./messages.ts";

export const TILE_LEAVES = 256;
const SALTS = 128;
/** The setting that says which record of the journal was the last to enter the log. */
export const JOURNALED = "store.journaled";

export interface GroupCommitSettings {
  readonly node: string;
  readonly head: LogHead;
  /** Number of the last record of the journal that is in the log. */
  readonly journaled: number;
  readonly sql: LogSql;
}

export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #settings: GroupCommitSettings;
  readonly #disk: Pick<DiskReserve, "ordinaryAllowed" | "releaseBallast">;
  readonly #random: Random;
  /** Not used yet. */
  #salts: Buffer = Buffer.alloc(0);
  #size: number;
  #lastTime: number;
  #tile: Frontier;
  #journaled: number;

  constructor(
    db: DatabaseSync,
    settings: GroupCommitSettings,
    disk: Pick<DiskReserve, "ordinaryAllowed" | "releaseBallast">,
    random: Random,
  ) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#settings = settings;
    this.#disk = disk;
    this.#random = random;
    const { size, lastTime, tile } = settings.head;
    this.#journaled = settings.journaled;
    this.#size = size;
    this.#lastTime = lastTime;
    this.#tile = new Frontier(
      size % TILE_LEAVES,
      tile.map((root) => Buffer.from(root)),
    );
  }

  /** Commits all that can be and answers each, in order. Never throws. */
  commit(batches: readonly NumberedBatch[]): Answer[] {
    const roomy = this.#disk.ordinaryAllowed();
    const admitted = batches.filter((batch) => roomy || batch.priority === "reserved");
    const answers = new Map(admitted.length === 0 ? [] : this.#transaction(admitted).map((answer) => [answer.id, answer]));
    return batches.map((batch) => answers.get(batch.id) ?? refused(batch, "disk-reserve"));
  }

  #transaction(batches: readonly NumberedBatch[]): Answer[] {
    const before = { size: this.#size, lastTime: this.#lastTime, tile: this.#tile.clone(), journaled: this.#journaled };
    try {
      this.#run("BEGIN IMMEDIATE");
      const answers = batches.map((batch) => this.#apply(batch));
      if (this.#journaled !== before.journaled)
        this.#statements.get(this.#settings.sql.putJournaled).run(JOURNALED, String(this.#journaled));
      this.#run("COMMIT");
      return answers;
    } catch (failure) {
      this.#size = before.size;
      this.#lastTime = before.lastTime;
      this.#tile = before.tile;
      this.#journaled = before.journaled;
      const rolledBack = this.#rollBack();
      const reserved = batches.filter((batch) => batch.priority === "reserved");
      if (rolledBack && reserved.length > 0 && mayBeFull(failure) && this.#disk.releaseBallast()) {
        const again = new Map(this.#transaction(reserved).map((answer) => [answer.id, answer]));
        return batches.map((batch) => again.get(batch.id) ?? refused(batch, "log-unavailable", undefined, failure));
      }
      return batches.map((batch) => refused(batch, "log-unavailable", undefined, failure));
    }
  }

  /** SQLite has rolled back by itself after some failures. */
  #rollBack(): boolean {
    try {
      if (this.#db.isTransaction) this.#run("ROLLBACK");
      return true;
    } catch {
      return false;
    }
  }

  #apply(batch: NumberedBatch): Answer {
    // One that was refused is sent again, and so are those behind it: their order is that of the journal.
    if (batch.journaled !== undefined && batch.journaled !== this.#journaled + 1) return refused(batch, "log-unavailable", "not its turn");
    const time = Math.max(this.#lastTime, batch.now);
    let sealed: SealedEvent[];
    try {
      sealed = batch.events.map((event, index) =>
        sealEvent(event, { node: this.#settings.node, seq: this.#size + index, time, salt: this.#salt() }),
      );
    } catch (error) {
      return error instanceof GateError ? refused(batch, error.code, error.detail, error) : refused(batch, "internal", undefined, error);
    }
    const conflict = batch.writes.length === 0 ? undefined : this.#write(batch);
    if (conflict !== undefined) return conflict;
    const seq = this.#size;
    for (const [index, entry] of sealed.entries()) this.#insert(batch, index, entry, time);
    if (batch.journaled !== undefined) this.#journaled = batch.journaled;
    return { id: batch.id, ok: true, seq, time };
  }

  /** Asking for many at once takes a tenth of asking for each. */
  #salt(): Buffer {
    if (this.#salts.length === 0) this.#salts = this.#random.bytes(SALTS * SALT_BYTES);
    const salt = this.#salts.subarray(0, SALT_BYTES);
    this.#salts = this.#salts.subarray(SALT_BYTES);
    return salt;
  }

  /** The batch's own statements, in a savepoint: undone as one when a row is not as expected. */
  #write(batch: NumberedBatch): Answer | undefined {
    this.#run("SAVEPOINT batch");
    let answer: Answer | undefined;
    try {
      for (const { sql, parameters, expect } of batch.writes) {
        const { changes } = this.#statements.get(sql).run(...bindable(parameters));
        if (expect !== undefined && Number(changes) !== expect.rows) {
          answer = refused(batch, expect.otherwise, expect.detail);
          break;
        }
      }
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      answer = refused(batch, isConstraint(error) ? "conflict" : "internal", undefined, error);
    }
    if (answer !== undefined) this.#run("ROLLBACK TO batch");
    this.#run("RELEASE batch");
    return answer;
  }

  #insert(batch: NumberedBatch, index: number, { envelope, salt, body }: SealedEvent, time: number): void {
    const event = batch.events[index];
    if (event === undefined) throw new RangeError("More sealed entries than events");
    const { insertEntry, insertWords, insertTile } = this.#settings.sql;
    const { kind, principal, grant, session, target, request, decision } = event;
    const subjects = [principal ?? null, grant ?? null, session ?? null, target ?? null, request ?? null];
    this.#statements.get(insertEntry).run(this.#size, time, kind, ...subjects, decision ?? null, envelope, salt, body);
    this.#statements.get(insertWords).run(this.#size, bodyText(event.body));
    this.#tile.append(leafHash(envelope));
    if (this.#tile.size === TILE_LEAVES) {
      this.#statements.get(insertTile).run(Math.floor(this.#size / TILE_LEAVES), this.#tile.root());
      this.#tile = new Frontier();
    }
    this.#size += 1;
    this.#lastTime = time;
  }

  #run(sql: string): void {
    this.#statements.get(sql).run();
  }
}

/** `cause` goes to the gate's own log; it may name files, never contents. */
function refused(batch: NumberedBatch, code: ErrorCode, detail?: string, cause?: unknown): Answer {
  const answer = { id: batch.id, ok: false, code, detail } as const;
  return cause instanceof Error ? { ...answer, cause: `${cause.name}: ${cause.message}` } : answer;
}
