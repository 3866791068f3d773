import { describe, expect, test } from "vitest";
import { covers, parseRule, splitName, type SqlRule } from "./rules.ts";

function rule(text: string): SqlRule {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(parsed.expected);
  return parsed.rule;
}

test.each([
  ["read", { on: "class", of: "read" }],
  ["function", { on: "class", of: "function" }],
  ["write on public.orders", { on: "relation", of: "write", schema: ["public"], name: ["orders"] }],
  ["ddl on staging.*", { on: "relation", of: "ddl", schema: ["staging"], name: ["", ""] }],
  ["read on *.tmp_*_old", { on: "relation", of: "read", schema: ["", ""], name: ["tmp_", "_old"] }],
  ['read on "Sales"."a.b ""c"""', { on: "relation", of: "read", schema: ["Sales"], name: ['a.b "c"'] }],
  ['read on public."*"', { on: "relation", of: "read", schema: ["public"], name: ["*"] }],
  ["function refund", { on: "function", name: ["refund"] }],
  ["function audit.*", { on: "function", schema: ["audit"], name: ["", ""] }],
])("%s", (text, parsed) => {
  expect(rule(text)).toEqual(parsed);
});

test.each([
  ["", /^one of read, /],
  ["raed on public.orders", /^one of read, /],
  ["READ", /^one of read, /],
  ["unknown", /^one of read, /],
  ["read public.orders", /`read on schema\.table`/],
  ["read on orders", /`read on schema\.table`/],
  ["read on shop.public.orders", /`read on schema\.table`/],
  ["read on Public.orders", /small letters or double quotes/],
  ["read  on public.orders", /`read on schema\.table`/],
  ["read on public.orders ", /`read on schema\.table`/],
  ["read on public.orders, public.items", /`read on schema\.table`/],
  ['read on public."', /`read on schema\.table`/],
  ["session on public.orders", /`session` alone: only read, write, ddl, utility/],
  ["copy on public.orders", /`copy` alone/],
  ["function on public.orders", /name of a function/],
  ["function refund(int)", /name of a function/],
  ["function a.b.c", /name of a function/],
])("%j is none", (text, expected) => {
  expect(parseRule(text)).toMatchObject({ ok: false, expected: expect.stringMatching(expected) });
});

describe("which entries make others pointless", () => {
  test.each([
    ["read", "read on public.*"],
    ["read on *.*", "read on public.orders"],
    ["read on public.*", "read on public.orders"],
    ["read on public.o*s", "read on public.orders"],
    ["function", "function audit.stamp"],
    ["function audit.*", "function audit.stamp"],
  ])("%s over %s, and not the other way around", (one, other) => {
    expect(covers(rule(one), rule(other))).toBe(true);
    expect(covers(rule(other), rule(one))).toBe(false);
  });

  test.each([
    ["read", "write"],
    ["read on public.*", "write on public.orders"],
    ["read on public.a*", "read on public.*b"],
    ["read on public.a*b", "read on public.ab*b"],
    ['read on public."*"', "read on public.*b"],
    // One is of every schema where it holds and denies, the other of what is written without one.
    ["function stamp", "function audit.stamp"],
    ["function audit.stamp", "function stamp"],
  ])("not %s over %s", (one, other) => {
    expect(covers(rule(one), rule(other))).toBe(false);
  });
});

test("a name is split where its dots are, and not inside of quotes", () => {
  expect(splitName("audit.stamp")).toEqual(["audit", "stamp"]);
  expect(splitName('"audit.stamp"')).toEqual(["audit.stamp"]);
  expect(splitName('a."b.""c"')).toEqual(["a", 'b."c']);
});
