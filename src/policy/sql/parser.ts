/**
 * PostgreSQL's own parser, kept at arm's length: in worker threads, with a bound on length, time and waiting; here
 * only for texts that are far too short to do harm.
 *
 * libpg-query overflows its stack on long chains, and is not to be trusted afterwards: whatever is not a syntax error,
 * and whatever takes too long, costs the thread, which is replaced. Each task is one text; a session has one at a time.
 * Answers are kept by the exact text: the same text always means the same.
 */
import { Worker } from "node:worker_threads";
import { loadModule } from "libpg-query";
import { moduleBeside } from "../../kernel/module-beside.ts";
import { foldedName } from "./folded-names.ts";
import { Penalties } from "./penalties.ts";
import { MAX_LENSES, type Lens } from "./masking/trace.ts";
import type { ParseAnswer, ParseTask } from "./parser-worker.ts";
import { readSql } from "./read.ts";
import type { ParsedSql, ParseHow } from "./statement.ts";

/** With STACK_MB nothing below this overflowed. */
export const MAX_SQL_BYTES = 256 * 1024;
const STACK_MB = 64;
/**
 * UTF-16 units that are read without the worker: on the main thread's stack nothing below 12,000 overflowed, and reading
 * as many takes a few dozen microseconds, less than waking a thread.
 */
const MAX_HERE = 1000;
const DEADLINE_MS = 2000;
const MAX_WAITING = 1000;
/** A thread that cannot even start is not started for ever. */
const MAX_FAILED_STARTS = 3;
/** Bytes of texts whose answers are kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Longer ones hardly come twice. */
const MAX_KEPT_TEXT = 16 * 1024;

interface Waiting {
  readonly task: ParseTask;
  readonly done: (parsed: ParsedSql) => void;
  readonly by: object | undefined;
}

export class SqlParser implements AsyncDisposable {
  readonly #deadlineMs: number;
  readonly #execArgv: readonly string[] | undefined;
  readonly #kept = new Map<string, ParsedSql>();
  #keptBytes = 0;
  readonly #waiting: Waiting[] = [];
  #running: (Waiting & { readonly timer: NodeJS.Timeout }) | undefined;
  #worker: Worker;
  /** Those that the thread has, in its order. */
  readonly #lenses = new Set<number>();
  #isReady = false;
  #failedStarts = 0;
  #closed = false;
  readonly #penalties: Penalties;
  /** What kills a parser is long: long texts wait for each other, in a thread of their own that is started for the first. */
  #long: SqlParser | undefined;
  readonly #takesLong: boolean;
  readonly #delayed = new Set<() => void>();
  #nextId = 0;
  /** The parser is loaded on this thread, and has never failed here. */
  #readsHere = false;

