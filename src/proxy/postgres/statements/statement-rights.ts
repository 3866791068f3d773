/** What the role, and its masks, say of a text on one connection at this moment. Records nothing, sends nothing. */
import { deny, type Denial } from "../../../kernel/result.ts";
import type { Decision, SqlAction } from "../../../policy/action.ts";
import type { StatementFacts } from "../../../policy/sql/statement.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { refuseSettings } from "../../../session/masked-settings.ts";
import { SearchPath } from "../../../session/search-path.ts";
import type { Read } from "./connection-names.ts";
import type { SessionMasking } from "../masking/session-masking.ts";

export class StatementRights {
  readonly #session: Pick<LiveSession, "decide">;
  readonly #masking: SessionMasking;
  readonly #path: SearchPath;

  constructor(session: Pick<LiveSession, "decide">, masking: SessionMasking) {
    this.#session = session;
    this.#masking = masking;
    this.#path = new SearchPath(() => masking.path);
  }

  /** These run, or may have: names may be looked for elsewhere from now on. */
  ran(statements: readonly StatementFacts[]): void {
    this.#path.ran(statements);
  }

  /** What is asked of the role. */
  action(statements: readonly StatementFacts[]): SqlAction {
    return { kind: "sql.statement", statements, path: this.#path.now };
  }

  decide(statements: readonly StatementFacts[]): Decision {
    return this.#session.decide(this.action(statements));
  }

  /** By the role, or by its masks. `lens`: that it was read with. */
  denied({ statements, traced }: Read, lens = this.#masking.lens): Denial | undefined {
    const decision = this.decide(statements);
    if (decision.allowed === false) return decision;
    if (this.#masking.masks && lens !== this.#masking.lens) {
      return deny("masked", { rule: decision.rule, detail: "it was named under other masks", next: "give the name anew" });
    }
    const fixed = traced && refuseSettings(statements);
    if (fixed) return { ...fixed, rule: decision.rule };
    const refused = traced?.find((each) => !each.ok);
    return refused && deny("masked", { rule: decision.rule, detail: refused.detail, next: refused.next });
  }

  deniedTypes(parameterTypes: readonly number[]): Denial | undefined {
    if (!this.#masking.runsCode(parameterTypes)) return undefined;
    const detail = "a parameter of that type runs code that somebody defined, which may read anything";
    return deny("masked", { detail, next: "a parameter of one of PostgreSQL's own types" });
  }

  /** Whether the role reads by itself what the text names: rows of a write are rows. */
  mayRead(statements: readonly StatementFacts[]): boolean {
    const reading = statements.map((each): StatementFacts => ({
      ...each,
      kind: "SelectStmt",
      classes: ["read"],
      relations: each.relations.map(({ name, schema }) => ({ name, ...(schema !== undefined && { schema }), access: "read" })),
      ...(each.beyond && { beyond: ["read"] }),
      functions: [],
      settings: [],
    }));
    return this.decide(reading).allowed === true;
  }
}
