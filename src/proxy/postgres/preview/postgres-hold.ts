/**
 * Statements that the role holds: tried out, shown to whoever may decide, and run once if they say so and what it
 * changes is still what they saw.
 *
 * A statement of the simple protocol runs inside of a transaction of the gate's making (a savepoint, where the client has
 * one open): first it is tried out again and compared, row by row, then it runs as the client sent it, and its number of
 * rows is compared too; only then is it committed. In REPEATABLE READ nobody can change those rows in between without
 * making it fail. One of the extended protocol is tried out again right before it is forwarded.
 */
import { createHash } from "node:crypto";
import { deny, type Denial } from "../../../kernel/result.ts";
import { formatDuration } from "../../../kernel/units.ts";
import type { StatementFacts } from "../../../policy/sql/statement.ts";
import type { Hold, Holds, Preview } from "../../../session/holds.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { holdMsInForce, mostOthersOf } from "../../../session/sql-limits.ts";
import type { TransactionStatus } from "../../../wire/postgres/backend.ts";
import { encodeQuery } from "../../../wire/postgres/frontend.ts";
import { parametersAsText } from "./held-parameters.ts";
import { dryRun } from "./dry-run.ts";
import type { HeldStatement } from "./held-statement.ts";
import { othersBetween, worldOf, type World } from "./trial-images.ts";
import { must, type Answer, type Exchange } from "../postgres-answer.ts";
import { previewStatement, trialKindOf, type PreviewDeps, type Previewed } from "./postgres-preview.ts";
import type { Viewer } from "./shown-run.ts";
import { whyNot } from "./preview-effects.ts";

export interface HoldingDeps {
  readonly session: LiveSession;
  readonly holds: Holds;
  readonly preview: Omit<PreviewDeps, "permit" | "viewer" | "signal" | "stop" | "statementMs" | "keepsEach" | "stable">;
  readonly stop: PreviewDeps["stop"];
  /** What a statement may take, at this moment. */
  readonly statementMs: () => number | undefined;
  /** A line to whoever waits at the client. */
  readonly say: (text: string, more?: { readonly detail?: string; readonly hint?: string }) => void;
}

export interface Approved {
  readonly hold: Hold;
  readonly held: HeldStatement;
  readonly statements: readonly StatementFacts[];
  readonly previewed: Previewed;
}

/** One with a preview to compare with. */
export type Compared = Approved & { readonly previewed: Required<Previewed> };

export function isCompared(approved: Approved): approved is Compared {
  return approved.previewed.compared !== undefined;
}

/** What an approval is asked for. */
interface Asked {
  readonly rule: string;
  /** Texts that it runs by their names. */
  readonly named: readonly string[];
  /** The session's own connection, where it is idle: the statement is tried out under the session's own settings. */
  readonly line?: OwnLine;
}

/** The session's own connection to the target, when nothing of the client's is on its way. */
export interface OwnLine {
  readonly exchange: Exchange;
  readonly status: TransactionStatus;
}

export class PostgresHolding {
  readonly #deps: HoldingDeps;
  #waiting: AbortController | undefined;

  constructor(deps: HoldingDeps) {
    this.#deps = deps;
  }

  /** Trials have kept others waiting for long enough. */
  trialRefused(statements: readonly StatementFacts[]): Denial | undefined {
    const kind = trialKindOf(statements);
    const { budgets, trier } = this.#deps.preview.trials;
    return kind && budgets.refused(kind, trier);
  }

  /** Resolves when somebody has decided; a Denial when they said no, nobody did, or who asked gave up. */
  async ask(held: HeldStatement, statements: readonly StatementFacts[], asked: Asked): Promise<Approved | Denial> {
    const { rule, named, line } = asked;
    const { session, holds, say } = this.#deps;
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      const previewed = await previewStatement(held, statements, this.#previewDeps(APPROVER, waiting.signal), line);
      if (waiting.signal.aborted || session.ended) return GAVE_UP;
      const action = {
        what: held.sql,
        digest: digestOf(held),
        rule,
        forMs: holdMsInForce(session),
        preview: previewed.preview,
        ...parametersAsText(held.parameters),
        ...(named.length > 0 && { named }),
      };
      const verdict = await holds.ask(session, action, waiting.signal, (hold) => sayWaiting(say, hold));
      if ("allowed" in verdict) return verdict;
      if (!verdict.approved) return verdict.hold.state === "withdrawn" ? GAVE_UP : verdict.denial;
      say(`approved by ${namesOf(verdict.hold)} (${verdict.hold.id})`);
      return { hold: verdict.hold, held, statements, previewed };
    } finally {
      this.#waiting = undefined;
    }
  }

