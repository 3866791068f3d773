/**
 * Follows every value of a query from the columns of tables to the outputs, and refuses what would tell of a masked
 * column by another way than an output: comparing, sorting, counting what is equal, failing for one value and not for
 * another. Pure; knows nothing of sessions.
 *
 * Fails closed: a name, a function or a form that is not known is refused wherever a masked column is in reach of it.
 * Source of the rules: PostgreSQL's own (parse_relation.c, parse_clause.c, parse_target.c, parse_cte.c).
 */
import { NARROWER, Refused } from "../refused.ts";
import type { CatalogueRelation } from "../catalogue.ts";
import type { DefinitionReader, Relations } from "../relations.ts";
import { Scope } from "../scope.ts";
import { list, unwrap, type Tree } from "../../tree.ts";
import { derived, type Column, type Value } from "../values.ts";
import { deleteOf, insertInto, mergeInto, updateOf } from "./changes.ts";
import { valueOf } from "./expressions.ts";
import { select } from "./queries.ts";
import { Walk } from "./walk.ts";

export class Tracer extends Walk {
  query(node: unknown, parent?: Scope): readonly Column[] {
    const [type, query] = unwrap(node);
    const { alike } = this;
    // What a change compares is in no query that could hide its order.
    this.alike = undefined;
    const columns = this.#query(type, query, parent);
    this.alike = alike;
    return columns;
  }

  #query(type: string, query: Tree, parent?: Scope): readonly Column[] {
    return this.deeper(() => {
      switch (type) {
        case "SelectStmt":
          return select(this, query, parent);
        case "InsertStmt":
          return insertInto(this, query, parent);
        case "UpdateStmt":
          return updateOf(this, query, parent);
        case "DeleteStmt":
          return deleteOf(this, query, parent);
        case "MergeStmt":
          return mergeInto(this, query, parent);
        default:
          throw new Refused(`${type || "this"} inside of a statement is not understood`, NARROWER);
      }
    });
  }

  expression(node: unknown, scope: Scope): Value {
    const [type, expression] = unwrap(node);
    return this.deeper(() => valueOf(this, type, expression, scope));
  }
}

/** How the definitions that the catalogue holds are read; `parse` gives the tree of one statement. */
export function definitionReader(
  parse: (sql: string) => unknown,
  relations: () => Relations,
  vouched: ReadonlySet<string>,
): DefinitionReader {
  const reading = <T>(read: (tracer: Tracer) => T): T => {
    const tracer = new Tracer(relations(), vouched, true);
    const found = read(tracer);
    // It is the session that asks, and the number of rows answers.
    if (tracer.asksMasked && tracer.isChosen) {
      throw new Refused("which rows it has goes by masked columns and by what a session may choose", NARROWER, { tells: true });
    }
    return found;
  };
  const over = (
    expression: string,
    { name }: CatalogueRelation,
    columns: readonly Column[],
    ask: (tracer: Tracer, node: unknown, scope: Scope) => Value,
  ): Value => {
    const scope = new Scope();
    scope.add([{ alias: name, columns }], columns);
    const [, query] = unwrap(parse(`SELECT ${expression}`));
    const [, target] = unwrap(list(query["targetList"])[0]);
    return reading((tracer) => ask(tracer, target["val"], scope));
  };
  return {
    tree: parse,
    view: (definition) => reading((tracer) => tracer.query(parse(definition))),
    generated: (expression, relation, columns) =>
      over(expression, relation, columns, (tracer, node, scope) => derived([tracer.expression(node, scope)])),
    policy: (expression, relation, columns) =>
      void over(expression, relation, columns, (tracer, node, scope) => tracer.condition(node, scope)),
  };
}
