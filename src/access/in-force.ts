import { deny, type Denial } from "../kernel/result.ts";
import type { Grant, PostgresTarget, ScopedTarget } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { accountOn, findRule } from "./rules.ts";
import { refuseUntrusted } from "./scope.ts";

/**
 * A target of a grant as it may be used now: what was approved, as long as today's configuration still says the same.
 * Asked anew for every connection and after every change of the configuration. Whether the grant still runs is
 * remaining.ts's question; locks are watch's.
 */
export function scopeInForce(grant: Grant, target: string, rulebook: Rulebook, actor: Actor): ScopedTarget | Denial {
  if (actor.name !== grant.principal) return deny("no-grant");
  if (actor.actsFor?.name !== grant.actsFor) {
    return deny("grant-narrowed", { detail: `"${actor.name}" acts for somebody else than when it was approved` });
  }
  const scoped = grant.scope.find((each) => each.target.name === target);
  if (!scoped) return deny("grant-narrowed", { detail: `"${target}" is not covered by ${grant.id}` });
  const changed = changedSince(scoped, grant.role.name, rulebook);
  if (changed) return changed;
  const now = rulebook.targets.get(target) ?? scoped.target;
  const rule = findRule(rulebook, actor, grant.role.name, now);
  if (!rule) {
    return deny("grant-narrowed", { rule: scoped.rule, detail: `no rule lets you have role "${grant.role.name}" on "${target}" any more` });
  }
  if (grant.breakGlass && !rule.breakGlass) {
    return deny("grant-narrowed", { rule: rule.name, detail: `rule "${rule.name}" no longer permits break-glass` });
  }
  return scoped;
}

/** How the configuration in force differs from what was asked for or approved, where that is no longer the same thing to reach. */
export function changedSince({ target, account }: ScopedTarget, roleName: string, rulebook: Rulebook): Denial | undefined {
  const changed = (detail: string): Denial => deny("grant-narrowed", { detail });
  const now = rulebook.targets.get(target.name);
  if (!now) return changed(`target "${target.name}" was removed from the configuration`);
  if (now.kind !== target.kind || now.address !== target.address) {
    return changed(`target "${target.name}" has another address than when it was approved`);
  }
  if (!sameKeys(now.hostKeys, target.hostKeys) || !sameKeys(now.hostAuthorities, target.hostAuthorities)) {
    return changed(`target "${target.name}" has other host keys than when it was approved`);
  }
  const untrusted = refuseUntrusted(now);
  if (untrusted) return untrusted;
  if (!samePostgres(now.postgres, target.postgres)) {
    return changed(`target "${target.name}" has another database or another proof of identity than when it was approved`);
  }
  const role = rulebook.roles.get(roleName);
  if (!role) return changed(`role "${roleName}" was removed from the configuration`);
  return accountOn(now, role) === account
    ? undefined
    : changed(`role "${roleName}" logs in with another account than when it was approved`);
}

function samePostgres(a: PostgresTarget | undefined, b: PostgresTarget | undefined): boolean {
  return (
    a?.database === b?.database &&
    a?.tls === b?.tls &&
    a?.authorityFile === b?.authorityFile &&
    a?.auth === b?.auth &&
    a?.ephemeral?.by === b?.ephemeral?.by &&
    a?.ephemeral?.prefix === b?.ephemeral?.prefix
  );
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key) => b.includes(key)) && b.every((key) => a.includes(key));
}
