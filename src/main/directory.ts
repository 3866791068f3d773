import type { Config } from "../config/model.ts";
import type { Holdings } from "../identity/holdings.ts";
import type { Principal, User } from "../identity/model.ts";
import type { Directory } from "../identity/port.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { GATE_PERMISSIONS, isGatePermission, type GatePermission } from "../policy/permissions.ts";

/** Groups as the configuration in force has them. */
export function configDirectory(config: () => Config): Directory {
  const groupsOf = (name: PrincipalName): readonly string[] =>
    [...config().groups].filter(([, members]) => members.includes(name)).map(([group]) => group);
  return {
    groupsOf,
    principal: ({ name, type }: User): Principal => ({ name, type, groups: groupsOf(name) }),
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
  return {
    permissionsOf: ({ name, groups }) => {
      const held = rolesOf(name, groups);
      return new Set(held.includes("*") ? everything : held.filter((each) => each !== "*"));
    },
    isPermission: isGatePermission,
    isOwner: (name) => rolesOf(name, directory.groupsOf(name)).includes("*"),
  };
}
