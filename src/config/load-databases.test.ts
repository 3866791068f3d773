import { describe, expect, test } from "vitest";
import { DATABASE, exampleWith, problemsOf } from "../../test/kit/example-config.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

describe("databases", () => {
  test("a target with what proves it, a role with what it allows; the password only by reference, and apart from the target", () => {
    const parsed = parseConfig(exampleWith(...DATABASE), "s.yaml");
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
    const { config, warnings } = parsed;
    expect(warnings).toEqual([]);
    expect(config.targets.get("orders")?.postgres).toEqual({ database: "shop", tls: "verify-full" });
    expect(config.roles.get("query")?.postgres).toEqual({
      account: "app",
      allow: ["read", "transaction", "function audit.stamp"],
      hold: [],
      deny: [],
      unmasked: [],
      databases: [],
    });
    expect(JSON.stringify([...config.targets])).not.toContain("ORDERS_APP");
    expect(config.logins.get("orders")?.get("app")).toEqual({ from: "env", name: "ORDERS_APP" });
  });

  test("with roles of sessions an account needs no password of its own", () => {
    const roles = "database: shop, ephemeral: { by: maker }, logins: { maker: env:ORDERS_MAKER }";
    const parsed = parseConfig(exampleWith(...DATABASE, ["database: shop, logins: { app: env:ORDERS_APP }", roles]), "s.yaml");
    expect(parsed.ok && parsed.config.targets.get("orders")?.postgres).toEqual({
      database: "shop",
      tls: "verify-full",
      ephemeral: { by: "maker", prefix: "sallyport_" },
    });
  });

  test.each([
    ["3", { rows: 3 }],
    ["2.5%", { percent: 2.5 }],
  ])("a tolerance of previews: %s", (text, tolerance) => {
    const parsed = parseConfig(exampleWith(...DATABASE, ["audit.stamp] }", `audit.stamp], preview: { tolerance: ${text} } }`]), "s.yaml");
    expect(parsed.ok && parsed.config.roles.get("query")?.postgres?.preview).toEqual({ tolerance });
  });

  test("limits on statements, in milliseconds and bytes", () => {
    const limits = "limits: { statement: 30s, rows: 1000, bytes: 1MiB, idleInTransaction: 5m, statements: 4, limit: 100 }";
    const parsed = parseConfig(exampleWith(...DATABASE, ["audit.stamp] }", `audit.stamp], ${limits} }`]), "s.yaml");
    expect(parsed.ok && parsed.config.roles.get("query")?.postgres?.limits).toEqual({
      statementMs: 30_000,
      rows: 1000,
      bytes: 1_048_576,
      idleInTransactionMs: 300_000,
      statements: 4,
      limit: 100,
    });
  });

  test.each([
    ["a class by another name", "raed on public.orders", /allow\[0\]: expected one of read, .*found "raed.*did you mean "read"\?$/],
    ["a relation without its schema", "read on orders", /allow\[0\]: expected `read on schema\.table`, in small letters/],
    ["a class that is on nothing", "session on public.orders", /allow\[0\]: expected `session` alone/],
    ["what is denied anyway", "read, deny: [read]", /allow\[0\]: expected what `deny` does not say anyway: `read` there decides/],
    [
      "what waits anyway",
      "write on public.a, hold: [write on public.*]",
      /`write on public\.\*` there decides, and `write on public\.a` here never does/,
    ],
    ["a denial around which code leads", "read, opaque, deny: [read on pay.*]", /deny\[0\]: expected `opaque` not in `allow`/],
    ["a denial around which any function leads", "read, function, deny: [read on pay.*]", /deny\[0\]: expected `function` not in `allow`/],
    ["a denial of what has no effects", "read, deny: [function lower]", /deny\[0\]: expected a function that may have effects/],
    ["days of waiting", "read, holdFor: 1441m", /holdFor: expected at most 24 hours/],
  ])("statements: %s is refused where it stands", (_what, entry, message) => {
    const [first, ...keys] = entry.split(/, (?=deny|hold)/);
    const allow = `allow: [${first}]${keys.map((each) => `, ${each}`).join("")}`;
    const parsed = parseConfig(exampleWith(...DATABASE, ["allow: [read, transaction, function audit.stamp]", allow]), "s.yaml");
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([expect.stringMatching(message)]);
  });

  test("statements: relations, functions, what waits and how long, what is denied", () => {
    const written = 'allow: [read, write on public.orders], hold: [write on public."Old"], deny: [read on pay.*], holdFor: 5m';
    const parsed = parseConfig(exampleWith(...DATABASE, ["allow: [read, transaction, function audit.stamp]", written]), "s.yaml");
    expect(parsed.ok && parsed.config.roles.get("query")?.postgres).toMatchObject({
      allow: ["read", "write on public.orders"],
      hold: ['write on public."Old"'],
      deny: ["read on pay.*"],
      holdForMs: 300_000,
    });
  });

  test.each([
    [
      "a limit of nothing",
      "audit.stamp] }",
      "audit.stamp], limits: { statement: 0s } }",
      /limits\.statement: expected a duration in seconds/,
    ],
    [
      "a limit that no timer holds",
      "audit.stamp] }",
      "audit.stamp], limits: { statement: 34561m } }",
      /limits\.statement: expected at most 24 days: 34560m/,
    ],
    [
      "a tolerance of all",
      "audit.stamp] }",
      "audit.stamp], preview: { tolerance: 101% } }",
      /preview\.tolerance: expected a number of rows/,
    ],
    [
      "a tolerance below none",
      "audit.stamp] }",
      "audit.stamp], preview: { tolerance: -1 } }",
      /preview\.tolerance: expected a whole number from 0/,
    ],
    ["a limit of no rows", "audit.stamp] }", "audit.stamp], limits: { rows: 0 } }", /limits\.rows: expected a whole number from 1/],
    ["a limit that is none", "audit.stamp] }", "audit.stamp], limits: { row: 5 } }", /did you mean "rows"\?$/],
    [
      "a class that cannot be allowed",
      "allow: [read, transaction,",
      "allow: [read, unknown,",
      /roles\.query\.postgres\.allow\[1\]: expected one of/,
    ],
    ["nothing allowed", "allow: [read, transaction, function audit.stamp]", "allow: []", /roles\.query\.postgres: .*allows nothing/],
    ["no account", "account: app, ", "", /roles\.query\.postgres\.account: expected account/],
    ["an unknown key", "allow: [read", "alow: [read", /did you mean "allow"\?$/],
    [
      "a role without a block for this kind",
      "roles: [query]",
      "roles: [look]",
      /rules\[1\]\.roles\[0\]: expected a role with a `postgres` block/,
    ],
    ["a role without a block for hosts", "roles: [look]", "roles: [query]", /rules\[2\]\.roles\[0\]: expected a role with an `ssh` block/],
    ["an account without a password", "logins: { app:", "logins: { other:", /among the `logins` of "orders"/],
    ["no database", "database: shop, ", "", /targets\.orders: expected `database`/],
    [
      "a password in clear to whoever answers",
      "database: shop,",
      "database: shop, tls: require, auth: password,",
      /targets\.orders\.auth: .*only to a server that has proven/,
    ],
    [
      "a maker of roles without a password",
      "database: shop,",
      "database: shop, ephemeral: { by: maker },",
      /targets\.orders\.ephemeral\.by: expected a login role/,
    ],
    [
      "a prefix that could be anybody's",
      "database: shop,",
      'database: shop, ephemeral: { by: app, prefix: "a" },',
      /ephemeral\.prefix: expected the beginning/,
    ],
    ["a way of TLS that is none", "database: shop,", "database: shop, tls: prefer,", /expected verify-full, verify-ca, require or off/],
    [
      "keys of a host",
      "database: shop,",
      `database: shop, hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu"],`,
      /targets\.orders\.hostKeys/,
    ],
    ["a host with a database", "  db-1:\n", "  db-1:\n    database: x\n", /targets\.db-1\.database/],
    [
      "held statements that nobody approves",
      "targets: { names: [orders] }",
      "targets: { names: [orders] }, holds: none",
      /rules\[1\]\.holds/,
    ],
    [
      "held statements of a group that is none",
      "targets: { names: [orders] }",
      "targets: { names: [orders] }, holds: 1 of lead",
      /rules\[1\]\.holds.*"leads"/,
    ],
    ["a door on the port of another", "7754", "7722", /gate\.postgres: expected another address/],
  ] as const)("%s is a problem with its place", (_what, piece, instead, line) => {
    const found = problemsOf(exampleWith(...DATABASE, [piece, instead]));
    expect(found.filter((each) => line.test(each))).toHaveLength(1);
  });

  test.each([
    ["of TLS without proof", "database: shop,", "database: shop, tls: require,", "targets.orders.tls"],
    ["of MD5", "database: shop,", "database: shop, auth: md5,", "targets.orders.auth"],
    ["of a password in clear", "database: shop,", "database: shop, auth: password,", "targets.orders.auth"],
    ["of no TLS", "database: shop,", "database: shop, tls: off,", "targets.orders.tls"],
    ["of no door", "  postgres: 127.0.0.1:7754\n", "", "targets.orders"],
    ["of what a role holds and nobody could approve", "audit.stamp]", "audit.stamp], hold: [write]", "rules[1].approval"],
  ])("a warning %s", (_what, piece, instead, path) => {
    const parsed = parseConfig(exampleWith(...DATABASE, [piece, instead]), "s.yaml");
    expect(parsed.ok && parsed.warnings.map((warning) => warning.path)).toEqual([path]);
  });

  test.each([
    ["in the place of the reference", "env:ORDERS_APP", "hunter2hunter2"],
    ["in the place of the list", "{ app: env:ORDERS_APP }", "hunter2hunter2"],
  ])("no problem shows a password %s", (_what, piece, instead) => {
    const found = problemsOf(exampleWith(...DATABASE, [piece, instead]));
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).not.toContain("hunter2");
  });

  test.each([
    ["role", "account: app,", "account: 5,", /^s\.yaml:\d+:\d+: roles\.query/],
    ["target", "kind: postgres", "kind: postgre", /^s\.yaml:\d+:\d+: targets\.orders/],
  ] as const)("nothing is made up about rules when a %s cannot be read", (_what, piece, instead, own) => {
    const found = problemsOf(exampleWith(...DATABASE, [piece, instead]));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((each) => !own.test(each))).toEqual([]);
  });
});
