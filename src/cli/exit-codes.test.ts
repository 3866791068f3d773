import { expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../kernel/errors.ts";
import { EXIT_MEANING, exitCodeOf } from "./exit-codes.ts";

test("every code has a documented status, and none is success", () => {
  const documented = new Set(EXIT_MEANING.map(([status]) => status));
  const statuses = (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, exitCodeOf(code)] as const);
  expect(statuses.filter(([, status]) => status === 0 || !documented.has(status))).toEqual([]);
});

test.each([
  ["no-grant", 3],
  ["locked", 3],
  ["own-request", 3],
  ["not-authenticated", 4],
  ["token-expired", 4],
  ["not-found", 5],
  ["gate-unreachable", 6],
  ["bad-request", 2],
  ["bad-config", 1],
  ["internal", 1],
  ["rate-limited", 1],
] as const)("%s → %i", (code, status) => expect(exitCodeOf(code)).toBe(status));
