/**
 * PostgreSQL's own parser, kept at arm's length: in one worker thread, with a bound on length, time and waiting.
 *
 * libpg-query overflows its stack on long chains, and is not to be trusted afterwards: whatever is not a syntax error,
 * and whatever takes too long, costs the thread, which is replaced. Each task is one text; a session has one at a time.
 * Answers are kept by the exact text: the same text always means the same.
 */
import { Worker } from "node:worker_threads";
import type { ParseAnswer, ParseTask } from "./parser-worker.ts";
import type { ParsedSql } from "./statement.ts";

/** With STACK_MB nothing below this overflowed. */
export const MAX_SQL_BYTES = 256 * 1024;
const STACK_MB = 64;
const DEADLINE_MS = 2000;
const MAX_WAITING = 1000;
/** Bytes of texts whose answers are kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Longer ones hardly come twice. */
const MAX_KEPT_TEXT = 16 * 1024;

/** Compiled like this file, or not. */
const WORKER = new URL(import.meta.url.endsWith(".ts") ? "./parser-worker.ts" : "./parser-worker.js", import.meta.url);

interface Waiting {
  readonly task: ParseTask;
  readonly done: (parsed: ParsedSql) => void;
}

export class SqlParser implements AsyncDisposable {
  readonly #deadlineMs: number;
  readonly #file: URL;
  readonly #kept = new Map<string, ParsedSql>();
  #keptBytes = 0;
  readonly #waiting: Waiting[] = [];
  #running: (Waiting & { readonly timer: NodeJS.Timeout }) | undefined;
  #worker: Worker;
  #isReady = false;
  #closed: string | undefined;
  #nextId = 0;

  constructor({ deadlineMs = DEADLINE_MS, worker = WORKER }: { readonly deadlineMs?: number; readonly worker?: URL } = {}) {
    this.#deadlineMs = deadlineMs;
    this.#file = worker;
    this.#worker = this.#start();
  }

  /** At once where the same text was parsed before. Never rejects. */
  parse(sql: string): ParsedSql | Promise<ParsedSql> {
    const known = this.#kept.get(sql);
    if (known !== undefined) return known;
    if (Buffer.byteLength(sql) > MAX_SQL_BYTES) return bounds(`it is longer than ${MAX_SQL_BYTES / 1024} KiB`);
    if (this.#closed !== undefined) return bounds(this.#closed);
    if (this.#waiting.length >= MAX_WAITING) return bounds("too many statements are being read at once");
    return new Promise((resolve) => {
      this.#nextId += 1;
      const done = (parsed: ParsedSql): void => {
        if (parsed.ok) this.#keep(sql, parsed);
        resolve(parsed);
      };
      this.#waiting.push({ task: { id: this.#nextId, sql }, done });
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close("the gate is stopping");
    await this.#worker.terminate();
  }

  /** Fails closed: what waits, and whatever comes later, is not understood. */
  #close(why: string): void {
    this.#closed = why;
    this.#settle(bounds(why));
    for (const { done } of this.#waiting.splice(0)) done(bounds(why));
  }

  #start(): Worker {
    const worker = new Worker(this.#file, {
      resourceLimits: { stackSizeMb: STACK_MB },
      name: "sql-parser",
    });
    this.#isReady = false;
    worker.on("message", (message: "ready" | ParseAnswer) => {
      if (worker !== this.#worker) return;
      if (message === "ready") {
        this.#isReady = true;
        return this.#next();
      }
      if (message.id !== this.#running?.task.id) return;
      if ("failed" in message) return this.#replace("it is nested too deeply");
      this.#settle(message.parsed);
      this.#next();
    });
    // A stack that overflows natively, or memory that runs out, ends the thread; one that never was ready would end again.
    worker.on("error", () => {
      if (worker !== this.#worker) return;
      if (this.#isReady) this.#replace("it is nested too deeply");
      else this.#close("the parser does not start");
    });
    return worker;
  }

  #next(): void {
    if (!this.#isReady || this.#running !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const timer = setTimeout(() => this.#replace("reading it takes too long"), this.#deadlineMs);
    this.#running = { ...next, timer };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
    this.#worker.postMessage(next.task);
  }

  #replace(why: string): void {
    if (this.#closed !== undefined) return;
    void this.#worker.terminate();
    this.#worker = this.#start();
    this.#settle(bounds(why));
  }

  #settle(parsed: ParsedSql): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    running?.done(parsed);
  }

  #keep(sql: string, parsed: ParsedSql): void {
    if (sql.length > MAX_KEPT_TEXT || this.#kept.has(sql)) return;
    this.#kept.set(sql, parsed);
    this.#keptBytes += sql.length;
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
