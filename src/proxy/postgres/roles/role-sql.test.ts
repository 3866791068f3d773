import { expect, test } from "vitest";
import type { SessionId } from "../../../kernel/ids.ts";
import { handOver, makeRole, openRole, parseMark, roleMark, roleName } from "./role-sql.ts";

const SESSION = "s-0123456789" as SessionId;

test("a name fits a server, and always ends with its session", () => {
  expect(roleName("sallyport_", "ana", SESSION)).toBe("sallyport_ana_s-0123456789");
  const long = roleName("sallyport_", "a".repeat(64), SESSION);
  expect(long).toHaveLength(63);
  expect(long.endsWith(`_${SESSION}`)).toBe(true);
});

test("a mark is read by the gate that made it", () => {
  const mark = roleMark("gate.example/a", SESSION, "app read");
  expect(parseMark("gate.example/a", mark)).toEqual({ session: SESSION, account: "app read" });
});

test.each([
  [null],
  [""],
  ["sallyport role of gate.example/b s-0123456789 app"],
  ["sallyport role of gate.example/a"],
  ["sallyport role of gate.example/a s-0123456789"],
  ["sallyport role of gate.example/a s-0123456789 "],
  ["sallyport role of gate.example/a x-0123456789 app"],
  [" sallyport role of gate.example/a s-0123456789 app"],
])("no other comment is one: %j", (comment) => {
  expect(parseMark("gate.example/a", comment)).toBeUndefined();
});

test("whatever stands in a name or a text stays in it", () => {
  const made = makeRole({ role: 'a"b', account: 'c"; drop', until: 0, mark: "m'n" });
  expect(made).toContain('CREATE ROLE "a""b" NOLOGIN');
  expect(made).toContain('IN ROLE "c""; drop";');
  expect(made).toContain("VALID UNTIL '1970-01-01T00:00:00.000Z'");
  expect(openRole('a"b', "v'w")).toBe(`ALTER ROLE "a""b" LOGIN PASSWORD 'v''w'`);
  expect(made).toContain("IS 'm''n'");
  expect(handOver('a"b', "c")).toBe('REASSIGN OWNED BY "a""b" TO "c";DROP OWNED BY "a""b"');
});
