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
import { deny, type Denial } from "../../kernel/result.ts";
import type { StatementFacts } from "../../policy/sql/statement.ts";
import type { Hold, Holds } from "../../session/holds.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { TransactionStatus } from "../../wire/postgres/backend.ts";
import { encodeQuery } from "../../wire/postgres/frontend.ts";
import { parametersAsText } from "./held-parameters.ts";
import { dryRun, worldOf, type HeldStatement, type World } from "./dry-run.ts";
import { must, type Answer, type Exchange } from "./postgres-answer.ts";
import { previewStatement, type PreviewDeps, type Previewed } from "./postgres-preview.ts";
import { whyNot } from "./preview-effects.ts";

export interface HoldingDeps {
  readonly session: LiveSession;
  readonly holds: Holds;
  readonly preview: Omit<PreviewDeps, "permit">;
  /** A line to whoever waits at the client. */
  readonly say: (text: string) => void;
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

  /** Resolves when somebody has decided; a Denial when they said no, nobody did, or who asked gave up. */
  async ask(held: HeldStatement, statements: readonly StatementFacts[], asked: Asked): Promise<Approved | Denial> {
    const { rule, named, line } = asked;
    const { session, holds, say } = this.#deps;
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      const previewed = await previewStatement(held, statements, this.#previewDeps(), line);
      if (waiting.signal.aborted || session.ended) return GAVE_UP;
      const action = {
        what: held.sql,
        digest: digestOf(held),
        rule,
        preview: previewed.preview,
        ...parametersAsText(held.parameters),
        ...(named.length > 0 && { named }),
      };
      const verdict = await holds.ask(session, action, waiting.signal, (hold) => say(waitingText(hold)));
      if ("allowed" in verdict) return verdict;
      if (!verdict.approved) return verdict.hold.state === "withdrawn" ? GAVE_UP : verdict.denial;
      say(`approved by ${verdict.hold.by ?? "somebody"} (${verdict.hold.id})`);
      return { hold: verdict.hold, held, statements, previewed };
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
    const { preview, compared } = await previewStatement(held, statements, this.#previewDeps());
    if (!preview.possible || compared === undefined)
      return worldChanged(preview.possible ? "it cannot be tried out any more" : preview.why);
    return differs(previewed.compared.world, compared.world);
  }

  /**
   * Over the session's own connection, which is idle. `record` puts it on record right before it runs. The answer to the
   * client's own bytes.
   */
  async run(
    { held, statements, previewed }: Compared,
    message: Buffer,
    line: OwnLine,
    record: () => Promise<Denial | undefined>,
  ): Promise<Answer | Denial> {
    const { change, world, stable } = previewed.compared;
    const { exchange, status } = line;
    const inTransaction = status !== "I";
    // A transaction that failed takes nothing more: the server says so, and nothing runs.
    if (status === "E") return (await record()) ?? exchange(message);
    const [begin, commit, undo] = inTransaction ? INSIDE : ALONE;
    await must(exchange, begin);
    // What would run with it may have changed too: a trigger that was not there.
    const why = await whyNot(exchange, statements, this.#deps.preview.vouched);
    const changed = why === undefined ? differs(world, worldOf(await dryRun(exchange, held, change), stable)) : worldChanged(why);
    if (changed) {
      await must(exchange, undo);
      return changed;
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
    if (answer.count !== world.rows) {
      await must(exchange, undo);
      return worldChanged(`it would have changed ${answer.count} rows, and ${world.rows} were approved`);
    }
    const committed = await exchange(encodeQuery(commit));
    if (committed.error) answer.failInstead(committed);
    answer.status = committed.status;
    return answer;
  }

  #previewDeps(): PreviewDeps {
    return { ...this.#deps.preview, permit: this.#deps.session.permit };
  }
}

/** How the gate's own transaction begins, ends well, and ends otherwise. */
const ALONE = ["begin isolation level repeatable read", "commit", "rollback"] as const;
const INSIDE = [
  "savepoint sallyport_held",
  "release savepoint sallyport_held",
  "rollback to savepoint sallyport_held; release savepoint sallyport_held",
] as const;

const GAVE_UP = deny("role-denies", { detail: "it needs an approval, and was given up" });

function differs(approved: World, now: World): Denial | undefined {
  if (now.error !== undefined && approved.error === undefined) return worldChanged(`it would fail now (${now.error})`);
  if (approved.error !== undefined && now.error === undefined) return worldChanged("it would have failed, and would not now");
  if (now.rows !== approved.rows) return worldChanged(`it would change ${now.rows} rows now, and ${approved.rows} were approved`);
  if (now.hash === approved.hash) return undefined;
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

function waitingText({ id, preview }: Hold): string {
  const what = preview.possible
    ? preview.error === undefined
      ? `${preview.rows} ${preview.rows === 1 ? "row" : "rows"}`
      : "it would fail"
    : "no preview";
  return `this statement waits for an approval: ${id} (${what}). Ctrl-C gives it up`;
}
