/**
 * What a role, or a target, asks of the login of whoever uses it: a second factor, how fresh, and whether from where it was made.
 *
 * Pure. What was shown is the caller's to bring; several roles asked together (as approved, and now) all have to be met.
 */
import { deny, type Denial } from "../kernel/result.ts";
import { ANY_FACTOR, requireFactor, type FactorKind, type ShownFactor, type StepUp } from "../kernel/step-up.ts";
import { isSameAddress } from "../kernel/address.ts";

export interface SecondFactorRule {
  /** Any one of these counts. Absent: any at all, a recovery code too. */
  readonly kinds?: readonly FactorKind[];
  /** `login`: the role is of use only to a login that has shown one. */
  readonly use: "login" | "none";
  /** How fresh it must be to approve a request for the role, or an action that it holds. */
  readonly approveMs?: number;
  /** …to break glass with it. */
  readonly breakGlassMs?: number;
  /** …to open a session under it. */
  readonly sessionMs?: number;
  /** `bound`: what the gate made is of no use from another address than it was made at. */
  readonly address: "bound" | "any";
}

export type FactorMoment = "use" | "approve" | "break-glass" | "session";

/** What is known of the login of whoever acts. */
export interface Presented {
  readonly factors?: readonly ShownFactor[] | undefined;
  /** `ip:port` of the peer. */
  readonly remote?: string | undefined;
  /** `ip:port` at which the token or certificate was made; absent: it is no such thing, as a key of one's own. */
  readonly madeAt?: string | undefined;
}

interface RoleWithFactor {
  readonly name: string;
  readonly secondFactor?: SecondFactorRule;
}

interface TargetWithFactor {
  readonly name: string;
  readonly stepUpMs?: number;
}

const WORDS: Readonly<Record<FactorMoment, (role: string) => string>> = {
  use: (role) => `role "${role}"`,
  approve: (role) => `approving role "${role}"`,
  "break-glass": (role) => `breaking glass with role "${role}"`,
  session: (role) => `a session with role "${role}"`,
};

/** `undefined`: the login will do for all of these roles at this moment. */
export function refuseFactor(
  roles: readonly (RoleWithFactor | undefined)[],
  moment: FactorMoment,
  { factors, remote, madeAt }: Presented,
  now: number,
): Denial | undefined {
  for (const role of roles) {
    if (role?.secondFactor === undefined) continue;
    const rule = `${role.name}.secondFactor`;
    const what = WORDS[moment](role.name);
    for (const demand of demandsAt(role.secondFactor, moment)) {
      const refused = requireFactor(demand, factors, now, { for: what, rule });
      if (refused) return refused;
    }
    const away = refuseElsewhere([role], what, { remote, madeAt });
    if (away) return away;
  }
  return undefined;
}

/** What was made, or begun, at one address and is used at another, where a role binds it to the first. */
export function refuseElsewhere(
  roles: readonly (RoleWithFactor | undefined)[],
  what: string,
  { remote, madeAt }: Pick<Presented, "remote" | "madeAt">,
): Denial | undefined {
  const bound = roles.find((role) => role?.secondFactor?.address === "bound");
  if (bound === undefined || madeAt === undefined || (remote !== undefined && isSameAddress(madeAt, remote))) return undefined;
  return deny("wrong-address", { detail: what, rule: `${bound.name}.secondFactor` });
}

/** What a target asks of whoever opens a session there, whatever the role; `kinds`: of the role, where it names some. */
export function refuseTargetFactor(
  target: TargetWithFactor | undefined,
  role: RoleWithFactor | undefined,
  { factors }: Presented,
  now: number,
): Denial | undefined {
  if (target?.stepUpMs === undefined) return undefined;
  const demand = { kinds: role?.secondFactor?.kinds ?? ANY_FACTOR, withinMs: target.stepUpMs };
  return requireFactor(demand, factors, now, { for: `a session on "${target.name}"`, rule: `${target.name}.stepUp` });
}

/** A session under a role, as it was approved and as it is now, on a target, as it was and as it is. */
export function refuseSession(
  { role, roleNow }: { readonly role: RoleWithFactor; readonly roleNow: RoleWithFactor | undefined },
  targets: readonly (TargetWithFactor | undefined)[],
  login: Presented,
  now: number,
): Denial | undefined {
  const refused = refuseFactor([role, roleNow], "session", login, now);
  if (refused) return refused;
  for (const target of targets) {
    const unproven = refuseTargetFactor(target, role, login, now) ?? refuseTargetFactor(target, roleNow, login, now);
    if (unproven) return unproven;
  }
  return undefined;
}

/** Holding a role takes no fresh factor, using it may. Who approves does not use it. */
function demandsAt({ kinds = ANY_FACTOR, use, ...fresh }: SecondFactorRule, moment: FactorMoment): readonly StepUp[] {
  const within = { use: undefined, approve: fresh.approveMs, "break-glass": fresh.breakGlassMs, session: fresh.sessionMs }[moment];
  const atAll = use === "login" && moment !== "approve" ? [{ kinds }] : [];
  return within === undefined ? atAll : [...atAll, { kinds, withinMs: within }];
}
