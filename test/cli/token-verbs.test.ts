/** `sallyport token` against a gate that is a table. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeGate, runCliWith } from "../kit/cli.ts";

const NOW = Date.parse("2026-11-20T14:00:00Z");
const ENV = { SALLYPORT_URL: "http://127.0.0.1:7700", SALLYPORT_TOKEN: "t" };

const token = (id: string, more: object) => ({
  id,
  user: "bob",
  name: "login",
  type: "login",
  scopes: ["all"],
  createdAt: NOW - 60_000,
  expiresAt: NOW + 600_000,
  ...more,
});
const password = { name: "password for orders-db", type: "access", scopes: [], access: { target: "orders-db", grant: "gr-7xk0000000" } };
const TOKENS = [
  token("tok-1000000000", {}),
  token("tok-2000000000", password),
  token("tok-3000000000", { ...password, expiresAt: NOW - 1 }),
  token("tok-4000000000", { ...password, revokedAt: NOW - 1 }),
];

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-token-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function run(line: string) {
  const gate = new FakeGate({
    "GET /v1/tokens": { tokens: TOKENS },
    "DELETE /v1/tokens": { revoked: ["tok-2000000000"] },
    "DELETE /v1/tokens/tok-2000000000": 204,
    "GET /v1/grants": { grants: [] },
  });
  const result = await runCliWith(line.split(" "), { home, gate, env: ENV });
  return { ...result, gate };
}

describe("the list", () => {
  test("names grant and target, and leaves out what opens nothing any more", async () => {
    const { stdout, gate } = await run("token list --user bob");
    expect(gate.called("GET /v1/tokens")[0]?.query).toEqual({ user: "bob" });
    expect(stdout).toMatch(/tok-2000000000 .*access .*orders-db under gr-7xk0000000/);
    expect(stdout).not.toMatch(/tok-[34]/);
    expect((await run("token list --all")).stdout).toMatch(/tok-3[\s\S]*tok-4.*revoked/);
  });
});

describe("revoking", () => {
  test("one, by the beginning of its id among somebody's", async () => {
    const { status, gate } = await run("token revoke tok-2 --user bob");
    expect([status, gate.called("GET /v1/tokens")[0]?.query]).toEqual([0, { user: "bob" }]);
    expect(gate.called("DELETE /v1/tokens/tok-2000000000")).toHaveLength(1);
  });

  test("all of a person, as far as they were narrowed", async () => {
    const { stdout, gate } = await run("token revoke --all --user bob --type access --grant gr-7xk0000000 --target orders-db");
    expect(gate.calls.map(({ route, query }) => [route, query])).toEqual([
      ["DELETE /v1/tokens", { user: "bob", type: "access", grant: "gr-7xk0000000", target: "orders-db" }],
    ]);
    expect(stdout).toBe("Revoked tok-2000000000.\n");
  });

  test.each(["token revoke", "token revoke --type access", "token revoke tok-2 --all", "token revoke tok-2 --target orders-db"])(
    "%s: says that it is one of the two, and does nothing",
    async (line) => {
      const { status, stderr, gate } = await run(line);
      expect([status, stderr, gate.calls]).toEqual([2, expect.stringContaining("--all"), []]);
    },
  );
});
