import { describe, expect, test } from "vitest";
import { EXAMPLE, exampleWith, problemsOf } from "../../test/kit/example-config.ts";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

describe("a good file", () => {
  test("becomes values in milliseconds, bytes and maps, with defaults that allow nothing", () => {
    const parsed = parseConfig(EXAMPLE, "s.yaml");
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
    const { config } = parsed;
    expect(config.rules[0]).toMatchObject({ maxDurationMs: 14_400_000, approval: { kind: "quorum", count: 1, groups: ["leads"] } });
    expect(config.roles.get("debug")).toMatchObject({ idleMs: 900_000, budget: { bytes: 10 * 2 ** 30, seconds: 14_400 }, gate: [] });
    expect(config.roles.get("look")?.ssh).toMatchObject({ shell: false, files: "none", env: [], exec: ["uptime", "df -h"] });
    expect(config.gate.ssh).toEqual({ host: "127.0.0.1", port: 7722 });
    expect(config.gate.durability).toBe("power");
    expect(config.targets.get("web-1.prod")?.hostKeys[0]).not.toContain("web-1");
    expect(parsed.warnings).toEqual([]);
  });

  test("has the same hash however it is written, and another when it means something else", () => {
    const hash = (text: string): string => {
      const parsed = parseConfig(text, "s.yaml");
      return parsed.ok ? parsed.config.hash : "";
    };
    expect(hash(exampleWith(["max: 4h", "max: 240m"]))).toBe(hash(EXAMPLE));
    expect(hash(exampleWith(["max: 4h", "max: 5h"]))).not.toBe(hash(EXAMPLE));
    expect(hash(exampleWith(["files: write", "files: read"]))).not.toBe(hash(EXAMPLE));
  });
});

