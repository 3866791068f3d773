/**
 * The role's limits on statements, held by the gate itself: nothing that a client says to the target changes them.
 *
 * A limit that is reached stops the statement as Ctrl-C would, by a CancelRequest, so that the error and what becomes of
 * the transaction are the target's own; only the error's words are replaced. Where the target was through before the
 * wish reached it, the result is withheld all the same: its client gets the error in place of the end of the command,
 * and a transaction that is open is failed by something that the target must refuse.
 *
 * Invariants:
 *  - What is beyond a limit on rows or bytes is not shown.
 *  - A cancel never hits another statement than the one it was meant for: while one runs that may be cancelled, nothing
 *    but the end of its own pipeline is sent behind it; after a cancel nothing at all, until the target has taken it.
 *  - A statement that does not stop costs the session.
 */
import type { AuditEvent } from "../../../audit/event.ts";
import { ERRORS } from "../../../kernel/errors.ts";
import { deny, type Denial } from "../../../kernel/result.ts";
import { formatDuration, formatSize } from "../../../kernel/units.ts";
import type { PostgresLimits } from "../../../policy/role.ts";
import * as backend from "../../../wire/postgres/backend.ts";
import { encodeExecute, encodeFlush, encodeQuery, FRONTEND } from "../../../wire/postgres/frontend.ts";
import { CANCELED, LIMIT_EXCEEDED, QUERY_CANCELED } from "../postgres-refuse.ts";
import { LazyTimer } from "./lazy-timer.ts";
import type { InFlight, Pipeline } from "./pipeline.ts";
import type { Running } from "../statements/running-statement.ts";

const { BACKEND } = backend;
/** How long a statement may take to stop once it was asked to. */
const GRACE_MS = 5000;
/** How long a statement waits for its turn. */
const TURN_MS = 10_000;
const NOTHING = Buffer.alloc(0);
/** Neither SQL nor a portal that anybody bound: the target refuses it, which fails the transaction. */
const FAILING = "sallyport withheld the result before";
/** May follow a statement that runs: the end of its own pipeline, and of what it copies in. */
const OWN_END: ReadonlySet<number> = new Set([FRONTEND.sync, FRONTEND.flush, FRONTEND.copyDone, FRONTEND.copyFail]);
/** Run something, for which a place is needed. */
const RUNNING: ReadonlySet<number> = new Set([FRONTEND.query, FRONTEND.execute]);

type Reached = "statement" | "rows" | "bytes";

/** What a client is told in place of its statement's answer. */
export interface TurnedAway {
  readonly denial: Denial;
  readonly fields?: backend.ErrorFields;
}

export interface GuardDeps {
  /** In force at this moment. */
  readonly inForce: () => PostgresLimits;
  readonly pipeline: Pipeline<Running>;
  /** Resolves with `true` when the target has taken the wish. */
  readonly cancel: () => Promise<boolean>;
  readonly toTarget: (bytes: Uint8Array) => void;
  readonly cut: (denial: Denial) => void;
  readonly note: (event: AuditEvent) => void;
  /** For transactions under way; shared by the sessions of a grant on the target. */
  readonly places: {
    take(most: number): Disposable | undefined;
    wait(signal: AbortSignal): Promise<Disposable | undefined>;
  };
}

