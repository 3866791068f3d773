/**
 * The one place that says who may pass: makes Permits, and nothing else can.
 *
 * Owns: the order of the checks between "who you are is proven" and "this connection may open".
 * Never: talks to a client or a target, or waits for a person.
 * Invariants: a Permit exists only after lock, clock, grant, scope-in-force, what the login has shown and concurrency were
 * checked, in this file, in one go (promise 1); two grants on one target are never merged: the client names one or is refused with the
 * list; the permit carries the address and account that were approved, not what the configuration says now.
 */
import type { Grant, ScopedTarget, Target } from "../access/model.ts";
import { scopeInForce } from "../access/in-force.ts";
import type { Rulebook } from "../access/rulebook.ts";
import { ruleConcerns, selectorMatches } from "../access/rules.ts";
import type { Authenticated, Principal } from "../identity/model.ts";
import type { Clock } from "../kernel/clock.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { tightest } from "../policy/decide.ts";
import { refuseSession } from "../policy/second-factor.ts";
import type { Budget, Role } from "../policy/role.ts";
import { remainingMs } from "../access/remaining.ts";
import type { Claimed } from "./claimed.ts";

/** How far the wall clock may stand behind the last event before new sessions are refused, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5000;

/** Not exported as a value: only this file can make one, and `#proof` keeps look-alikes from type-checking. */
class PermitProof {
  readonly #proof = true;
  readonly authenticated: Authenticated;
  readonly grant: Grant;
  readonly scoped: ScopedTarget;

  constructor(authenticated: Authenticated, grant: Grant, scoped: ScopedTarget) {
    this.authenticated = authenticated;
    this.grant = grant;
    this.scoped = scoped;
  }

  /** True for every real permit; a look-alike made by a cast throws. */
  get genuine(): boolean {
    return this.#proof;
  }
}

/** The proof that a dial is covered by a grant. Taken by `openSession` and `openUpstream`. */
export type Permit = PermitProof;

/** The gate's own errands: a closed list, each recorded under the principal `gate` (promise 12). */
export type Errand =
  | "host.scan"
  | "host.check"
  | "target.test"
  | "session.cleanup"
  | "catalogue.read"
  | "columns.scan"
  | "role.make"
  | "role.drop"
  | "role.sweep";

class ErrandProof {
  readonly #proof = true;
  readonly errand: Errand;
  readonly address: string;

  constructor(errand: Errand, address: string) {
    this.errand = errand;
    this.address = address;
  }

  get genuine(): boolean {
    return this.#proof;
  }
}

export type ErrandPermit = ErrandProof;

export interface GatekeeperDeps {
  readonly access: { usable(principal: PrincipalName, target: Target["name"]): Promise<readonly Grant[]> };
  readonly rulebook: () => Rulebook;
  readonly principal: (name: PrincipalName) => Promise<Principal | Denial>;
  readonly lockedFor: (principal: Principal, target: string) => Denial | undefined;
  readonly log: { head(): { readonly lastTime: number } };
  readonly liveSessions: (grant: Grant["id"]) => number;
  readonly recordErrand: (errand: Errand, address: string, by: string) => Promise<void>;
  readonly clock: Clock;
}

export class Gatekeeper {
  readonly #deps: GatekeeperDeps;

  constructor(deps: GatekeeperDeps) {
    this.#deps = deps;
  }

  /** Every refusal that does not depend on a grant: locks, the clock, a person who is gone. */
  async admit(authenticated: Authenticated, target: string): Promise<Principal | Denial> {
    const { clock, log } = this.#deps;
    // A wall clock set back would make ended grants look alive; elapsed time does not survive a reboot, so refuse.
    const behindMs = log.head().lastTime - clock.now();
    if (behindMs > CLOCK_TOLERANCE_MS) return deny("clock-behind", { detail: `by ${Math.ceil(behindMs / 1000)} s` });
    const principal = await this.#deps.principal(authenticated.principal.name);
    if ("allowed" in principal) return principal;
    return this.#deps.lockedFor(principal, target) ?? principal;
  }

  /** Permit for a target of this kind, or why not. Called anew for every connection. */
  async authorize(authenticated: Authenticated, claimed: Claimed, kind: Target["kind"]): Promise<Permit | Denial> {
    const principal = await this.admit(authenticated, claimed.target);
    if ("allowed" in principal) return principal;

    const usable = await this.#deps.access.usable(principal.name, claimed.target);
    const named = claimed.grant === undefined ? usable : usable.filter((grant) => grant.id === claimed.grant);
    const [grant, second] = named;
    if (!grant) {
      return deny("no-grant", { detail: `"${claimed.target}"`, next: this.#requestCommand(principal, claimed.target) });
    }
    if (second) {
      const list = named.map(
        (each) => `${claimed.target}%${each.id} (${each.role.name}, ${minutes(remainingMs(each, this.#deps.clock))} left)`,
      );
      return deny("several-grants", { detail: list.join(", ") });
    }
    const rulebook = this.#deps.rulebook();
    const scoped = scopeInForce(grant, claimed.target, rulebook, principal);
    if ("allowed" in scoped) return scoped;

    // Whoever knocks at the door of another protocol must not be led to a machine that speaks this one.
    if (scoped.target.kind !== kind) return deny("not-supported", { detail: `"${claimed.target}" is of kind "${scoped.target.kind}"` });

    const roleNow = rulebook.roles.get(grant.role.name);
    const now = this.#deps.clock.now();
    const targets = [scoped.target, rulebook.targets.get(claimed.target)];
    const unproven = refuseSession({ role: grant.role, roleNow }, targets, authenticated, now);
    if (unproven) return unproven;

    const limit = budgetOf(grant, roleNow).sessions;
    if (limit !== undefined && this.#deps.liveSessions(grant.id) >= limit) {
      return deny("too-many-sessions", { detail: `${limit} at one time under ${grant.id}` });
    }
    return new PermitProof(authenticated, grant, scoped);
  }

  /** The door for the gate's own errands: recorded before it opens. `by` is the person on whose word it runs, or `gate`. */
  async authorizeErrand(errand: Errand, address: string, by: string): Promise<ErrandPermit> {
    await this.#deps.recordErrand(errand, address, by);
    return new ErrandProof(errand, address);
  }

  #requestCommand(principal: Principal, target: string): string {
    const { targets, rules } = this.#deps.rulebook();
    const wanted = targets.get(target);
    const rule = wanted && rules.find((each) => ruleConcerns(each, principal) && selectorMatches(each.targets, wanted));
    return `sallyport request --role ${rule?.roles[0] ?? "ROLE"} --target ${target} --reason "…"`;
  }
}

/** What both the role as approved and today's role of that name allow to be used up. */
export function budgetOf(grant: Grant, now: Role | undefined): Budget {
  return now === undefined ? grant.role.budget : tightest(grant.role.budget, now.budget);
}

function minutes(ms: number): string {
  return ms >= 60_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.ceil(ms / 1000)} s`;
}
