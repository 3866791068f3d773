/** Who may pass to a handler. Every route goes through here; what is not allowed by its contract is refused. */
import type { Route } from "../contract/route.ts";
import type { RouteId } from "../contract/routes.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { Authenticated } from "../identity/model.ts";
import type { Caller } from "./handler.ts";
import type { LockGuard } from "./services/gate.ts";
import type { TokenGuard } from "./services/logins.ts";

/** What still works for somebody who is locked: to see why, and to leave. */
const FOR_THE_LOCKED: ReadonlySet<RouteId> = new Set<RouteId>(["status.show", "login.end", "locks.list"]);

export function callerOf(authenticated: Authenticated, guard: Pick<TokenGuard, "effectivePermissions" | "lacking">): Caller {
  return {
    authenticated,
    principal: authenticated.principal,
    permissions: guard.effectivePermissions(authenticated),
    lacking: (permission) => guard.lacking(authenticated, permission),
  };
}

/** `undefined`: may pass. `caller` is a denial where a token was shown and did not hold. */
export function refuseCaller(id: RouteId, route: Route, caller: Caller | Denial | undefined, locks: LockGuard): Denial | undefined {
  if (route.permission === "public") return undefined;
  if (caller === undefined) return deny("not-authenticated");
  if ("allowed" in caller) return caller;
  return refuseScope(route, caller) ?? refuseLocked(id, route, caller, locks);
}

function refuseScope({ permission }: Route, { authenticated: { scopes }, permissions, lacking }: Caller): Denial | undefined {
  const unscoped = scopes === undefined || scopes.includes("all");
  switch (permission) {
    case "public":
      return undefined;
    case "full":
      return unscoped ? undefined : deny("not-permitted", { detail: "this needs a token with the scope `all`", rule: "token scope" });
    case "self":
      return unscoped || scopes.includes("self")
        ? undefined
        : deny("not-permitted", { detail: "this needs a token with the scope `self`", rule: "token scope" });
    default:
      return permissions.has(permission) ? undefined : refusePermission(permission, { lacking });
  }
}

/** Says what to show where the person holds it, and this login has not shown what it takes. */
export function refusePermission(permission: GatePermission, { lacking }: Pick<Caller, "lacking">): Denial {
  return lacking(permission) ?? deny("not-permitted", { detail: `\`${permission}\``, next: `sallyport why me ${permission} gate` });
}

function refuseLocked(id: RouteId, route: Route, { principal, permissions }: Caller, locks: LockGuard): Denial | undefined {
  if (FOR_THE_LOCKED.has(id)) return undefined;
  const { actsFor } = principal;
  const lock =
    locks.find({ principal: principal.name, groups: principal.groups }) ??
    (actsFor && locks.find({ principal: actsFor.name, groups: actsFor.groups }));
  if (lock) return deny("locked", { rule: lock.id });
  const gate = locks.gateLocked();
  // Reading stays possible: somebody has to find out what happened.
  if (gate && route.effect === "changes" && !permissions.has("lock.write")) return deny("gate-locked", { rule: gate.id });
  return undefined;
}