describe("one mistake, one line that says where and what", () => {
  const mistakes: readonly (readonly [what: string, piece: string, instead: string, line: RegExp])[] = [
    ["unknown key", "shell: true", "shel: true", /^s\.yaml:9:28: roles\.debug\.ssh\.shel: .*did you mean "shell"\?$/],
    ["unknown top-level key", "holders:", "holder:", /^s\.yaml:14:1: holder: .*did you mean "holders"\?$/],
    ["approval left out", "    approval: 1 of leads\n", "", /rules\[0\]\.approval: expected approval, /],
    [
      "unknown second factor",
      "  debug:\n",
      "  debug:\n    secondFactor: { kinds: [sms] }\n",
      /roles\.debug\.secondFactor\.kinds\[0\]: expected passkey, totp or provider, found "sms"$/,
    ],
    [
      "a freshness beyond any login",
      "  debug:\n",
      "  debug:\n    secondFactor: { session: 13h }\n",
      /roles\.debug\.secondFactor\.session: expected at most 12h/,
    ],
    ["a number where text belongs", "max: 4h", "max: 4", /rules\[0\]\.max: expected a duration .*, found 4$/],
    ["YAML 1.1 booleans", "shell: true", "shell: yes", /roles\.debug\.ssh\.shell: expected true or false, found "yes"$/],
    ["unknown gate permission", `gate: ["*"]`, "gate: [audit.raed]", /did you mean "audit\.read"\?$/],
    ["unknown role in a rule", "roles: [debug]", "roles: [debgu]", /rules\[0\]\.roles\[0\].*did you mean "debug"\?$/],
    ["unknown group", `who: ["group:oncall"]`, `who: ["group:onclal"]`, /rules\[0\]\.who\[0\].*did you mean "oncall"\?$/],
    ["unknown target", "names: [db-1]", "names: [db-2]", /rules\[1\]\.targets\.names\[0\].*did you mean "db-1"\?$/],
    ["unknown label", "{ labels: { service:", "{ labels: { sevrice:", /labels\.sevrice.*did you mean "service"\?$/],
    ["unknown label value", "{ service: checkout } }", "{ service: chekout } }", /labels\.service.*did you mean "checkout"\?$/],
    ["unknown approving group", "1 of leads", "1 of leds", /rules\[0\]\.approval.*found the group "leds"; did you mean "leads"\?$/],
    ["a rule that selects nothing", "{ names: [db-1] }", "{}", /rules\[1\]\.targets: expected names or labels/],
    ["empty labels", "{ names: [db-1] }", "{ labels: {} }", /rules\[1\]\.targets: expected names or labels/],
    ["a rule for nobody", "who: [ana]", "who: []", /rules\[1\]\.who: expected at least one/],
    [
      "and with or",
      "1 of leads",
      "1 of leads and 1 of security or 1 of owners",
      /parentheses where "and" and "or" are mixed at character 30/,
    ],
    ["owners without the label", "approval: none", "approval: 1 of owners", /rules\[1\]\.approval: expected a label `owner`.*"db-1"/],
    ["a principal called like a target", "oncall: [ana", "oncall: [db-1", /groups\.oncall\[0\]: .*one namespace/],
    ["the gate's own name for a target", "  db-1:\n", "  gate:\n", /targets\.gate: expected another name/],
    ["the gate's own name for a person", "oncall: [ana", "oncall: [gate", /groups\.oncall\[0\]: .*gate's own name/],
    ["a group named like a word of expressions", "leads: [lea]", "leads: [lea], or: [x]", /groups\.or: expected another name/],
    [
      "standing access to a target",
      "- { name: anybody",
      "- { name: x, who: [ana], roles: [owner], targets: { names: [db-1] }, max: 1h, approval: none }\n  - { name: anybody",
      /rules\[1\]\.roles\[0\]: expected a role with an `ssh` block/,
    ],
    ["holders of a target role", "role: owner, who", "role: debug, who", /holders\[0\]\.role: .*standing access to targets does not exist/],
    ["a year", "max: 4h", "max: 365d", /rules\[0\]\.max: .*at most 30d/],
    ["no time at all", "max: 4h", "max: 0h", /rules\[0\]\.max: expected more than nothing/],
    ["plain HTTP beyond loopback", "  masterKey", "  http: 0.0.0.0:7700\n  masterKey", /gate\.http: expected a loopback address, or `tls`/],
    ["a port that is none", "10.0.0.6:22", "10.0.0.6:70000", /targets\.db-1\.address: expected a port/],
    ["no port", "10.0.0.6:22", "10.0.0.6", /targets\.db-1\.address: expected an address such as/],
    ["every environment variable", `"LC_*"`, `"*"`, /roles\.debug\.ssh\.env\[1\]/],
    [
      "a cut key",
      'AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu"]\n',
      `AAAAC3Nz"]\n`,
      /targets\.db-1\.hostKeys\[0\]|hostKeys\[0\]/,
    ],
    [
      "another type than the key's",
      `  db-1:\n    kind: ssh\n    address: 10.0.0.6:22\n    hostKeys: ["ssh-ed25519`,
      `  db-1:\n    kind: ssh\n    address: 10.0.0.6:22\n    hostKeys: ["ssh-rsa`,
      /targets\.db-1\.hostKeys\[0\]/,
    ],
    ["two rules of one name", "name: anybody-looks", "name: oncall-debugs-checkout", /rules\[1\]\.name: expected a name no other rule has/],
    [
      "webhook without a secret",
      "file: /mnt/anchor/checkpoint",
      "webhook: https://a.example",
      /gate\.anchors\[0\]\.secret: expected a secret/,
    ],
    [
      "webhook in the clear",
      "file: /mnt/anchor/checkpoint",
      "webhook: http://a.example, secret: env:S",
      /gate\.anchors\[0\]\.webhook: expected an https/,
    ],
    [
      "a role that gives nothing",
      "look: { ssh: { account: infra, exec: [uptime, df -h] } }",
      "look: { idle: 5m }",
      /roles\.look: expected at least one permission/,
    ],
  ];

  test.each(mistakes)("%s", (_what, piece, instead, line) => {
    expect(problemsOf(exampleWith([piece, instead])).filter((each) => line.test(each))).toHaveLength(1);
  });

  test("an owner that is no group is a problem as soon as a rule asks `owners`", () => {
    expect(problemsOf(exampleWith(["owner: leads }", "owner: lead }"]))).toEqual([]);
    const text = exampleWith(["owner: leads }", "owner: lead }"], ["approval: 1 of leads", "approval: 1 of owners"]);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/targets\["web-1\.prod"\]\.labels\.owner.*did you mean "leads"\?$/)]);
  });
});

describe("all at once", () => {
  test("five mistakes are five problems, in the order of the file", () => {
    const found = problemsOf(
      exampleWith(
        ["group:owners", "group:ownres"],
        ["roles: [debug]", "roles: [debgu]"],
        ["max: 4h", "max: 40d"],
        ["1 of leads", "1 of leds"],
        ["names: [db-1]", "names: [db-9]"],
      ),
    );
    expect(found.map((line) => line.replace(/^s\.yaml:\d+:\d+: ([^:]+):.*/, "$1"))).toEqual([
      "holders[0].who[0]",
      "rules[0].roles[0]",
      "rules[0].max",
      "rules[0].approval",
      "rules[1].targets.names[0]",
    ]);
  });
});

