import { Worker } from "node:worker_threads";
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { LogPosition } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { moduleBeside } from "../../kernel/module-beside.ts";
import type { Batch, Writer } from "../write.ts";
import { approximateBytes } from "./approximate-bytes.ts";
import type { Answer, FromWriter, NumberedBatch, SentRecord, ToWriter, WriterSettings } from "./messages.ts";

/** What may wait for the writer; beyond it, submitting fails at once (`store-unavailable`). */
const WAITING_MAX_EVENTS = 50_000;
const WAITING_MAX_BYTES = 64 * 1024 * 1024;
/** Nobody waits for a record of the journal, and whoever looks for it asks for it: many cross in one message, and are one commit. */
const RECORDS_WAIT_MS = 25;

const NO_WRITES: readonly never[] = [];

/** Whether a record is in the log. Those that are taken are taken in the order in which they were sent. */
export interface RecordTold {
  readonly taken: () => void;
  readonly refused: () => void;
}

interface Waiting {
  readonly batch: Batch;
  readonly bytes: number;
  readonly resolve: (positions: readonly LogPosition[]) => void;
  readonly reject: (failure: GateError) => void;
}

/** The main thread's side of the writer: hands batches over, keeps the head, tells the subscribers in order. */
export class ThreadWriter implements Writer {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #unsent: (NumberedBatch | SentRecord)[] = [];
  /** Something in `#unsent` is to cross in this turn, not only in the next milliseconds. */
  #isUrgent = false;
  #soon: NodeJS.Timeout | undefined;
  #nextId = 0;
  #events = 0;
  #bytes = 0;
  #size: number;
  #lastTime: number;
  #stopped: GateError | undefined;

  private constructor(settings: WriterSettings, clock: Clock) {
    this.#clock = clock;
    this.#size = settings.head.size;
    this.#lastTime = settings.head.lastTime;
    this.#worker = new Worker(moduleBeside(import.meta.url, "writer-thread"), { workerData: settings, name: "store-writer" });
    this.#worker.on("message", (message: FromWriter) => this.#receive(message));
    this.#worker.on("error", (cause) => this.#fail(new GateError("store-unavailable", undefined, { cause })));
    this.#worker.on("exit", () => {
      this.#fail(new GateError("store-unavailable", "the writer has ended"));
      this.#closed.resolve();
    });
  }

  static async start(settings: WriterSettings, clock: Clock): Promise<ThreadWriter> {
    const writer = new ThreadWriter(settings, clock);
    await writer.#ready.promise;
    return writer;
  }

  head(): { readonly size: number; readonly lastTime: number } {
    return { size: this.#size, lastTime: this.#lastTime };
  }

  submit(batch: Batch): Promise<readonly LogPosition[]> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const bytes = approximateBytes(batch);
    if (this.#events + batch.events.length > WAITING_MAX_EVENTS || this.#bytes + bytes > WAITING_MAX_BYTES) {
      return Promise.reject(new GateError("store-unavailable", "too much is waiting to be written"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<readonly LogPosition[]>();
    const id = this.#wait({ batch, bytes, resolve, reject });
    // What is submitted in one turn of the event loop crosses in one message.
    if (!this.#isUrgent) queueMicrotask(() => this.#flush());
    this.#isUrgent = true;
    this.#unsent.push({ ...batch, id, now: this.#clock.now() });
    return promise;
  }

  /**
   * A record of the journal, which is in order with everything else; its own bounds are the journal's. Hot path: who
   * sends it is told by a call instead of a promise of its own.
   */
  submitRecord(record: string, events: readonly AuditEvent[], told: RecordTold): void {
    if (this.#stopped !== undefined) return told.refused();
    const id = this.#wait({ batch: { writes: NO_WRITES, events }, bytes: 0, resolve: told.taken, reject: told.refused });
    this.#unsent.push({ id, record });
    this.#soon ??= setTimeout(() => this.#flush(), RECORDS_WAIT_MS);
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  #wait(waiting: Waiting): number {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#events += waiting.batch.events.length;
    this.#bytes += waiting.bytes;
    return id;
  }

  subscribe(listener: (event: LoggedEvent) => void): Disposable {
    const own = (event: LoggedEvent): void => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Commits what is waiting, then ends the thread. */
  async close(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#flush();
      this.#stopped = new GateError("gate-stopping");
      this.#post({ kind: "close" });
    }
    await this.#closed.promise;
  }

  #flush(): void {
    const batches = this.#unsent;
    this.#unsent = [];
    this.#isUrgent = false;
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (batches.length === 0) return;
    try {
      this.#post({ kind: "batches", batches });
    } catch {
      // Something in them cannot cross: send one by one, so that only the culprit fails.
      for (const batch of batches) this.#postAlone(batch);
    }
  }

  #postAlone(batch: NumberedBatch | SentRecord): void {
    try {
      this.#post({ kind: "batches", batches: [batch] });
    } catch (cause) {
      this.#settle(batch.id)?.reject(new GateError("log-unavailable", "the event is not plain data", { cause }));
    }
  }

  #post(message: ToWriter): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
    this.#worker.postMessage(message);
  }

  #receive(message: FromWriter): void {
    if (message.kind === "ready") this.#ready.resolve();
    if (message.kind === "answers") for (const answer of message.answers) this.#answer(answer);
  }

  #answer(answer: Answer): void {
    const waiting = this.#settle(answer.id);
    if (waiting === undefined) return;
    if (!answer.ok) {
      waiting.reject(new GateError(answer.code, answer.detail, answer.cause === undefined ? {} : { cause: answer.cause }));
      return;
    }
    const { events } = waiting.batch;
    if (events.length > 0) {
      this.#size = answer.seq + events.length;
      this.#lastTime = answer.time;
    }
    waiting.resolve(events.map((_, index) => ({ seq: answer.seq + index, time: answer.time })));
    for (const [index, event] of events.entries()) this.#tell(event, answer.seq + index, answer.time);
  }

  #tell(event: AuditEvent, seq: number, time: number): void {
    const logged: LoggedEvent = { ...event, seq, time };
    for (const listener of this.#listeners) {
      try {
        listener(logged);
      } catch (error) {
        // A listener's fault must cost nobody else the event, nor the gate its life.
        process.emitWarning(error instanceof Error ? error : String(error), "AuditListenerWarning");
      }
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(id);
    this.#events -= waiting.batch.events.length;
    this.#bytes -= waiting.bytes;
    return waiting;
  }

  /** Fails closed: without a writer nothing is taken any more. */
  #fail(failure: GateError): void {
    this.#stopped ??= failure;
    this.#ready.reject(failure);
    this.#unsent = [];
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(new GateError("log-unavailable", undefined, { cause: failure }));
  }
}
