import { expect, test } from "vitest";
import { AccessWorld, DEBUG, testRule } from "../../test/kit/access-world.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Action } from "../policy/action.ts";
import type { Role } from "../policy/role.ts";
import { requestAllowing } from "./allowing.ts";

const ANA = { name: "ana" as PrincipalName, groups: ["oncall"] };
const UPTIME: Action = { kind: "ssh.exec", command: "uptime" };
const SHELL: Action = { kind: "ssh.shell" };
const CLOSED = { account: "infra", shell: false, exec: false, files: "none", env: [] } as const;
const LOOK: Role = { ...DEBUG, name: "look", ssh: { ...CLOSED, exec: ["uptime"] } };
const OTHER: Role = { ...DEBUG, name: "other", ssh: { ...CLOSED, shell: true } };

test("the first role in reach that allows it, as a command; what nobody gives has none", () => {
  const world = new AccessWorld();
  world.roles = [LOOK, OTHER];
  world.rules = [testRule({ roles: ["look", "other"] })];
  const ask = (action: Action, actor = ANA, target = "web-1"): string | undefined =>
    requestAllowing(world.rulebook(), actor, target, action);
  expect(ask(UPTIME)).toBe('sallyport request --role look --target web-1 --reason "…"');
  expect(ask(SHELL)).toBe('sallyport request --role other --target web-1 --reason "…"');
  expect(ask({ kind: "ssh.exec", command: "reboot" })).toBeUndefined();
  expect(ask(UPTIME, { ...ANA, groups: [] })).toBeUndefined();
  expect(ask(UPTIME, ANA, "nowhere")).toBeUndefined();
});
