/** The relations of a statement, each once, with all that is done to it. Pure. */
import type { SqlRelation } from "./statement.ts";

export class Relations {
  readonly #found = new Map<string, SqlRelation>();

  /** What is done to one that is in already comes together with what was: written counts, and that it is read as well. */
  add(relation: SqlRelation): void {
    const { name, schema, access, both } = relation;
    // `"a.b"` is not `a.b`.
    const key = JSON.stringify([schema, name]);
    const before = this.#found.get(key);
    const together = both === true || before?.both === true || (before !== undefined && before.access !== access);
    const isWritten = access === "write" || before?.access === "write";
    this.#found.set(key, {
      name,
      ...(schema !== undefined && { schema }),
      access: isWritten ? "write" : "read",
      ...(together && { both: true }),
    });
  }

  /** What is read of is locked as well. */
  lock(): void {
    for (const [key, relation] of this.#found) this.#found.set(key, { ...relation, both: true });
  }

  all(): readonly SqlRelation[] {
    return [...this.#found.values()];
  }
}

/** Its own name, without a schema. */
export function ownName({ name, schema }: SqlRelation): string {
  return schema === undefined ? name : name.slice(schema.length + 1);
}
