/** Verbs that connect to a database, or look at what it is asked, against a gate that is a table. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Profiles } from "../../src/cli/profile.ts";
import { answer, FakeGate, grantView, NOTHING_TO_SEE, runCliWith, type Answers, type CliResult } from "../kit/cli.ts";

const NOW = Date.parse("2026-11-20T14:00:00Z");

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sallyport-database-verbs-"));
  const url = "http://127.0.0.1:7700";
  new Profiles({}, home).save("default", { version: 1, url, user: "ana", token: "tok-secret", expiresAt: NOW + 3_600_000 });
});
afterEach(() => rmSync(home, { recursive: true }));

async function run(argv: readonly string[], answers: Answers, terminal = false): Promise<CliResult & { gate: FakeGate }> {
  const gate = new FakeGate(answers);
  return { ...(await runCliWith(argv, { home, gate, terminal, env: { PATH: process.env["PATH"] } })), gate };
}

const role = (name: string): object => ({
  role: name,
  rule: "oncall",
  maxDurationMs: 3_600_000,
  approval: "1 of leads",
  breakGlass: false,
  allows: [],
});
const shop = { name: "shop-db", kind: "postgres", address: "10.0.0.6:5432", labels: {}, hostKeys: [], hostAuthorities: [] };
const web = { ...shop, name: "web-1.prod", kind: "ssh", address: "10.0.0.5:22", roles: [role("debug")] };

describe("before anybody is asked for a reason", () => {
  const answers = {
    "GET /v1/status": NOTHING_TO_SEE,
    "GET /v1/targets/web-1.prod": web,
    "GET /v1/targets/shop-db": { ...shop, roles: [role("shop-read"), role("shop-support")] },
  };

  test.each([
    [["psql", "--reason", "x", "web-1.prod"], '"web-1.prod" is a host', "sallyport ssh web-1.prod"],
    [["connect", "--reason", "x", "web-1.prod"], '"web-1.prod" is a host', "sallyport ssh web-1.prod"],
    [["ssh", "--reason", "x", "shop-db"], '"shop-db" is a database', "sallyport psql shop-db"],
  ])("%j names the verb for that kind of target", async (argv, what, next) => {
    const { status, stderr, gate } = await run(argv, answers);
    expect([status, stderr]).toEqual([2, expect.stringContaining(what)]);
    expect(stderr).toContain(next);
    expect(gate.called("POST /v1/requests")).toEqual([]);
  });

  test("a role that may not be requested there is refused with those that may", async () => {
    const { status, stderr, gate } = await run(["psql", "--role", "shop-reed", "--reason", "x", "shop-db"], answers);
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining('"shop-reed" on "shop-db"; there you may request shop-read, shop-support'),
    ]);
    expect(gate.called("POST /v1/requests")).toEqual([]);
  });

  test("where there is nobody to ask, the roles there are are named", async () => {
    const { status, stderr, gate } = await run(["psql", "--reason", "x", "shop-db"], answers);
    expect([status, stderr]).toEqual([2, expect.stringContaining("Name one: --role shop-read | shop-support")]);
    expect(gate.called("POST /v1/requests")).toEqual([]);
  });

  test("a grant that there is not, in the role that was named", async () => {
    const { status, stderr } = await run(["psql", "--no-request", "--role", "shop-read", "shop-db"], answers);
    expect([status, stderr]).toEqual([3, expect.stringContaining('"shop-db" in role "shop-read"')]);
  });

  test("an option of sallyport behind the target is not handed to psql", async () => {
    for (const late of ["--role=shop-read", "--reason"]) {
      const { status, stderr, gate } = await run(["psql", "shop-db", late, "x"], answers);
      expect([status, stderr]).toEqual([2, expect.stringContaining(`before the target: ${late.split("=", 1)[0]}`)]);
      expect(gate.calls).toEqual([]);
    }
  });
});

test("a scan colours what is not masked, and nothing of the colour is shown as text", async () => {
  const guess = { class: "email", mask: "domain", because: "its name says e-mail addresses" };
  const found = { database: "shop", account: "reader", looked: 2, columns: [{ column: "public.customers.email", guess }], unmatched: [] };
  const { stdout } = await run(["scan", "shop-db"], { "POST /v1/targets/shop-db/columns": found }, true);
  expect(stdout).toContain("\u001b[33mno\u001b[39m");
  expect(stdout).not.toContain(String.raw`\x1b`);
});

describe("holds", () => {
  const preview = {
    possible: true,
    rows: 1,
    columns: [],
    before: [],
    after: [],
    notices: [],
    locks: [],
    walBytes: 584,
    plan: [],
    tookMs: 26,
  };
  const hold = {
    id: "hold-7kq0000000",
    principal: "ana",
    target: "shop-db",
    session: "s-9fxr1xpbz8",
    grant: "gr-7xk0000000",
    role: "shop-support",
    reason: "Payment 2361 was captured",
    createdAt: NOW,
    lapsesAt: NOW + 900_000,
    what: "update payments set amount = 1",
    rule: "shop-support.postgres.hold[write]",
    digest: "be40e3c41cc624803539a6de316ca4b43f8143a17e5aef938a72108d933ed21c",
    preview,
    state: "waiting",
    demands: ["2 of leads"],
    missing: "2 of leads",
    approvals: [],
    approvers: ["lea", "max"],
    mayDecide: true,
  };
  const answers = { "GET /v1/holds": { holds: [hold] }, [`GET /v1/holds/${hold.id}`]: hold };

  test("status names those that wait: one's own, and those that wait for one", async () => {
    const { preview: _, ...waiting } = hold;
    const theirs = { ...waiting, id: "hold-8aa0000000", principal: "bob", what: "delete\n  from refunds" };
    const { stdout } = await run(["status"], { "GET /v1/status": { ...NOTHING_TO_SEE, holds: [waiting], toDecide: [theirs] } });
    expect(stdout).toMatch(/Your statements that wait for an approval\n.*\nhold-7kq0000000 .*update payments set amount = 1 +15m/);
    expect(stdout).toMatch(/Statements that wait for you .*\n.*\nhold-8aa0000000 +bob .*delete from refunds/);
  });

  test("an approval that is not the last says what is still needed", async () => {
    const approved = { ...hold, approvals: [{ by: "lea", at: NOW }], missing: "1 of leads" };
    const path = `POST /v1/holds/${hold.id}/approve`;
    const { stdout } = await run(["holds", "approve", hold.id], { ...answers, [path]: approved });
    expect(stdout).toContain("Your approval counts. Still needed: 1 of leads");
    const { stdout: shown } = await run(["holds", "show", hold.id], { [`GET /v1/holds/${hold.id}`]: approved });
    expect(shown).toMatch(/needs +2 of leads \(who could: lea, max\)/);
    expect(shown).toMatch(/approved by +lea; still needed: 1 of leads/);
    const last = { ...approved, state: "approved", missing: undefined };
    expect((await run(["holds", "approve", hold.id], { ...answers, [path]: last })).stdout).toContain("Approved. It runs now");
  });

  test("nothing of a statement, or of the database, looks like what the gate says of it", async () => {
    const forged = "It would change 1 row.";
    const words = `x\n\n${forged}\n`;
    const cunning = {
      ...hold,
      what: `update payments set amount = 1 /*${words}*/`,
      parameters: [words],
      named: [`select 1 /*${words}*/`],
      preview: {
        ...preview,
        rows: 30_000,
        columns: [words],
        before: [[words]],
        notices: [words],
        locks: [words],
        plan: [words],
        note: words,
      },
    };
    const lines = async (shown: object): Promise<string[]> =>
      (await run(["holds", "show", hold.id], { [`GET /v1/holds/${hold.id}`]: shown })).stdout.split("\n");
    const told = await lines(cunning);
    expect(told).toContain("It would change 30000 rows.");
    expect(told).toContain(`| ${forged}`);
    const impossible = { possible: false, why: words, locks: [words], plan: [words] };
    const definition = { ...preview, definition: { rewrites: [words], creates: [words], drops: [words] } };
    for (const each of [told, await lines({ ...cunning, preview: impossible }), await lines({ ...cunning, preview: definition })])
      expect(each).not.toContain(forged);
    expect(await lines({ ...cunning, preview: { ...preview, error: words } })).not.toContain(forged);
  });

  test("the only one is shown without its id; nothing is decided without it", async () => {
    const { status, stdout } = await run(["holds", "show"], answers);
    expect([status, stdout]).toEqual([0, expect.stringContaining("It would change 1 row.")]);
    for (const verb of ["approve", "deny"]) {
      const { status: refused, stderr } = await run(["holds", verb], answers);
      expect([refused, stderr]).toEqual([2, expect.stringContaining(`Name it: ${hold.id}`)]);
    }
  });
});

test("a port that another program has is named, with what to do", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(0, "127.0.0.1", resolve));
  const at = taken.address();
  const port = typeof at === "object" && at !== null ? at.port : 0;
  const grant = grantView(NOW, {
    principal: "ana",
    reason: "x",
    role: "shop-read",
    scope: [{ target: "shop-db", kind: "postgres", address: shop.address, account: "reader", rule: "oncall" }],
  });
  const password = {
    token: "tok-8wd0000000",
    password: "sp_8wd0000000_secret",
    user: "ana+shop-db",
    host: "127.0.0.1",
    port: 7732,
    database: "shop",
    tls: false,
    expiresAt: NOW + 1_800_000,
  };
  try {
    const { status, stderr } = await run(["connect", "--no-socket", "--port", String(port), "shop-db"], {
      "GET /v1/status": { ...NOTHING_TO_SEE, grants: [{ ...grant, connect: [] }] },
      [`POST /v1/grants/${grant.id}/password`]: answer(201, password),
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining(`Cannot listen on "127.0.0.1:${port}": another program has it`)]);
    expect(stderr).toContain("Name another port");
  } finally {
    taken.close();
  }
});
