import { expect, test } from "vitest";
import type { PostgresLimits, Role } from "../role.ts";
import { sqlLimitsOf } from "./limits.ts";
import { isReadOnly } from "./read-only.ts";

function role(limits?: PostgresLimits): Role {
  const postgres = { account: "app", allow: [], functions: [], databases: [], ...(limits && { limits }) };
  return { name: "query", postgres, gate: [], budget: {}, recording: { exec: "head" } };
}

test("the tighter of each, whichever role has it", () => {
  const approved = role({ rows: 100, statementMs: 5000, limit: 10 });
  expect(sqlLimitsOf(approved, role({ rows: 50, statementMs: 9000, bytes: 1 }))).toEqual({
    rows: 50,
    statementMs: 5000,
    limit: 10,
    bytes: 1,
  });
  expect(sqlLimitsOf(approved, role())).toEqual({ rows: 100, statementMs: 5000, limit: 10 });
  expect(sqlLimitsOf(role(), role({ statements: 2, idleInTransactionMs: 3 }))).toEqual({ statements: 2, idleInTransactionMs: 3 });
  expect(sqlLimitsOf(approved, undefined)).toEqual({ rows: 100, statementMs: 5000, limit: 10 });
  expect(sqlLimitsOf(role(), role())).toEqual({});
});

test.each([
  [["read"], [], true],
  [["read", "copy", "session", "transaction", "utility"], [], true],
  [["read", "write"], [], false],
  [["read", "ddl"], [], false],
  [["read", "dcl"], [], false],
  [["read", "function"], [], false],
  [["read", "opaque"], [], false],
  [["read"], ["audit.stamp"], false],
] as const)("%j with functions %j only reads: %j", (allow, functions, expected) => {
  expect(isReadOnly({ account: "app", allow, functions, databases: [] })).toBe(expected);
});
