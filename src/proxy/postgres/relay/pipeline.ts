/**
 * What a client has sent and the target has not answered yet, in order (protocol §53.2.4: answers come in the order of
 * the questions). Says whose answer each message is, so that outcomes and refusals meet their statements. Pure.
 *
 * Untrusted: an answer that nobody asked for throws GateError("protocol-error").
 */
import { GateError } from "../../../kernel/errors.ts";
import type { Denial } from "../../../kernel/result.ts";

/** The client's message by its effect on the answers to come. `query` and `function` end with ReadyForQuery themselves. */
export type Asked = "query" | "function" | "parse" | "bind" | "describe" | "execute" | "close" | "sync";

export interface InFlight<Statement> {
  readonly asked: Asked;
  /** Of what runs a statement. */
  readonly statement?: Statement;
  /** The target was sent something that it must refuse; its client is told this instead. */
  readonly refusal?: Denial;
  /** How that reads, where it is not the refusal's own form. */
  readonly refusalMessage?: Buffer;
  /** Of a Describe: the RowDescription that answers it. */
  readonly onDescribed?: (message: Buffer) => void;
  /** Of a Describe: what its client is told instead of what the target says. */
  readonly describedAs?: Buffer;
  /** What it changes once the target has answered. */
  readonly onAnswer?: Answering;
}

export interface Answering {
  /** One command of it is done; a text may hold several. */
  commandEnded?(): void;
  ended(how: Ending): void;
}

/** How a statement ended: `done`, with an error, or never begun because one before it failed. */
export type Ending = "done" | "failed" | "skipped";

const MAX_IN_FLIGHT = 100_000;

export class Pipeline<Statement> {
  readonly #ended: (statement: Statement, how: Ending) => void;
  #waiting: InFlight<Statement>[] = [];
  /** Index of the first that waits: shifting an array of thousands for each answer would be quadratic. */
  #at = 0;
  /** After an error in the extended protocol the target skips everything up to the next Sync. */
  #skipping = false;
  #headFailed = false;
  #statements = 0;
  #awaiting: (() => void)[] = [];

  constructor(ended: (statement: Statement, how: Ending) => void) {
    this.#ended = ended;
  }

  get isIdle(): boolean {
    return this.#at === this.#waiting.length;
  }

  /** Whether a statement is among them. */
  get runs(): boolean {
    return this.#statements > 0;
  }

  get head(): InFlight<Statement> | undefined {
    return this.#waiting[this.#at];
  }

  /** Something was forwarded. */
  asked(entry: InFlight<Statement>): void {
    if (this.#waiting.length - this.#at >= MAX_IN_FLIGHT)
      throw new GateError("protocol-error", "too much was sent without waiting for answers");
    if (this.#skipping && entry.asked !== "sync") return this.#end(entry, "skipped");
    // What follows a Sync is taken again, also when the answer to it is still to come.
    this.#skipping = false;
    this.#waiting.push(entry);
    if (entry.statement !== undefined) this.#statements += 1;
  }

  /** ParseComplete, BindComplete, CloseComplete. */
  completed(asked: "parse" | "bind" | "close"): void {
    this.#require(asked);
    this.#pop("done");
  }

  /** What was sent before failed, and no Sync has come since: the target takes nothing more. */
  get isSkipping(): boolean {
    return this.#skipping;
  }

  /** RowDescription or NoData: the end of a Describe, or the beginning of a result. */
  described(): void {
    if (this.head?.asked === "describe") this.#pop("done");
    else if (this.head?.asked !== "query") throw unasked("a description");
  }

  /** CommandComplete, EmptyQueryResponse, PortalSuspended. */
  commandEnded(): void {
    this.head?.onAnswer?.commandEnded?.();
    if (this.head?.asked === "execute") this.#pop("done");
    else if (this.head?.asked !== "query") throw unasked("the end of a command");
  }

  /** ErrorResponse. The refusal it stands for, where the gate asked for it. */
  failed(): Denial | undefined {
    const { head } = this;
    // An error that answers nothing: the target ends the connection.
    if (head === undefined || head.asked === "sync") return undefined;
    const { refusal } = head;
    if (head.asked === "query" || head.asked === "function") {
      this.#headFailed = true;
      return refusal;
    }
    this.#pop("failed");
    while (this.head !== undefined && this.head.asked !== "sync") this.#pop("skipped");
    this.#skipping = this.head === undefined;
    return refusal;
  }

  /** ReadyForQuery. */
  ready(): void {
    const { head } = this;
    if (head?.asked !== "query" && head?.asked !== "function" && head?.asked !== "sync") throw unasked("ReadyForQuery");
    this.#pop(this.#headFailed ? "failed" : "done");
    this.#headFailed = false;
  }

  /** CopyInResponse: the target waits for the client. */
  copying(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve();
  }

  /** Resolves once everything has its answer, or the target waits for data to copy, which the client must then send. */
  answered(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#awaiting.push(resolve));
  }

  /** The connection is over. */
  close(): void {
    while (this.head !== undefined) this.#pop("failed");
  }

  #require(asked: Asked): void {
    if (this.head?.asked !== asked) throw unasked(`the answer to a ${asked}`);
  }

  #pop(how: Ending): void {
    const { head } = this;
    this.#at += 1;
    if (this.#at === this.#waiting.length || this.#at > 1024) {
      this.#waiting = this.#waiting.slice(this.#at);
      this.#at = 0;
    }
    if (head?.statement !== undefined) this.#statements -= 1;
    if (head !== undefined) this.#end(head, how);
    if (this.isIdle) for (const resolve of this.#awaiting.splice(0)) resolve();
  }

  #end({ statement, onAnswer }: InFlight<Statement>, how: Ending): void {
    onAnswer?.ended(how);
    if (statement !== undefined) this.#ended(statement, how);
  }
}

function unasked(what: string): GateError {
  return new GateError("protocol-error", `the target sent ${what} that nobody asked for`);
}
