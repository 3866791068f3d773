import type { Config } from "./model.ts";

/**
 * A configuration for comparing, with somebody in each group that an identity provider puts people into: nobody knows who
 * that will be, and what the group may do is theirs.
 */
export function withProviderMembers(config: Config): Config {
  const groups = new Map<string, readonly string[]>(config.groups);
  const add = (group: string, who: string): void => {
    const members = groups.get(group) ?? [];
    if (!members.includes(who)) groups.set(group, [...members, who]);
  };
  for (const { name, groups: mapped } of config.gate.providers) {
    for (const [theirs, ours] of Object.entries(mapped)) {
      add(ours, `(${name}: ${theirs})`);
      add(ours, `(${name}: all its groups)`);
    }
  }
  return { ...config, groups };
}
