import { describe, expect, test } from "vitest";
import { AccessWorld, DEBUG, testRule, testTarget } from "../../test/kit/access-world.ts";
import type { Role } from "../policy/role.ts";
import { explainAccess } from "./why.ts";

const world = new AccessWorld();
world.rules = [
  testRule({ name: "for-sam", who: ["sam"] }),
  testRule({ name: "orders", targets: { names: ["db-1"] } }),
  testRule({ name: "look", roles: ["look"], approval: "none", breakGlass: false }),
  testRule({ name: "debug", approval: "1 of leads and 1 of security" }),
];
world.roles = [DEBUG, { ...DEBUG, name: "look", ssh: { account: "infra", shell: false, exec: ["uptime"], files: "none", env: [] } }];
const book = { ...world.rulebook(), holders: [{ role: "owner", who: ["group:leads"] }] };
book.roles = new Map([...book.roles, ["owner", { name: "owner", gate: ["audit.read"], budget: {}, recording: { exec: "full" } }]]);
const ana = world.person("ana");

describe("explainAccess", () => {
  test("a role: every rule looked at, the one that decides, what it demands and of whom", () => {
    const why = explainAccess(book, ana, "debug", "web-1");
    expect(why).toMatchObject({ verdict: "ask", rule: "debug", demands: "1 of leads and 1 of security" });
    expect(why.lines).toEqual([
      '"ana" is in oncall',
      'rule "for-sam": no, "ana" is not among sam',
      'rule "orders": no, "web-1" is not among its targets (db-1)',
      'rule "look": no, it gives look, not "debug"',
      'rule "debug": yes, it decides (the first that matches), for at most 4h',
      "it needs the approval of 1 of leads and 1 of security (who could: bob, lea, sam)",
      "break-glass is permitted: access first, review after",
    ]);
  });

  test("an action: the first role in reach that allows it", () => {
    expect(explainAccess(book, ana, "ssh.exec uptime", "web-1")).toMatchObject({ verdict: "allow", rule: "look", role: "look" });
    expect(explainAccess(book, ana, "ssh.shell", "web-1")).toMatchObject({ verdict: "ask", role: "debug" });
    expect(explainAccess(book, ana, "ssh.forward db:5432", "web-1")).toMatchObject({ verdict: "deny" });
    expect(explainAccess(book, ana, "file.write /etc/passwd", "web-1")).toMatchObject({ verdict: "ask", role: "debug" });
  });

  test("a class of statements", () => {
    const query = { account: "app", allow: ["read", "transaction", "function audit.stamp"], databases: [] } as const;
    const roles = new Map([...book.roles, ["look", { ...DEBUG, name: "look", postgres: query }]]);
    expect(explainAccess({ ...book, roles }, ana, "sql.read", "web-1")).toMatchObject({ verdict: "allow", role: "look" });
    for (const other of ["sql.write", "sql.function", "sql.unknown", "sql.fly", "sql."]) {
      expect(explainAccess({ ...book, roles }, ana, other, "web-1").verdict).toBe("deny");
    }
  });

  test("a statement on a relation, or of a function: the entry of the role that says so, in words", () => {
    const support = {
      account: "app",
      allow: ["read on public.*", "function refund"],
      hold: ["write on public.orders"],
      deny: ["read on public.pay"],
      databases: [],
    } as const;
    const roles = new Map([...book.roles, ["look", { ...DEBUG, name: "look", postgres: support }]]);
    const why = (what: string): string | undefined => explainAccess({ ...book, roles }, ana, what, "web-1").lines[0];
    expect(why("sql.read public.orders")).toBe('role "look": yes, by look.postgres.allow');
    expect(why("sql.function refund")).toBe('role "look": yes, by look.postgres.allow');
    expect(why("sql.write public.orders")).toBe(
      'role "look": yes, each time after an approval, by look.postgres.hold[write on public.orders]',
    );
    expect(why("sql.read public.pay")).toBe('role "look": no, look.postgres.deny[read on public.pay] denies reading public.pay');
    expect(why("sql.write public.pay")).toBe('role "look": no, look.postgres.allow does not allow changing or locking rows of public.pay');
    expect(why("sql.read")).toMatch(/^role "look": no, .* reading that the statement does not name$/);
    expect(why("sql.read orders")).toMatch(/^role "look": no, .* reading orders, in whatever schema it is$/);
  });

  test("a role that holds statements: whose yes each of them takes", () => {
    const look: Role = { ...DEBUG, name: "look", postgres: { account: "app", allow: ["read"], hold: ["write"], databases: [] } };
    const shop = { ...testTarget("shop-db", { service: "shop" }), kind: "postgres" };
    const line = (rule: Parameters<typeof testRule>[0]): string | undefined => {
      const rules = [testRule({ ...rule, roles: ["look"], targets: { labels: { service: "shop" } } })];
      const held = { ...book, rules, roles: new Map([["look", look]]), targets: new Map([["shop-db", shop]]) };
      return explainAccess(held, ana, "look", "shop-db").lines.find((each) => each.startsWith("each statement"));
    };
    expect(line({ approval: "2 of leads" })).toMatch(/^each statement that it holds needs 2 of leads \(who could: .*lea/);
    expect(line({ approval: "2 of leads", holds: { kind: "quorum", count: 1, groups: ["leads"] } })).toContain("needs 1 of leads");
    expect(line({ approval: "none" })).toBe("each statement that it holds needs an approval that nobody could give");
  });

  test("no rule, no target, no such thing", () => {
    expect(explainAccess(book, ana, "look", "db-1")).toMatchObject({ verdict: "deny" });
    const seesAll = { seesAll: true };
    expect(explainAccess(book, ana, "debug", "db-9", seesAll).lines).toEqual(['target "db-9" is not in the configuration']);
    expect(explainAccess(book, ana, "fly", "web-1").verdict).toBe("deny");
  });

  test("whether there is a target that one may ask nothing on is told to who may see them all", () => {
    const targets = new Map([...book.targets, ["db-2", testTarget("db-2", { service: "none", secret: "label" })]]);
    for (const what of ["debug", "look", "ssh.shell", "sql.read", "fly"]) {
      const about = (target: string): unknown =>
        JSON.parse(JSON.stringify(explainAccess({ ...book, targets }, ana, what, target)).replaceAll(target, "<name>"));
      expect([what, about("db-2")]).toEqual([what, about("db-9")]);
      expect(about("db-2")).toMatchObject({ verdict: "deny" });
    }
    const all = explainAccess({ ...book, targets }, ana, "debug", "db-2", { seesAll: true });
    expect(all.lines).not.toEqual(explainAccess({ ...book, targets }, ana, "debug", "db-2").lines);
  });

  test("a gate permission is held, not requested", () => {
    expect(explainAccess(book, world.person("lea"), "audit.read", "gate")).toMatchObject({ verdict: "allow", role: "owner" });
    expect(explainAccess(book, world.person("lea"), "session.kill", "gate").verdict).toBe("deny");
    expect(explainAccess(book, ana, "audit.read", "gate").verdict).toBe("deny");
  });
});
