/** Statements that the role holds wait for an approval before they run. Without one they do not. */
import { deny, type Denial } from "../../../kernel/result.ts";
import type { Held } from "../../../policy/action.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { heldOf } from "../preview/held-statement.ts";
import type { PostgresRecord } from "../postgres-facts.ts";
import { isCompared, type Approved } from "../preview/postgres-hold.ts";
import type { Ran, Runs } from "./running-statement.ts";
import type { StatementLine } from "./statement-line.ts";
import type { StatementRights } from "./statement-rights.ts";
import { recordTrial } from "../preview/trial-record.ts";

export interface ApprovalDeps {
  readonly session: Pick<LiveSession, "act" | "ended">;
  readonly record: PostgresRecord;
  readonly rights: StatementRights;
  readonly line: Pick<StatementLine, "holding" | "listen" | "own">;
  /** Settings may not be what they were when the session began. */
  readonly settingsChanged: () => boolean;
}

export class StatementApprovals {
  readonly #deps: ApprovalDeps;

  constructor(deps: ApprovalDeps) {
    this.#deps = deps;
  }

  /** `undefined`: none is needed. `named`: the texts that it runs by name. */
  find(asked: Runs, what: Ran, named: readonly string[]): undefined | Promise<Approved | Denial> {
    const decision = this.#deps.rights.decide(what.read.statements);
    return decision.allowed === "hold" ? this.#ask(asked, what, named, decision) : undefined;
  }

  async #ask(asked: Runs, what: Ran, named: readonly string[], decision: Held): Promise<Approved | Denial> {
    const { session, record, line, settingsChanged } = this.#deps;
    // Fails closed: its arguments are in no text that somebody could approve.
    if (asked === "function")
      return deny("not-supported", { rule: decision.rule, detail: "approving a function call outside of a statement" });
    line.listen();
    if (asked === "execute" && settingsChanged()) {
      // It cannot be tried out on this connection now, and another has not the settings that this one has by now.
      const denial = deny("not-supported", {
        rule: decision.rule,
        detail: "approving a statement of the extended protocol after settings were changed",
      });
      return { ...denial, next: "the same as a simple query, or in a session that has set nothing" };
    }
    const tooMuch = line.holding.trialRefused(what.read.statements);
    if (tooMuch) return { ...tooMuch, rule: decision.rule };
    const own = asked === "query" ? { line: await line.own() } : {};
    const refused = await recordTrial(record.nextNumber(), what, asked, this.#deps);
    if (refused) return refused;
    if (session.ended) return deny("grant-ended");
    const approved = await line.holding.ask(heldOf(what), what.read.statements, { rule: decision.rule, named, ...own });
    if ("allowed" in approved || asked === "query" || !isCompared(approved)) return approved;
    return (await line.holding.stillHolds(approved)) ?? approved;
  }
}