  /** The same for who asks for nothing but to see it; `undefined`: they gave up. */
  async show(held: HeldStatement, statements: readonly StatementFacts[], viewer: Viewer, line?: OwnLine): Promise<Preview | undefined> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      const { preview } = await previewStatement(held, statements, this.#previewDeps(viewer, waiting.signal), line);
      return waiting.signal.aborted ? undefined : preview;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Ctrl-C, or the end of the session. Whether anything waited. */
  giveUp(): boolean {
    this.#waiting?.abort();
    return this.#waiting !== undefined;
  }

  /** Whether the world is still as it was shown, by a connection of the gate's own. */
  async stillHolds({ held, statements, previewed }: Compared): Promise<Denial | undefined> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      const { world, stable } = previewed.compared;
      const deps = { ...this.#previewDeps(APPROVER, waiting.signal), stable };
      const { preview, compared } = await previewStatement(held, statements, deps);
      if (waiting.signal.aborted) return GAVE_UP;
      if (!preview.possible || compared === undefined)
        return worldChanged(preview.possible ? "it cannot be tried out any more" : preview.why);
      return this.#differs(world, compared.world);
    } finally {
      this.#waiting = undefined;
    }
  }

  /**
   * Over the session's own connection, which is idle. `record` puts it on record right before it runs. The answer to the
   * client's own bytes.
   */
  async run(
    { held, statements, previewed }: Compared,
    message: Buffer,
    line: OwnLine,
    record: () => Denial | undefined | Promise<Denial | undefined>,
  ): Promise<Answer | Denial> {
    const { exchange, status } = line;
    const inTransaction = status !== "I";
    // A transaction that failed takes nothing more: the server says so, and nothing runs.
    if (status === "E") return (await record()) ?? exchange(message);
    const [begin, commit, undo] = inTransaction ? INSIDE : ALONE;
    await must(exchange, begin);
    const now = await this.#worldNow(exchange, held, statements, previewed.compared);
    if ("allowed" in now) {
      await must(exchange, undo);
      return now;
    }
    const refused = await record();
    if (refused) {
      await must(exchange, undo);
      return refused;
    }
    const answer = await exchange(message);
    if (answer.error) {
      // In a transaction of the client's own it stays failed, as after any error.
      if (!inTransaction) answer.status = (await must(exchange, undo)).status;
      return answer;
    }
    if (answer.count !== now.rows) {
      await must(exchange, undo);
      return worldChanged(`it would have changed ${answer.count} rows, and ${now.rows} a moment before`);
    }
    const committed = await exchange(encodeQuery(`${TRANSACTION_ID}; ${commit}`));
    const id = committed.rows[0]?.[0];
    if (id != null) answer.transaction = id;
    if (committed.error) answer.failInstead(committed);
    answer.status = committed.status;
    return answer;
  }

  /** Tried out again, where it is about to run. */
  async #worldNow(
    exchange: Exchange,
    held: HeldStatement,
    statements: readonly StatementFacts[],
    { change, world, stable }: Compared["previewed"]["compared"],
  ): Promise<World | Denial> {
    const { preview, statementMs } = this.#deps;
    // What would run with it may have changed too: a trigger that was not there.
    const why = await whyNot(exchange, statements, preview.vouched);
    if (why !== undefined) return worldChanged(why);
    const now = worldOf(await dryRun(exchange, held, change, statementMs()), stable, world.each !== undefined);
    return this.#differs(world, now) ?? now;
  }

  #differs(approved: World, now: World): Denial | undefined {
    return differs(approved, now, this.#mostOthers(approved.rows));
  }

  #mostOthers(rows: number): number {
    return mostOthersOf(this.#deps.session, rows);
  }

  #previewDeps(viewer: Viewer, signal: AbortSignal): PreviewDeps {
    const { preview, session, stop, statementMs } = this.#deps;
    const mostMs = statementMs();
    const keepsEach = this.#mostOthers(Number.MAX_SAFE_INTEGER) > 0;
    return { ...preview, permit: session.permit, viewer, signal, stop, keepsEach, ...(mostMs !== undefined && { statementMs: mostMs }) };
  }
}

