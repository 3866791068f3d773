import { describe, expect, test } from "vitest";
import { diffConfig } from "./diff.ts";
import { DATABASE, EXAMPLE, exampleWith } from "../../test/kit/example-config.ts";
import { parseConfig } from "./load.ts";
import type { Config } from "./model.ts";
import { formatProblem } from "./problem.ts";

function config(text: string): Config {
  const parsed = parseConfig(text, "s.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.config;
}

const BASE = config(EXAMPLE);
const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu";
const RULE = "  - { name: anybody-looks, who: [ana], roles: [look], targets: { names: [db-1] }, max: 30m, approval: none }\n";

/** A change that lets somebody do more; read backwards it must count as narrowing only. */
const WIDER: readonly (readonly [what: string, piece: string, instead: string, line: RegExp])[] = [
  ["another member of a requesting group", "[ana, bob]", "[ana, bob, eve]", /^eve: role "debug" on web-1\.prod: may be requested now/],
  [
    "another approver",
    "leads: [lea]",
    "leads: [lea, eve]",
    /^ana, bob: role "debug" on web-1\.prod: may be approved by eve too$|^(ana|bob): .*may be approved by eve too$/,
  ],
  ["another holder", "owners: [root-owner]", "owners: [root-owner, eve]", /^eve holds on the gate: .*config\.reload/],
  ["a longer maximum", "max: 4h", "max: 8h", /for 8h, before 4h/],
  ["a weaker approval", "approval: 1 of leads", "approval: none", /approval none, before 1 of leads/],
  ["one more self-extension", "selfExtensions: 1", "selfExtensions: 2", /2 self-extensions, before 1/],
  ["another person in a rule", "who: [ana], roles: [look]", "who: [ana, eve], roles: [look]", /^eve: role "look" on db-1/],
  ["another role in a rule", "roles: [look]", "roles: [look, debug]", /^ana: role "debug" on db-1/],
  ["another target in a rule", "names: [db-1]", "names: [db-1, web-1.prod]", /role "look" on web-1\.prod/],
  [
    "a label that brings a target under a rule",
    "    address: 10.0.0.6:22\n",
    "    address: 10.0.0.6:22\n    labels: { service: checkout }\n",
    /role "debug" on db-1/,
  ],
  ["more commands", "exec: [uptime, df -h]", "exec: [uptime, df -h, id]", /role "look": allows commands: id/],
  ["any command", "exec: [uptime, df -h]", "exec: true", /role "look": allows commands: \(any\)/],
  ["a shell", "look: { ssh: { account: infra,", "look: { ssh: { account: infra, shell: true,", /role "look": allows a shell/],
  ["files", "look: { ssh: { account: infra,", "look: { ssh: { account: infra, files: read,", /files read, before none/],
  ["environment", `[LANG, "LC_*"]`, `[LANG, "LC_*", PAGER]`, /environment variables: PAGER/],
  ["a larger budget", "bytes: 10GiB", "bytes: 11GiB", /budget of bytes/],
  ["no budget", "bytes: 10GiB, ", "", /budget of bytes unlimited/],
  ["idle for longer", "idle: 15m", "idle: 16m", /idle/],
  ["less recorded", "budget: { bytes", "recording: { exec: hash }\n    budget: { bytes", /recorded as hash/],
  ["an anchor gone", "  anchors: [{ name: elsewhere, file: /mnt/anchor/checkpoint }]\n", "", /anchors removed or changed: elsewhere/],
  ["records that power can take", "  masterKey", "  durability: process\n  masterKey", /no longer survive a loss of power/],
  ["a review that may wait longer", "  masterKey", "  limits: { reviewOverdue: 100h }\n  masterKey", /limit reviewOverdueMs/],
];

describe("what lets anybody do more", () => {
  test.each(WIDER)("%s widens, and only narrows read backwards", (_what, piece, instead, line) => {
    const changed = config(exampleWith([piece, instead]));
    const forth = diffConfig(BASE, changed);
    expect(forth.widening.some((each) => line.test(each))).toBe(true);
    expect(forth.narrowing).toEqual([]);
    expect(forth.lines.length).toBeGreaterThan(0);
    const back = diffConfig(changed, BASE);
    expect(back.widening).toEqual([]);
    expect(back.narrowing.length).toBeGreaterThan(0);
  });

  test.each([
    ["another account", "look: { ssh: { account: infra", "look: { ssh: { account: root", /logs in as "root"/],
    ["another address", "10.0.0.6:22", "10.0.0.7:22", /target "db-1" is ssh 10\.0\.0\.7:22/],
    ["another place of listening", "  masterKey", "  ssh: 127.0.0.1:2222\n  masterKey", /gate: ssh changed/],
    ["another approval that is neither stricter nor weaker", "1 of leads", "1 of security", /approval 1 of security, before 1 of leads/],
  ])("%s counts as widening both ways", (_what, piece, instead, line) => {
    const changed = config(exampleWith([piece, instead]));
    expect(diffConfig(BASE, changed).widening.some((each) => line.test(each))).toBe(true);
    expect(diffConfig(changed, BASE).widening.length).toBeGreaterThan(0);
  });

  describe("whose yes takes what a role holds", () => {
    const rule = (more: string): Config =>
      config(
        exampleWith(
          ...DATABASE,
          ["allow: [read, transaction", "hold: [write], allow: [read, transaction"],
          ["max: 1h, approval: none", more],
        ),
      );
    const [nobody, leads, others] = [
      rule("max: 1h, approval: none"),
      rule("max: 1h, approval: none, holds: 1 of leads"),
      rule("max: 1h, approval: none, holds: 1 of security"),
    ];

    test("somebody's, where it was nobody's, widens", () => {
      expect(diffConfig(nobody, leads)).toMatchObject({
        widening: ['ana: role "query" on orders: what is held may be approved now (1 of leads)'],
        narrowing: [],
      });
      expect(diffConfig(leads, nobody)).toMatchObject({
        widening: [],
        narrowing: ['ana: role "query" on orders: what is held may be approved by nobody any more'],
      });
    });

    test("another's widens both ways", () => {
      const words = 'ana: role "query" on orders: of what is held: approval 1 of security, before 1 of leads';
      expect(diffConfig(leads, others).widening).toEqual([words]);
      expect(diffConfig(others, leads).widening).toHaveLength(1);
    });

    test("nobody's, where the role holds nothing: then it says nothing", () => {
      const held = ["max: 1h, approval: none", "max: 1h, approval: none, holds: 1 of leads"] as const;
      const { widening, lines } = diffConfig(config(exampleWith(...DATABASE)), config(exampleWith(...DATABASE, held)));
      expect([widening, lines]).toEqual([[], ["+ rules.ana-queries.holds: 1 of leads"]]);
    });
  });

  test("another trusted host key widens", () => {
    const other = `ssh-ed25519 ${KEY.slice(0, -4)}AAAA`;
    const changed = config(exampleWith([`hostKeys: ["ssh-ed25519 ${KEY}"]`, `hostKeys: ["ssh-ed25519 ${KEY}", "${other}"]`]));
    expect(diffConfig(BASE, changed).widening).toEqual(['target "db-1" trusts 1 more of hostKeys']);
    expect(diffConfig(changed, BASE)).toMatchObject({ widening: [], narrowing: ['target "db-1" trusts 1 fewer of hostKeys'] });
  });

  test("a strict rule that goes away brings the kinder one behind it to light", () => {
    const strict = RULE.replace("anybody-looks", "strict").replace("approval: none", "approval: 1 of leads");
    const before = config(exampleWith([RULE, strict + RULE]));
    const { widening } = diffConfig(before, BASE);
    expect(widening).toEqual(['ana: role "look" on db-1: approval none, before 1 of leads']);
  });

  test("an approver who comes into the second group of an expression may stand in for who was needed there", () => {
    const both = ["approval: 1 of leads", "approval: 1 of leads and 1 of security"] as const;
    const before = config(exampleWith(both));
    const after = config(exampleWith(both, ["security: [sam, sue]", "security: [sam, sue, lea]"]));
    const forth = diffConfig(before, after);
    expect(forth.widening).toContainEqual(expect.stringMatching(/may be approved by lea too, for security$/));
    expect(forth.narrowing).toEqual([]);
    const back = diffConfig(after, before);
    expect(back.widening).toEqual([]);
    expect(back.narrowing).toContainEqual(expect.stringMatching(/no longer approved by lea, for security$/));
  });

  test.each([
    ["2 of leads", "leads: [lea, eve, mal]", [/may be approved by eve, mal too$/]],
    ["1 of leads and 1 of security", "leads: [lea, sam]", [/may be approved by sam too$/]],
    ["1 of leads and 1 of security", "leads: [lea]", []],
  ])("a stricter approval, %s, hides nobody who was let into its groups, %s", (approval, leads, lines) => {
    const after = config(exampleWith(["approval: 1 of leads", `approval: ${approval}`], ["leads: [lea]", leads]));
    const widening = new Set(diffConfig(BASE, after).widening.map((each) => each.replace(/^.*: may/, "may")));
    expect([...widening]).toEqual(lines.map((line) => expect.stringMatching(line) as unknown));
  });

  test("the same rules in another order", () => {
    const strict = RULE.replace("anybody-looks", "strict").replace("approval: none", "approval: 1 of leads");
    const [one, other] = [config(exampleWith([RULE, strict + RULE])), config(exampleWith([RULE, RULE + strict]))];
    expect(diffConfig(one, other)).toMatchObject({ widening: [expect.stringContaining("approval none")] as unknown, narrowing: [] });
    expect(diffConfig(other, one)).toMatchObject({ widening: [], narrowing: [expect.stringContaining("1 of leads")] as unknown });
  });

  test("a person who leaves a group that had the stricter rule", () => {
    const strict = RULE.replace("anybody-looks", "strict")
      .replace("who: [ana]", `who: ["group:security"]`)
      .replace("approval: none", "approval: 1 of leads");
    const everybody = RULE.replace("who: [ana]", "who: [ana, sam]");
    const [before, after] = [exampleWith([RULE, strict + everybody]), exampleWith([RULE, strict + everybody], ["[sam, sue]", "[sue]"])].map(
      config,
    );
    expect(diffConfig(before, after as Config).widening).toEqual(['sam: role "look" on db-1: approval none, before 1 of leads']);
  });
});

describe("lines", () => {
  test("name each leaf that changed, and show no secret", () => {
    const changed = config(
      exampleWith(
        ["max: 4h", "max: 90m"],
        ["file:/etc/sallyport/master.key", "env:MASTER_KEY"],
        ["  look:", "  peek: { ssh: { account: a, shell: true } }\n  look:"],
      ),
    );
    expect(diffConfig(BASE, changed).lines).toEqual([
      "~ gate.masterKey: file:/etc/sallyport/master.key → env:MASTER_KEY",
      "+ roles.peek.gate: []",
      "+ roles.peek.recording.exec: head",
      "+ roles.peek.ssh.account: a",
      "+ roles.peek.ssh.env: []",
      "+ roles.peek.ssh.exec: false",
      "+ roles.peek.ssh.files: none",
      "+ roles.peek.ssh.shell: true",
      "~ rules.oncall-debugs-checkout.maxDuration: 4h → 90m",
    ]);
  });

  test("the same configuration changes nothing; the first one is all new", () => {
    expect(diffConfig(BASE, config(EXAMPLE))).toEqual({ lines: [], widening: [], narrowing: [] });
    const first = diffConfig(undefined, BASE);
    expect(first.lines.every((line) => line.startsWith("+ "))).toBe(true);
    expect(first.widening.length).toBeGreaterThan(0);
  });
});

describe("databases", () => {
  const BEFORE = config(exampleWith(...DATABASE));
  const changed = (piece: string, instead: string): Config => config(exampleWith(...DATABASE, [piece, instead]));

  test.each([
    ["more classes", "[read, transaction,", "[read, write, transaction,", /role "query": allows statements: write/],
    ["every function", "[read, transaction,", "[read, function, transaction,", /allows statements: function/],
    ["one function more", "audit.stamp]", "audit.stamp, function nextval]", /allows statements: function nextval/],
    ["another database", "audit.stamp]", "audit.stamp], databases: [reports]", /allows databases: reports/],
    ["a weaker login", "database: shop,", "database: shop, auth: md5,", /may ask for passwords by md5, before scram/],
    ["less proof", "database: shop,", "database: shop, tls: verify-ca,", /target "orders" has tls verify-ca, before verify-full/],
  ] as const)("%s: widens, and only narrows read backwards", (_what, piece, instead, line) => {
    const after = changed(piece, instead);
    expect(diffConfig(BEFORE, after)).toMatchObject({ widening: [expect.stringMatching(line)], narrowing: [] });
    expect(diffConfig(after, BEFORE)).toMatchObject({ widening: [], narrowing: [expect.any(String)] });
  });

  test("another maker of roles counts as widening, and so does none any more", () => {
    const made = changed("database: shop,", "database: shop, ephemeral: { by: app },");
    expect(diffConfig(BEFORE, made).widening).toEqual(['target "orders" makes a role for each session as "app"']);
    expect(diffConfig(made, BEFORE).widening).toEqual(['target "orders" makes no roles any more']);
  });

  test("a limit on statements narrows, a higher one or none widens", () => {
    const limits = (text: string): Config => changed("audit.stamp] }", `audit.stamp], limits: { ${text} } }`);
    const both = limits("statement: 60s, rows: 10");
    expect(diffConfig(BEFORE, both)).toMatchObject({
      widening: [],
      narrowing: [
        'role "query": limit statementMs of statements 60000, before none',
        'role "query": limit rows of statements 10, before none',
      ],
      lines: ["+ roles.query.postgres.limits.rows: 10", "+ roles.query.postgres.limits.statement: 1m"],
    });
    expect(diffConfig(both, BEFORE).widening).toHaveLength(2);
    expect(diffConfig(both, limits("statement: 61s, rows: 9"))).toMatchObject({
      widening: [expect.stringContaining("statementMs")],
      narrowing: [expect.stringContaining("rows")],
    });
  });

  test("a tolerance widens; another unit does both ways, because nobody knows which is more", () => {
    const tolerance = (text: string): Config => changed("audit.stamp] }", `audit.stamp], preview: { tolerance: ${text} } }`);
    const five = tolerance("5");
    expect(diffConfig(BEFORE, five)).toMatchObject({
      widening: ['role "query": lets 5 rows be others than an approver saw, before no rows'],
      narrowing: [],
      lines: ["+ roles.query.postgres.preview.tolerance.rows: 5"],
    });
    expect(diffConfig(five, BEFORE)).toMatchObject({ widening: [], narrowing: [expect.stringContaining("no rows")] });
    expect(diffConfig(five, tolerance("5%")).widening).toHaveLength(1);
    expect(diffConfig(tolerance("5%"), five).widening).toHaveLength(1);
  });

  test.each([
    ["another database", "database: shop", "database: shop2", /opens database "shop2"/],
    ["other authorities", "database: shop,", "database: shop, authorityFile: /etc/ca.pem,", /trusts the authorities of/],
    ["another place of the password", "env:ORDERS_APP", "env:ORDERS_APP2", /the password of "app" from elsewhere/],
    ["another account", "account: app,", "account: admin,", /logs in to databases as "admin"/],
  ] as const)("%s counts as widening both ways, and has its line", (_what, piece, instead, line) => {
    const more = piece === "account: app," ? ([["env:ORDERS_APP", "env:ORDERS_APP, admin: env:ADMIN"]] as const) : [];
    const [one, other] = [config(exampleWith(...DATABASE, ...more)), config(exampleWith(...DATABASE, [piece, instead], ...more))];
    const diff = diffConfig(one, other);
    expect(diff.widening.some((each) => line.test(each))).toBe(true);
    expect(diff.lines).toHaveLength(1);
    expect(diffConfig(other, one).widening.length).toBeGreaterThan(0);
  });
});