export class LimitsGuard implements Disposable {
  readonly #deps: GuardDeps;
  readonly #turn = new LazyTimer(() => this.#late());
  readonly #idle = new LazyTimer(() => this.#cutIdle());
  /** Whose turn it is at the target. */
  #head: InFlight<Running> | undefined;
  #number: number | undefined;
  /** Of the result that comes in. */
  #rows = 0;
  #bytes = 0;
  #mostRows = Infinity;
  #mostBytes = Infinity;
  /** What the statement was stopped for; until the target is ready again. */
  #reached: Reached | undefined;
  #most = 0;
  /** Something of the result was not shown. */
  #withheld = false;
  /** Its client has an error: nothing more is shown until the target is ready. */
  #told = false;
  /** A cancel is on its way: nothing may be sent that it could hit. */
  #cancelling = false;
  #onceTaken: (() => void) | undefined;
  #onceFree: (() => void) | undefined;
  #copiesIn = false;
  /** Fails closed: what was sent without a Sync behind it has begun a transaction as well. */
  #inTransaction = false;
  #place: Disposable | undefined;
  #waiting: AbortController | undefined;
  #over = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
  }

  /** Whether a message of the client has to wait. Resolves with what it is told instead, where its turn does not come. */
  admit(type: number): Promise<TurnedAway | undefined> | undefined {
    if (OWN_END.has(type) || this.#over) return undefined;
    const { inForce, pipeline, toTarget, places } = this.#deps;
    const { statements } = inForce();
    if (this.#isBlocked) {
      // Nobody may have asked the target for its answers yet.
      if (pipeline.head !== undefined && pipeline.head.asked !== "query") toTarget(encodeFlush());
      return new Promise<void>((resolve) => (this.#onceFree = resolve)).then(() => this.admit(type));
    }
    if (statements === undefined || this.#place !== undefined || !RUNNING.has(type)) return undefined;
    this.#place = places.take(statements);
    return this.#place === undefined ? this.#waitForTurn(statements) : undefined;
  }

  /** Ctrl-C. `false`: no statement waits for its turn. */
  giveUpWaiting(): boolean {
    this.#waiting?.abort("cancelled");
    return this.#waiting !== undefined;
  }

  /** Called whenever something was sent to the target or came from it. Hot path. */
  step(): void {
    const { pipeline, inForce } = this.#deps;
    const { head } = pipeline;
    if (head === this.#head) return;
    this.#head = head;
    this.#turn.clear();
    this.#idle.clear();
    const { statementMs, rows = Infinity, bytes = Infinity, idleInTransactionMs } = inForce();
    if (head === undefined) {
      if (this.#inTransaction && idleInTransactionMs !== undefined) this.#idle.set(idleInTransactionMs);
    } else {
      this.#number = head.statement?.number ?? this.#number;
      this.#mostRows = rows;
      this.#mostBytes = bytes;
      if (head.asked !== "query" && head.asked !== "sync") this.#inTransaction = true;
      if (statementMs !== undefined) this.#turn.set(statementMs);
    }
    this.#free();
  }

  /** The header of a row, or of a piece of a copy, has come. `false`: it is not shown. Hot path. */
  isShown(length: number): boolean {
    this.#rows += 1;
    this.#bytes += length;
    if (this.#reached === undefined) {
      if (this.#rows > this.#mostRows) this.#reach("rows", this.#mostRows);
      else if (this.#bytes > this.#mostBytes) this.#reach("bytes", this.#mostBytes);
      else return true;
    }
    this.#withheld = true;
    return false;
  }

  /** What its client is shown of a message from the target, once the pipeline has taken it; `undefined`: nothing. */
  show(message: Buffer): Buffer | undefined {
    switch (message[0]) {
      case BACKEND.commandComplete:
      case BACKEND.emptyQuery:
      case BACKEND.portalSuspended:
        return this.#commandEnded(message);
      case BACKEND.error:
        return this.#failed(message);
      case BACKEND.ready:
        return this.#ready(message);
      // These have their place between any two messages.
      case BACKEND.notice:
      case BACKEND.notification:
      case BACKEND.parameterStatus:
        return message;
      default:
        if (message[0] === BACKEND.copyIn) this.#copiesIn = true;
        return this.#told || (this.#withheld && message[0] === BACKEND.copyDone) ? undefined : message;
    }
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#turn[Symbol.dispose]();
    this.#idle[Symbol.dispose]();
    this.#waiting?.abort();
    this.#place?.[Symbol.dispose]();
    this.#onceFree?.();
  }

  get #isBlocked(): boolean {
    if (this.#cancelling) return true;
    const { pipeline, inForce } = this.#deps;
    // A client that copies in has nothing else to say, and must be heard.
    if (!pipeline.runs || this.#copiesIn) return false;
    const { statementMs, rows, bytes } = inForce();
    return statementMs !== undefined || rows !== undefined || bytes !== undefined;
  }

  #free(): void {
    if (this.#onceFree === undefined || this.#isBlocked) return;
    const free = this.#onceFree;
    this.#onceFree = undefined;
    free();
  }

  #commandEnded(message: Buffer): Buffer | undefined {
    this.#copiesIn = false;
    this.#rows = 0;
    this.#bytes = 0;
    if (this.#told) return undefined;
    if (!this.#withheld) return message;
    this.#told = true;
    const tag = message[0] === BACKEND.commandComplete ? backend.parseCommandComplete(message).tag : undefined;
    // Without a Sync behind it the target would run what comes next, and its client takes that for skipped.
    if (this.#deps.pipeline.isIdle) this.#fail("execute", encodeExecute(FAILING));
    return this.#error(tag && `The statement had ended at the target before it could be stopped: ${tag}`);
  }

  #failed(message: Buffer): Buffer | undefined {
    this.#copiesIn = false;
    const { severity, code } = backend.parseErrorResponse(message);
    if (severity === "FATAL" || severity === "PANIC") return message;
    if (this.#told) return undefined;
    if (this.#reached === undefined) return message;
    this.#told = true;
    return code === QUERY_CANCELED ? this.#error() : message;
  }

  #ready(message: Buffer): Buffer | undefined {
    const status = backend.parseReadyForQuery(message);
    this.#inTransaction = status !== "I";
    if (this.#told && status === "T") {
      // As after any error the transaction is failed. The answer to that is what its client is shown.
      const fail = (): void => this.#fail("query", encodeQuery(FAILING));
      if (this.#cancelling) this.#onceTaken = fail;
      else fail();
      return undefined;
    }
    this.#rows = 0;
    this.#bytes = 0;
    this.#reached = undefined;
    this.#withheld = false;
    this.#told = false;
    if (status === "I" && this.#deps.pipeline.isIdle) {
      this.#place?.[Symbol.dispose]();
      this.#place = undefined;
    }
    return message;
  }

  #late(): void {
    if (this.#reached !== undefined) return this.#deps.cut(deny("limit-reached", { detail: "a statement did not stop" }));
    const { statementMs } = this.#deps.inForce();
    if (statementMs !== undefined) this.#reach("statement", statementMs);
  }

  #reach(reached: Reached, most: number): void {
    const { note, cancel, cut, pipeline } = this.#deps;
    this.#reached = reached;
    this.#most = most;
    this.#cancelling = true;
    this.#turn.set(GRACE_MS);
    note({ kind: "sql.limit-reached", body: { limit: reached, most, ...(this.#number !== undefined && { number: this.#number }) } });
    void cancel().then((isTaken) => {
      if (this.#over) return;
      if (!isTaken) return cut(deny("limit-reached", { detail: "a statement could not be stopped" }));
      this.#cancelling = false;
      this.#onceTaken?.();
      this.#onceTaken = undefined;
      // It came too late for anything, and no ReadyForQuery is to come that would end it.
      if (pipeline.isIdle && !this.#told) this.#reached = undefined;
      this.#free();
    });
  }

  /** Sends what the target must refuse. Its client hears nothing of it. */
  #fail(asked: "query" | "execute", bytes: Buffer): void {
    const { pipeline, toTarget } = this.#deps;
    pipeline.asked({ asked, refusal: deny("limit-reached"), refusalMessage: NOTHING });
    toTarget(bytes);
  }

  async #waitForTurn(most: number): Promise<TurnedAway | undefined> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    const timer = setTimeout(() => waiting.abort("late"), TURN_MS);
    const place = await this.#deps.places.wait(waiting.signal);
    clearTimeout(timer);
    this.#waiting = undefined;
    if (this.#over) place?.[Symbol.dispose]();
    else this.#place = place;
    if (place !== undefined || this.#over) return undefined;
    const detail = `${most} transactions of this grant are under way, and none ended in ${TURN_MS / 1000} s`;
    return { denial: deny("limit-reached", { detail }), ...(waiting.signal.reason === "cancelled" && { fields: CANCELED }) };
  }

  #error(detail?: string): Buffer {
    const reached = this.#reached ?? "statement";
    return backend.encodeErrorResponse({
      severity: "ERROR",
      code: reached === "statement" ? QUERY_CANCELED : LIMIT_EXCEEDED,
      message: `sallyport: ${ERRORS["limit-reached"].text}: ${inWords(reached, this.#most)} [limit-reached]`,
      ...(detail !== undefined && { detail }),
      hint: HINTS[reached],
    });
  }

  #cutIdle(): void {
    this.#deps.cut(deny("idle-timeout", { detail: "a transaction was left open, and is rolled back" }));
  }
}

function inWords(reached: Reached, most: number): string {
  if (reached === "statement") return `the statement took longer than ${formatDuration(most)}`;
  return reached === "rows" ? `the result has more than ${most} rows` : `the result has more than ${formatSize(most)}`;
}

const LESS = "Ask for less (LIMIT, a narrower WHERE, an aggregate), or request a role with a higher limit";
const HINTS: Readonly<Record<Reached, string>> = {
  statement: "Make it cheaper (EXPLAIN shows how it is run), or request a role with a higher limit",
  rows: LESS,
  bytes: LESS,
};
