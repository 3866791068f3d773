/**
 * Events that are durable before the log has them: into the journal at once, then to the writer's thread in their order,
 * again and again until they are in the log.
 *
 * Invariants: what `record` returned `undefined` for is in the journal or in the log, in whatever moment the process
 * dies; the journal is emptied only when nothing of it is owed to the log; a log that does not take what it is owed gets
 * nothing new by this way, so that whoever comes next waits for the writer and hears what is wrong.
 */
import type { AuditEvent } from "../../audit/event.ts";
import { problemOfDraft } from "../../audit/log/envelope.ts";
import type { LogPosition, Priority } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Writer } from "../write.ts";
import type { Journal } from "./journal.ts";
import type { JournalRecord } from "./messages.ts";
import type { ThreadWriter } from "./thread-writer.ts";

/** Above this many records owed, whoever records waits until half of them are in the log. */
const OWED_MAX = 4096;
/** A journal of this size is emptied when nothing of it is owed. */
const CLEAR_BYTES = 1024 * 1024;
const RETRY_MS = 250;

export interface JournalFeedParts {
  readonly journal: Journal;
  /** False where a file that is not synced is not durable enough. */
  readonly isDurable: boolean;
  readonly writer: Writer & Pick<ThreadWriter, "submitRecord" | "isStopped">;
  /** Of the last record that is in the log. */
  readonly journaled: number;
  readonly ordinaryAllowed: () => boolean;
  readonly clock: Clock;
}

interface Owed {
  readonly record: string;
  readonly events: readonly AuditEvent[];
}

export class JournalFeed {
  readonly #parts: JournalFeedParts;
  /** In the order of the journal. */
  #owed: Owed[] = [];
  /** How many of them, from the first, are in the log: shifting an array of thousands each time would be quadratic. */
  #paid = 0;
  readonly #relieved = new Set<() => void>();
  readonly #emptied = new Set<() => void>();
  #number: number;
  #sent = 0;
  #isStalled = false;

  constructor(parts: JournalFeedParts) {
    this.#parts = parts;
    this.#number = parts.journaled;
  }

  readonly #told = { taken: (): void => this.#taken(), refused: (): void => this.#refused() };

  get #debt(): number {
    return this.#owed.length - this.#paid;
  }

  /** `undefined`: durable already. Rejects as `submit` does. */
  record(events: readonly AuditEvent[], priority: Priority): Promise<unknown> | undefined {
    const { journal, isDurable, writer, ordinaryAllowed, clock } = this.#parts;
    const isOpen = isDurable && !this.#isStalled && this.#emptied.size === 0 && !writer.isStopped;
    if (!isOpen || (priority === "ordinary" && !ordinaryAllowed())) return writer.submit({ writes: [], events, priority });
    const number = this.#number + 1;
    const record = JSON.stringify({ number, now: clock.now(), events } satisfies JournalRecord);
    // What the log would refuse stood before everything that comes behind it. Half of a surrogate pair is escaped so.
    if (record.includes("\\ud") || events.some((event) => problemOfDraft(event) !== undefined) || !journal.append(record))
      return writer.submit({ writes: [], events, priority });
    this.#number = number;
    const owed = { record, events };
    this.#owed.push(owed);
    this.#send(owed);
    return this.#debt > OWED_MAX ? new Promise<void>((resolve) => this.#relieved.add(resolve)) : undefined;
  }

  /** Resolves when everything recorded before is in the log, or is known not to get there now. */
  settled(): Promise<readonly LogPosition[]> | undefined {
    return this.#debt === 0 ? undefined : this.#parts.writer.submit({ writes: [], events: [], priority: "reserved" });
  }

  /** Resolves when no copy of what was recorded is in the journal. */
  async empty(): Promise<void> {
    if (this.#debt > 0) await new Promise<void>((resolve) => this.#emptied.add(resolve));
    else this.#parts.journal.clear();
  }

  /** What a crash left: into the log before anything else. Throws what the log throws. */
  async replay(records: readonly JournalRecord[]): Promise<void> {
    const { writer, journal } = this.#parts;
    const taken = records.map(
      (record) =>
        new Promise<void>((resolve, reject) => {
          const refused = (): void => reject(new GateError("log-unavailable", "it does not take what the journal has"));
          writer.submitRecord(JSON.stringify(record), record.events, { taken: resolve, refused });
        }),
    );
    await Promise.all(taken);
    this.#number += records.length;
    journal.clear();
  }

  /** After the writer has ended. What it did not take waits for the next start. */
  close(): void {
    if (this.#debt === 0) this.#parts.journal.clear();
    this.#parts.journal.close();
  }

  #send({ record, events }: Owed): void {
    this.#sent += 1;
    this.#parts.writer.submitRecord(record, events, this.#told);
  }

  #refused(): void {
    this.#sent -= 1;
    this.#isStalled = true;
    // All behind it were refused too, or will be.
    if (this.#sent === 0) this.#retry();
  }

  #taken(): void {
    this.#sent -= 1;
    this.#paid += 1;
    if (this.#paid > OWED_MAX) this.#forgetPaid();
    if (this.#debt <= OWED_MAX / 2) release(this.#relieved);
    if (this.#debt > 0) return this.#isStalled && this.#sent === 0 ? this.#retry() : undefined;
    this.#forgetPaid();
    this.#isStalled = false;
    if (this.#emptied.size > 0 || this.#parts.journal.size > CLEAR_BYTES) this.#parts.journal.clear();
    release(this.#emptied);
  }

  #forgetPaid(): void {
    this.#owed = this.#owed.slice(this.#paid);
    this.#paid = 0;
  }

  #retry(): void {
    // Who waits for room would wait for the disk: what comes next meets the writer itself.
    release(this.#relieved);
    if (this.#parts.writer.isStopped) return release(this.#emptied);
    setTimeout(() => {
      for (const owed of this.#owed.slice(this.#paid)) this.#send(owed);
    }, RETRY_MS).unref();
  }
}

function release(waiting: Set<() => void>): void {
  if (waiting.size === 0) return;
  for (const resolve of waiting) resolve();
  waiting.clear();
}
