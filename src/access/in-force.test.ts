import { beforeEach, describe, expect, test } from "vitest";
import { AccessWorld, DEBUG, testRule } from "../../test/kit/access-world.ts";
import { scopeInForce } from "./in-force.ts";
import type { Grant, Target } from "./model.ts";

let world: AccessWorld;
let grant: Grant;

beforeEach(async () => {
  world = new AccessWorld();
  grant = await world.granted();
});

function now(who = "ana") {
  return scopeInForce(grant, "web-1", world.rulebook(), world.person(who));
}

function changeTarget(change: Partial<Target>): void {
  world.targets = world.targets.map((target) => (target.name === "web-1" ? { ...target, ...change } : target));
}

describe("what was approved, as long as the configuration still says so", () => {
  test("unchanged: the target and account as approved", () => {
    expect(now()).toEqual(grant.scope[0]);
  });

  test("labels, a shorter maximum or a stricter approval do not end what was approved", () => {
    changeTarget({ labels: { service: "checkout", tier: "1" } });
    world.rules = [testRule({ maxDurationMs: 1000, approval: "2 of security" })];
    expect(now()).toEqual(grant.scope[0]);
  });

  const narrowings: readonly (readonly [what: string, change: () => void, code: string])[] = [
    ["the rule is gone", () => void (world.rules = []), "grant-narrowed"],
    ["the rule no longer gives the role", () => void (world.rules = [testRule({ roles: ["look"] })]), "grant-narrowed"],
    ["the person left the group", () => void world.groups.set("oncall", ["bob"]), "grant-narrowed"],
    ["the target left the rule", () => changeTarget({ labels: { service: "orders" } }), "grant-narrowed"],
    ["the target is gone", () => void (world.targets = []), "grant-narrowed"],
    ["the name now means another host", () => changeTarget({ address: "web-9.test:22" }), "grant-narrowed"],
    ["it is trusted by another key", () => changeTarget({ hostKeys: ["ssh-ed25519 other"] }), "grant-narrowed"],
    ["it is trusted by one more key", () => changeTarget({ hostKeys: ["ssh-ed25519 web-1", "ssh-ed25519 other"] }), "grant-narrowed"],
    ["it is trusted by an authority", () => changeTarget({ hostAuthorities: ["ssh-ed25519 ca"] }), "grant-narrowed"],
    ["the role is gone", () => void (world.roles = []), "grant-narrowed"],
    [
      "the role logs in as somebody else",
      () => void (world.roles = [{ ...DEBUG, ssh: { ...(DEBUG.ssh as NonNullable<typeof DEBUG.ssh>), account: "root" } }]),
      "grant-narrowed",
    ],
  ];

  test.each(narrowings)("refused when %s", (_what, change, code) => {
    change();
    expect(now()).toMatchObject({ allowed: false, code });
  });

  test("never for anybody else, and never for a target outside the scope", () => {
    expect(now("bob")).toMatchObject({ code: "no-grant" });
    expect(scopeInForce(grant, "web-2", world.rulebook(), world.person("ana"))).toMatchObject({ code: "grant-narrowed" });
  });

  test("a target without host keys cannot be requested", async () => {
    changeTarget({ hostKeys: [] });
    const asked = await world.service.request(world.person("ana"), { reason: "x", role: "debug", targets: ["web-1"] });
    expect(asked).toMatchObject({ allowed: false, code: "target-untrusted" });
  });

  test("a broken glass ends where break-glass is no longer permitted", () => {
    grant = { ...grant, breakGlass: { openedAt: 0 } };
    expect(now()).toEqual(grant.scope[0]);
    world.rules = [testRule({ breakGlass: false })];
    expect(now()).toMatchObject({ code: "grant-narrowed", rule: "rule" });
  });
});
