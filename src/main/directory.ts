import type { Config } from "../config/model.ts";
import type { Holdings, HowLoggedIn } from "../identity/holdings.ts";
import type { Principal, User } from "../identity/model.ts";
import type { Directory } from "../identity/port.ts";
import type { Vouched } from "../identity/oidc/vouched.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Role } from "../policy/role.ts";
import { refuseFactor } from "../policy/second-factor.ts";
import { GATE_PERMISSIONS, isGatePermission, type GatePermission } from "../policy/permissions.ts";

/** Groups as the configuration in force has them, and as identity providers say. */
export function configDirectory(config: () => Config, vouched: Pick<Vouched, "groupsOf">): Directory {
  const groupsOf = (name: PrincipalName): readonly string[] => {
    const told = vouched.groupsOf(name);
    return [...config().groups].filter(([group, members]) => members.includes(name) || told.includes(group)).map(([group]) => group);
  };
  const actsForOf = (name: PrincipalName): ActsFor | undefined => {
    const agent = config().agents.get(name);
    return agent && { name: agent.for, groups: groupsOf(agent.for), approves: agent.personApproves };
  };
  return {
    groupsOf,
    actsForOf,
    principal: ({ name, type }: User): Principal => {
      const actsFor = actsForOf(name);
      return { name, type, groups: groupsOf(name), ...(actsFor && { actsFor }) };
    },
  };
}

/** The configuration as rules are read by it: with the people that identity providers put into its groups. */
export function withMembers(config: Config, vouched: Pick<Vouched, "members">): Config {
  const told = vouched.members();
  if (told.size === 0) return config;
  const groups = [...config.groups].map(([group, members]): [string, readonly string[]] => [
    group,
    [...new Set([...members, ...(told.get(group) ?? [])])],
  ]);
  return { ...config, groups: new Map(groups) };
}

/** Standing permissions on the gate, from `holders` and the `gate:` blocks of their roles. A role that takes a second factor gives its own to logins that have shown one. */
export function configHoldings(config: () => Config, directory: Directory, now: () => number): Holdings<GatePermission> {
  const rolesOf = (name: PrincipalName, groups: readonly string[]): readonly Role[] => {
    const { holders, roles } = config();
    const holds = (who: readonly string[]): boolean => who.includes(name) || groups.some((group) => who.includes(`group:${group}`));
    return holders.filter(({ who }) => holds(who)).flatMap(({ role }) => roles.get(role) ?? []);
  };
  const everything = Object.keys(GATE_PERMISSIONS).filter(isGatePermission);
  const permissionsOf = (name: PrincipalName, groups: readonly string[], login: HowLoggedIn | "whatever"): ReadonlySet<GatePermission> => {
    const usable = rolesOf(name, groups).filter((role) => login === "whatever" || refuseFactor([role], "use", login, now()) === undefined);
    const held = usable.flatMap(({ gate }) => gate);
    return new Set(held.includes("*") ? everything : held.filter((each) => each !== "*"));
  };
  return {
    permissionsOf: ({ name, groups, actsFor }, login) => {
      const own = permissionsOf(name, groups, login);
      return actsFor ? own.intersection(permissionsOf(actsFor.name, actsFor.groups, "whatever")) : own;
    },
    lacking: ({ name, groups }, permission, login) => {
      const giving = rolesOf(name, groups).filter(({ gate }) => gate.includes("*") || gate.includes(permission));
      const refusals = giving.map((role) => refuseFactor([role], "use", login, now()));
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
    isPermission: isGatePermission,
    isOwner: (name) =>
      directory.actsForOf(name) === undefined && rolesOf(name, directory.groupsOf(name)).some(({ gate }) => gate.includes("*")),
  };
}

/** Whether somebody may ask for, or holds, a role that is of no use without a second factor. */
export function demandsFactor({ holders, roles, rules }: Config, name: PrincipalName, groups: readonly string[]): boolean {
  const concerns = (who: readonly string[]): boolean => who.includes(name) || groups.some((group) => who.includes(`group:${group}`));
  const held = holders.filter(({ who }) => concerns(who)).map(({ role }) => role);
  const asked = rules.filter(({ who }) => concerns(who)).flatMap((rule) => rule.roles);
  return [...held, ...asked].some((role) => roles.get(role)?.secondFactor?.use === "login");
}