  /** `execArgv`: of the thread, instead of the process's own. `shortHere`: short texts are read on the thread that asks. */
  constructor(
    options: {
      readonly deadlineMs?: number;
      readonly execArgv?: readonly string[];
      readonly penalties?: Penalties;
      readonly takesLong?: boolean;
      readonly shortHere?: boolean;
    } = {},
  ) {
    this.#takesLong = options.takesLong ?? false;
    this.#penalties = options.penalties ?? new Penalties();
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#execArgv = options.execArgv;
    this.#worker = this.#start();
    // Without it here, the worker reads everything.
    if (options.shortHere === true)
      loadModule().then(
        () => (this.#readsHere = true),
        () => undefined,
      );
  }

  /** At once where the same text was parsed before. Never rejects. */
  parse(sql: string, how: ParseHow = {}): ParsedSql | Promise<ParsedSql> {
    const { lens, limit, encoding } = how;
    // Fails closed: the server would read another text than we do.
    const folded = encoding === undefined ? undefined : foldedName(sql, encoding);
    if (folded !== undefined)
      return { ok: false, why: "name", message: `${folded}, which a database in ${encoding} may read as another name` };
    // No text has a zero byte in it.
    const key = lens === undefined && limit === undefined ? sql : `${lens?.id ?? ""}\0${limit ?? ""}\0${sql}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      // The last used stands last: what goes first has not been asked for the longest.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    // Fails closed: the parser would read another text than the one that is sent.
    if (sql.includes("\0") || !sql.isWellFormed()) return bounds("it is no text");
    if (Buffer.byteLength(sql) > MAX_SQL_BYTES) return bounds(`it is longer than ${MAX_SQL_BYTES / 1024} KiB`);
    if (this.#failedStarts >= MAX_FAILED_STARTS) return bounds("the parser does not start");
    if (this.#closed || this.#waiting.length + this.#delayed.size >= MAX_WAITING)
      return bounds("too many statements are being read at once");
    if (sql.length > MAX_KEPT_TEXT && !this.#takesLong) {
      const execArgv = this.#execArgv;
      const options = { deadlineMs: this.#deadlineMs, penalties: this.#penalties, takesLong: true, ...(execArgv && { execArgv }) };
      return (this.#long ??= new SqlParser(options)).parse(sql, how);
    }
    const here = lens === undefined && sql.length <= MAX_HERE ? this.#readHere(sql, limit) : undefined;
    if (here?.ok === true) this.#keep(key, here);
    return here ?? this.#readThere(sql, key, how);
  }

  /** Whatever is not the text's own mistake, or goes wrong once, is the worker's from then on: it can be replaced. */
  #readHere(sql: string, limit: number | undefined): ParsedSql | undefined {
    if (!this.#readsHere) return undefined;
    const read = readSql(sql, limit === undefined ? {} : { limit });
    if (!("failed" in read)) return read;
    this.#readsHere = false;
    return undefined;
  }

  #readThere(sql: string, key: string, { lens, limit, by }: ParseHow): Promise<ParsedSql> {
    return new Promise((resolve) => {
      this.#nextId += 1;
      const done = (parsed: ParsedSql): void => {
        if (parsed.ok) this.#keep(key, parsed);
        resolve(parsed);
      };
      const waiting = { task: { id: this.#nextId, sql, ...(lens && { lens }), ...(limit !== undefined && { limit }) }, done, by };
      const waitMs = by === undefined ? 0 : this.#penalties.waitMs(by);
      if (waitMs > 0) return this.#delay(waiting, waitMs);
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#worker.terminate(), this.#long?.[Symbol.asyncDispose]()]);
    this.#settle(bounds("the gate is stopping"));
    for (const { done } of this.#waiting.splice(0)) done(bounds("the gate is stopping"));
    for (const giveUp of this.#delayed) giveUp();
  }

  #delay(waiting: Waiting, ms: number): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(giveUp);
      this.#waiting.push(waiting);
      this.#next();
    }, ms);
    const giveUp = (): void => {
      clearTimeout(timer);
      waiting.done(bounds("the gate is stopping"));
    };
    this.#delayed.add(giveUp);
  }

  #start(): Worker {
    const worker = new Worker(moduleBeside(import.meta.url, "parser-worker"), {
      resourceLimits: { stackSizeMb: STACK_MB },
      name: "sql-parser",
      ...(this.#execArgv && { execArgv: [...this.#execArgv] }),
    });
    this.#isReady = false;
    this.#lenses.clear();
    worker.on("message", (message: "ready" | ParseAnswer) => {
      if (worker !== this.#worker) return;
      if (message === "ready") {
        this.#isReady = true;
        this.#failedStarts = 0;
        return this.#next();
      }
      if (message.id !== this.#running?.task.id) return;
      if ("failed" in message) return this.#replace("it is nested too deeply");
      this.#settle(message.parsed);
      this.#next();
    });
    // A stack that overflows natively, or memory that runs out, ends the thread.
    worker.on("error", () => worker === this.#worker && this.#ended());
    return worker;
  }

  #next(): void {
    if (!this.#isReady || this.#running !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const timer = setTimeout(() => this.#replace("reading it takes too long"), this.#deadlineMs);
    this.#running = { ...next, timer };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
    this.#worker.postMessage(this.#withKnownLens(next.task));
  }

  /** A lens holds a whole catalogue: it crosses once. Its number is enough from then on. */
  #withKnownLens(task: ParseTask & { readonly lens?: number | Lens }): ParseTask {
    const { lens } = task;
    if (typeof lens !== "object") return task;
    if (this.#lenses.delete(lens.id)) {
      this.#lenses.add(lens.id);
      return { ...task, lens: lens.id };
    }
    this.#lenses.add(lens.id);
    for (const id of this.#lenses) if (this.#lenses.size > MAX_LENSES) this.#lenses.delete(id);
    return task;
  }

  #ended(): void {
    if (this.#isReady) return this.#replace("it is nested too deeply");
    this.#failedStarts += 1;
    if (this.#failedStarts < MAX_FAILED_STARTS) return this.#replace("the parser does not start");
    // Fails closed, and answers whoever waits.
    for (const { done } of this.#waiting.splice(0)) done(bounds("the parser does not start"));
  }

  #replace(why: string): void {
    if (this.#closed) return;
    void this.#worker.terminate();
    this.#worker = this.#start();
    if (this.#running?.by) this.#penalties.failed(this.#running.by);
    this.#settle(bounds(why));
  }

  #settle(parsed: ParsedSql): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    running?.done(parsed);
  }

  #keep(key: string, parsed: ParsedSql): void {
    if (key.length > MAX_KEPT_TEXT || this.#kept.has(key)) return;
    this.#kept.set(key, parsed);
    this.#keptBytes += key.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= oldest.length;
    }
  }
}

function bounds(message: string): ParsedSql {
  return { ok: false, why: "bounds", message };
}
