import type { Config } from "../config/model.ts";
import type { Holdings } from "../identity/holdings.ts";
import type { Principal, User } from "../identity/model.ts";
import type { Directory } from "../identity/port.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { GATE_PERMISSIONS, isGatePermission, type GatePermission } from "../policy/permissions.ts";

/** Groups as the configuration in force has them. */
export function configDirectory(config: () => Config): Directory {
  const groupsOf = (name: PrincipalName): readonly string[] =>
    [...config().groups].filter(([, members]) => members.includes(name)).map(([group]) => group);
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

/** Standing permissions on the gate, from `holders` and the `gate:` blocks of their roles. */
export function configHoldings(config: () => Config, directory: Directory): Holdings<GatePermission> {
  const rolesOf = (name: PrincipalName, groups: readonly string[]): (GatePermission | "*")[] => {
    const { holders, roles } = config();
    const holds = (who: readonly string[]): boolean => who.includes(name) || groups.some((group) => who.includes(`group:${group}`));
    return holders.filter(({ who }) => holds(who)).flatMap(({ role }) => roles.get(role)?.gate ?? []);
  };
  const everything = Object.keys(GATE_PERMISSIONS).filter(isGatePermission);
  const permissionsOf = (name: PrincipalName, groups: readonly string[]): ReadonlySet<GatePermission> => {
    const held = rolesOf(name, groups);
    return new Set(held.includes("*") ? everything : held.filter((each) => each !== "*"));
  };
  return {
    permissionsOf: ({ name, groups, actsFor }) => {
      const own = permissionsOf(name, groups);
      return actsFor ? own.intersection(permissionsOf(actsFor.name, actsFor.groups)) : own;
    },
    isPermission: isGatePermission,
    isOwner: (name) => directory.actsForOf(name) === undefined && rolesOf(name, directory.groupsOf(name)).includes("*"),
  };
}
