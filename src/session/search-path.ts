/** Schemas that names without one are looked for in, as long as nothing that has run may have changed them. */
import { changesPath } from "../policy/sql.ts";
import type { StatementFacts } from "../policy/sql/statement.ts";

export class SearchPath {
  readonly #atStart: () => readonly string[] | undefined;
  #changed = false;

  /** `undefined`: nobody has asked the target. */
  constructor(atStart: () => readonly string[] | undefined) {
    this.#atStart = atStart;
  }

  get now(): readonly string[] | undefined {
    return this.#changed ? undefined : this.#atStart();
  }

  /** These run, or may have. */
  ran(statements: readonly StatementFacts[]): void {
    this.#changed ||= statements.some(changesPath);
  }
}
