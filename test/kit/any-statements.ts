/** Roles that say something of statements, and statements, at random and by hand: few names, so that they meet. */
import fc from "fast-check";
import type { Action } from "../../src/policy/action.ts";
import { decide } from "../../src/policy/decide.ts";
import type { PostgresPermissions, Role } from "../../src/policy/role.ts";
import type { SqlClass, SqlRelation, StatementFacts } from "../../src/policy/sql/statement.ts";

export type Lists = Pick<PostgresPermissions, "allow" | "hold" | "deny">;

export function role(lists: Lists, name = "support"): Role {
  return { name, postgres: { account: "app", databases: [], ...lists }, gate: [], budget: {}, recording: { exec: "full" } };
}

function relation(text: string): SqlRelation {
  const [name = "", access = "read", both] = text.split(" ");
  const [schema] = name.includes(".") ? name.split(".") : [];
  return { name, ...(schema !== undefined && { schema }), access: access as SqlRelation["access"], ...(both && { both: true }) };
}

export function statement(classes: readonly SqlClass[], relations: readonly string[], more: Partial<StatementFacts> = {}): StatementFacts {
  const facts = { kind: "SelectStmt", functions: [], settings: [], columns: [], secret: false };
  return { ...facts, classes, relations: relations.map(relation), ...more };
}

export function asked(...statements: readonly StatementFacts[]): Action {
  return { kind: "sql.statement", statements };
}

export const SCHEMAS = ["public", "payroll", "staging"];
const TABLES = ["orders", "pay", "tmp_1"];
export const anyEntry = fc.oneof(
  fc.constantFrom("read", "write", "ddl", "utility", "function", "transaction"),
  fc
    .tuple(
      fc.constantFrom("read", "write", "ddl", "utility"),
      fc.constantFrom(...SCHEMAS, "*", "p*"),
      fc.constantFrom(...TABLES, "*", "tmp_*", "*a*"),
    )
    .map(([of, schema, table]) => `${of} on ${schema}.${table}`),
  fc.constantFrom("function refund", "function audit.refund", "function audit.*", "function re*"),
);
const anyList = fc.array(anyEntry, { maxLength: 4 });
export const anyLists: fc.Arbitrary<Required<Lists>> = fc.record({ allow: anyList, hold: anyList, deny: anyList });
export function does(relation: SqlRelation, access: SqlRelation["access"]): boolean {
  return relation.access === access || relation.both === true;
}

/** The same in this schema, or in one that is not written. */
export function placed({ name, access, both }: SqlRelation, schema?: string): SqlRelation {
  const own = name.split(".").at(-1) ?? "";
  const done = { access, ...(both && { both }) };
  return schema === undefined ? { name: own, ...done } : { name: `${schema}.${own}`, schema, ...done };
}
export const anyRelation = fc
  .tuple(fc.constantFrom(...SCHEMAS, undefined), fc.constantFrom(...TABLES), fc.constantFrom("read", "write"), fc.boolean())
  .map(([schema, name, access, both]) => relation(`${schema === undefined ? name : `${schema}.${name}`} ${access}${both ? " both" : ""}`));
export const anyStatement = fc
  .record({
    classes: fc.uniqueArray(fc.constantFrom<SqlClass>("read", "write", "ddl", "utility", "function", "transaction"), { minLength: 1 }),
    relations: fc.array(anyRelation, { maxLength: 3 }),
    functions: fc.subarray(["refund", "audit.refund", "pg_catalog.refund"]),
    beyond: fc.subarray<"read" | "write">(["read", "write"]),
  })
  .map(({ classes, relations, ...more }): StatementFacts => Object.assign(statement(classes, [], more), { relations }));
const anyPath = fc.option(fc.subarray(SCHEMAS), { nil: undefined });
export const anyAction: fc.Arbitrary<Action> = fc
  .tuple(fc.array(anyStatement, { minLength: 1, maxLength: 2 }), anyPath)
  .map(([statements, path]) => ({ kind: "sql.statement", statements, path }));

/** From what stops most to what stops least. */
export const ORDER = [false, "hold", true] as const;
export function letsThrough(lists: Lists, action: Action): number {
  return ORDER.indexOf(decide(role(lists), action).allowed);
}