describe("mistakes of shape beside mistakes of meaning", () => {
  const paths = (...changes: (readonly [piece: string, instead: string])[]): string[] =>
    problemsOf(exampleWith(...changes)).map((line) => line.replace(/^s\.yaml:\d+:\d+: ([^:]+):.*/, "$1"));

  test("both are reported", () => {
    expect(
      paths(
        ["shell: true", "shel: true"],
        ["max: 4h", "max: 4"],
        ["names: [db-1]", "names: [db-9]"],
        ["version: 1\n", "version: 1\nextra: 1\n"],
      ),
    ).toEqual(["extra", "roles.debug.ssh.shel", "rules[0].max", "rules[1].targets.names[0]"]);
  });

  test.each([
    ["a broken role is still a role", [["account: infra, shell: true", "acount: infra, shell: true"]], /^roles\.debug\.ssh/],
    ["a broken group is still a group", [["leads: [lea]", "leads: lea"]], /^groups\.leads/],
    ["a broken target still carries labels nobody knows", [["address: 10.0.0.5:22", "adress: 10.0.0.5:22"]], /^targets\["web-1\.prod"\]/],
    [
      "a broken rule is not looked at",
      [
        ["max: 4h", "max: 4"],
        ["roles: [debug]", "roles: [debgu]"],
      ],
      /^rules\[0\]\.max/,
    ],
    ["a broken gate is not looked at", [["  masterKey: file:/etc/sallyport/master.key\n", "  http: 0.0.0.0:7700\n"]], /^gate\.masterKey/],
  ] as const)("nothing is made up: %s", (_what, changes, own) => {
    const found = paths(...changes);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((path) => !own.test(path))).toEqual([]);
  });

  test("a section that is not one is reported alone", () => {
    expect(problemsOf("version: 1\ngate: { name: g, masterKey: env:K }\nrules: 5\n")).toEqual([
      "s.yaml:3:8: rules: expected a list, found 5",
    ]);
  });
});

describe("secrets", () => {
  test.each([
    ["masterKey: file:/etc/sallyport/master.key", "masterKey: hunter2hunter2"],
    ["masterKey: file:/etc/sallyport/master.key", "masterKey: [hunter2hunter2]"],
    ["file: /mnt/anchor/checkpoint", "webhook: https://hunter2hunter2@x.example, secret: env:S"],
    ["file: /mnt/anchor/checkpoint", "webhook: ftp://x.example/hunter2hunter2, secret: env:S"],
    ["file: /mnt/anchor/checkpoint", "webhook: https://x.example, secret: hunter2hunter2"],
    ["kind: ssh\n    address: 10.0.0.6", `kind: ssh\n    password: hunter2hunter2\n    address: 10.0.0.6`],
    [`hostKeys: ["ssh-ed25519`, `hostKeys: ["-----BEGIN PRIVATE KEY----- hunter2hunter2`],
    ["masterKey: file:/etc/sallyport/master.key", "masterKey: 'hunter2hunter2"],
    ["masterKey: file:/etc/sallyport/master.key", "masterKey: !hunter2hunter2 x"],
  ])("no problem shows the value that stands where a secret may: %s → %s", (piece, instead) => {
    const found = problemsOf(exampleWith([piece, instead]));
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).not.toContain("hunter2");
  });
});

describe("YAML that is not plain", () => {
  test.each([
    ["a key twice", "groups: { a: [x], a: [y] }", /each key once/],
    ["aliases", "a: &x [1]\nb: *x", /no anchors/],
    ["a bomb of aliases", `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]`, /no aliases/],
    ["tags", "a: !!js/function x", /no tags/],
    ["a prototype", "__proto__: { polluted: true }", /a name as key/],
    ["numbers as keys", "5: x", /a name as key/],
    ["two documents", "version: 1\n---\nversion: 1", /one document/],
    ["endless nesting", "[".repeat(20_000), /levels|YAML|indentation/],
    ["more than 1 MiB", `# ${"x".repeat(1024 * 1024)}`, /at most 1 MiB/],
    ["nothing", "", /a configuration, found an empty file/],
    ["a text", "hello", /expected a mapping/],
  ])("%s is refused", (_what, text, expected) => {
    expect(problemsOf(text).join("\n")).toMatch(expected);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("warnings do not stop a file", () => {
  test("a target without keys, a quorum nobody can fill, no anchor", () => {
    const parsed = parseConfig(
      exampleWith(
        ["  anchors: [{ name: elsewhere, file: /mnt/anchor/checkpoint }]\n", ""],
        ["approval: 1 of leads", "approval: 3 of leads"],
        [
          `    address: 10.0.0.6:22\n    hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu"]\n`,
          "    address: 10.0.0.6:22\n",
        ],
      ),
      "s.yaml",
    );
    expect(parsed.ok && parsed.warnings.map((warning) => warning.path)).toEqual(["gate", "rules[0].approval", "targets.db-1"]);
  });
});