/** Whoever decides is shown the write as somebody would be who sees no class. */
const APPROVER: Viewer = { unmasked: [], mayRead: true };
/** Of the transaction that is about to be committed. */
const TRANSACTION_ID = "select pg_catalog.txid_current_if_assigned()";

/** How the gate's own transaction begins, ends well, and ends otherwise. */
const ALONE = ["begin isolation level repeatable read", "commit", "rollback"] as const;
const INSIDE = [
  "savepoint sallyport_held",
  "release savepoint sallyport_held",
  "rollback to savepoint sallyport_held; release savepoint sallyport_held",
] as const;

const GAVE_UP = deny("not-approved", { detail: "it was given up" });

/** `most`: how many rows may be others than those that were shown. */
function differs(approved: World, now: World, most: number): Denial | undefined {
  if (now.error !== undefined && approved.error === undefined) return worldChanged(`it would fail now (${now.error})`);
  if (approved.error !== undefined && now.error === undefined) return worldChanged("it would have failed, and would not now");
  if (now.hash === approved.hash && now.rows === approved.rows) return undefined;
  const others = most > 0 ? othersBetween(approved, now) : Infinity;
  if (others <= most) return undefined;
  if (most > 0 && now.rows === approved.rows)
    return worldChanged(`${others} rows are not what was shown any more, and ${most} may be others`);
  if (now.rows !== approved.rows) return worldChanged(`it would change ${now.rows} rows now, and ${approved.rows} were approved`);
  return worldChanged("the rows, or what it would make of them, are not what was shown any more");
}

function worldChanged(detail: string): Denial {
  return deny("conflict", {
    detail: `the approval was for something else: ${detail}`,
    next: "the same statement again, for a new preview",
  });
}

function digestOf({ sql, parameters = [], parameterTypes = [] }: HeldStatement): string {
  const hash = createHash("sha256").update(JSON.stringify([sql, parameterTypes]));
  for (const { binary, value } of parameters) hash.update(JSON.stringify([binary, value?.toString("base64") ?? null]));
  return hash.digest("hex");
}

/** Who it waits for, and until when: whoever sits at the client may have to wake somebody. */
function sayWaiting(say: HoldingDeps["say"], hold: Hold): void {
  const { id, preview, approvals, approvers, missing, createdAt, lapsesAt } = hold;
  if (approvals.length > 0) return say(`approved by ${namesOf(hold)}, and waits for ${missing} more (${id})`);
  const what = preview.possible
    ? preview.error === undefined
      ? `${preview.rows} ${preview.rows === 1 ? "row" : "rows"}`
      : "it would fail"
    : "no preview";
  const people = approvers.length > MOST_NAMED ? `${approvers.slice(0, MOST_NAMED).join(", ")} …` : approvers.join(", ");
  say(`this statement waits for an approval: ${id} (${what})`, {
    detail: `It takes ${missing} (${people || "nobody is in there"}), until ${timeOfDay(lapsesAt)} (${roughly(lapsesAt - createdAt)})`,
    hint: "Ctrl-C gives it up, and nothing has run",
  });
}

const MOST_NAMED = 8;

function namesOf({ approvals }: Hold): string {
  return approvals.map(({ by }) => by).join(", ");
}

function timeOfDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

/** Rounded down, so that no time is promised that is not left. */
function roughly(ms: number): string {
  return ms < 120_000 ? formatDuration(Math.floor(ms / 1000) * 1000) : formatDuration(Math.floor(ms / 60_000) * 60_000);
}
