/**
 * What runs: decided again with what its names stand for, approved where the role holds it, on record, and only then
 * forwarded. And what has to wait behind it, because code may have changed how the target reads a text.
 */
import { after } from "../../../kernel/after.ts";
import type { Denial } from "../../../kernel/result.ts";
import type { StatementFacts } from "../../../policy/sql/statement.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import type { ConnectionNames, Meaning } from "./connection-names.ts";
import type { Ending, Pipeline } from "../relay/pipeline.ts";
import type { PostgresRecord } from "../postgres-facts.ts";
import { isCompared, type Approved, type Compared } from "../preview/postgres-hold.ts";
import { parametersOfRun, Running, type Ran, type Runs } from "./running-statement.ts";
import type { SessionMasking } from "../masking/session-masking.ts";
import type { SettledNames } from "./settled-names.ts";
import { StatementApprovals } from "./statement-approvals.ts";
import type { StatementLine } from "./statement-line.ts";
import type { StatementRefusals } from "./statement-refusals.ts";
import type { StatementRights } from "./statement-rights.ts";

/** Makes it durable that it runs. */
type Act = () => Denial | undefined | Promise<Denial | undefined>;

export interface StatementRunDeps {
  readonly session: Pick<LiveSession, "act" | "ended">;
  readonly masking: SessionMasking;
  readonly record: PostgresRecord;
  readonly pipeline: Pipeline<Running>;
  readonly line: StatementLine;
  readonly names: ConnectionNames;
  readonly settled: SettledNames;
  readonly rights: StatementRights;
  readonly refusals: StatementRefusals;
}

export class StatementRuns {
  readonly #deps: StatementRunDeps;
  readonly #approvals: StatementApprovals;
  #settingsChanged = false;
  #behindCode = false;

  constructor(deps: StatementRunDeps) {
    this.#deps = deps;
    this.#approvals = new StatementApprovals({ ...deps, settingsChanged: () => this.#settingsChanged });
  }

  /** Settings may not be what they were when the session began. */
  get settingsChanged(): boolean {
    return this.#settingsChanged;
  }

  /** Code of DO or CALL, or what is watched as such, runs, or has run, and the target has not said yet which settings it changed. */
  get isBehindCode(): boolean {
    return this.#behindCode;
  }

  /**
   * Code can change how the target reads a text. It says so with ReadyForQuery: no text passes before, and the session
   * does not outlive one that matters.
   */
  afterCode(): Promise<void> | undefined {
    return this.#behindCode ? this.#deps.pipeline.answered() : undefined;
  }

  /** ReadyForQuery: the target has told of every setting that has changed. */
  ready(): void {
    if (this.#deps.pipeline.isIdle) this.#behindCode = false;
  }

  /** Hot path. */
  run(asked: Runs, message: Buffer, what: Ran): Promise<void> | void {
    return after(this.#deps.settled.meaning(what), (meaning) => {
      if (meaning === undefined) return undefined;
      const { limited } = what.read;
      const meant: Ran = { ...what, read: { ...meaning.read, ...(limited && { limited }) } };
      return after(this.#runMeant(asked, message, meant, meaning), (runs) => (runs ? undefined : meaning.ended("skipped")));
    });
  }

  /** Whether it runs. */
  #runMeant(asked: Runs, message: Buffer, what: Ran, meaning: Meaning): boolean | Promise<boolean> {
    const { rights, refusals } = this.#deps;
    const masked = rights.denied(what.read, what.lens);
    if (masked?.code === "masked") return refusals.refuse(asked, masked, what).then(() => false);
    return after(this.#approvals.find(asked, what, meaning.named), (approved) => {
      if (approved && "allowed" in approved) return refusals.refuse(asked, approved, what).then(() => false);
      return this.#act(asked, message, what, { meaning, approved });
    });
  }

  #act(
    asked: Runs,
    message: Buffer,
    what: Ran,
    { meaning, approved }: { readonly meaning: Meaning; readonly approved: Approved | undefined },
  ): boolean | Promise<boolean> {
    const { session, record, rights, refusals, line, settled } = this.#deps;
    const { statements } = what.read;
    const number = record.nextNumber();
    const act: Act = () =>
      session.act(
        rights.action(statements),
        () => record.statement(number, what, parametersOfRun(asked, what), meaning.named, approved?.hold.id),
        (refused) => record.refused(refused, what),
        approved !== undefined,
      );
    const begin = (transaction?: string): void => this.#begin(asked, number, what, { meaning, transaction });
    if (approved && asked === "query" && isCompared(approved)) return this.#runTried(approved, message, what, { act, begin });
    return after(act(), (denial) => {
      if (session.ended) return false;
      if (denial) {
        refusals.send(asked, denial);
        return false;
      }
      begin();
      if (statements.some(mayChangeSettings)) this.#settingsChanged = true;
      line.forward(message);
      line.began();
      if (!meaning.isOpaque && !statements.some(({ watched }) => watched)) return true;
      this.#behindCode = true;
      return after(asked === "execute" ? settled.answered() : this.afterCode(), () => true);
    });
  }

  /** What it would change is looked at once more, over the session's own connection, which runs it then. */
  async #runTried(
    approved: Compared,
    message: Buffer,
    what: Ran,
    { act, begin }: { readonly act: Act; readonly begin: (transaction?: string) => void },
  ): Promise<boolean> {
    const { session, line, refusals } = this.#deps;
    const answer = await line.holding.run(approved, message, await line.own(), act);
    if (session.ended) return false;
    if ("allowed" in answer) {
      await refusals.refuse("query", answer, what);
      return false;
    }
    begin(answer.transaction);
    line.replay(answer.messages, answer.status);
    return true;
  }

  /** From here on it is the target's. */
  #begin(
    asked: Runs,
    number: number,
    what: Ran,
    { meaning, transaction }: { readonly meaning: Meaning; readonly transaction: string | undefined },
  ): void {
    const { masking, record, pipeline, rights, names } = this.#deps;
    const { read, provenance, shape, formats = [] } = what;
    const masks = masking.results(read, provenance);
    const results = record.results(number, shape && { shape, formats });
    const keepsError = record.keepsErrors(what);
    const statement = new Running(number, { keepsError, masks, results, isCutAt: read.limited?.most, transaction });
    const onAnswer = asked === "query" ? { ...meaning, ended: (how: Ending) => this.#queryEnded(meaning, how) } : meaning;
    pipeline.asked({ asked, statement, onAnswer });
    rights.ran(read.statements);
    if (asked !== "execute") names.boundary();
  }

  #queryEnded(meaning: Meaning, how: Ending): void {
    meaning.ended(how);
    if (how !== "skipped") this.#deps.names.endUnnamed();
  }
}

const CHANGING_SETTINGS: ReadonlySet<string> = new Set(["session", "dcl", "function", "opaque"]);

/** SET LOCAL, LISTEN and others too: it is the session's own doing, and harmless to be wrong about. */
function mayChangeSettings({ classes, settings }: StatementFacts): boolean {
  return settings.length > 0 || classes.some((each) => CHANGING_SETTINGS.has(each));
}
