/**
 * Requests and grants as the rest of the gate uses them.
 *
 * Owns: bringing together the pure steps (lifecycle.ts, grant-lifecycle.ts, break-glass.ts), the rules of the moment,
 * the clock and the store; telling listeners what changed.
 * Never: decides anything itself that a pure step decides; keeps state of its own besides listeners.
 * Invariants: one call is one save, values and events together; a save that lost a race is decided again on fresh
 * values; groups are those of this moment, not those somebody logged in with; a refused request is in the log too.
 */
import type { Priority } from "../audit/port.ts";
import { GateError } from "../kernel/errors.ts";
import { newId, type GrantId, type PrincipalName, type RequestId, type TargetName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { admit, admitStill, couldApprove, type AccessDeps } from "./admission.ts";
import { reviewGrant, type Review } from "./break-glass.ts";
import { endGrant, narrowGrant, type Narrowing } from "./grant-lifecycle.ts";
import { scopeInForce } from "./in-force.ts";
import { approve, cancelRequest, denyRequest, openExtension, openRequest, type ApprovalChange } from "./lifecycle.ts";
import type { AccessRequest, Grant, GrantEnding } from "./model.ts";
import { refuseFactor } from "../policy/second-factor.ts";
import { checkWords, type Plan, type RequestDraft } from "./plan.ts";
import { readMoment, remainingAt } from "./remaining.ts";
import { approversOf } from "./rules.ts";
import type { Actor } from "./rulebook.ts";
import { demandsInWords, namesOf, type Step } from "./step.ts";
import { sweep } from "./sweep.ts";

export interface AccessChanged {
  readonly request?: AccessRequest;
  readonly grant?: Grant;
}

export type RequestResult = { readonly allowed: true; readonly request: AccessRequest; readonly grant?: Grant } | Denial;
export type GrantResult = { readonly allowed: true; readonly grant: Grant } | Denial;

export interface Preview {
  readonly allowed: true;
  readonly targets: readonly string[];
  readonly rules: readonly string[];
  /** In words; absent: nobody needs to approve. */
  readonly approval?: string;
  readonly approvers: readonly string[];
  readonly durationMs: number;
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

const ATTEMPTS = 5;
const MAX_LISTED = 1000;

export class AccessService {
  readonly #deps: AccessDeps;
  readonly #listeners = new Set<(change: AccessChanged) => void>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  async request(who: Actor, draft: RequestDraft): Promise<RequestResult> {
    const actor = this.#fresh(who);
    return this.#orRefused(actor, draft, async () => {
      const plan = await admit(this.#deps, actor, draft);
      if ("allowed" in plan) return plan;
      const { random, clock } = this.#deps;
      const breakGlass = draft.breakGlass === true;
      const unproven = breakGlass ? refuseFactor([plan.role], "break-glass", actor, clock.now()) : undefined;
      if (unproven) return unproven;
      const terms = {
        ...this.#terms(actor, draft, plan),
        id: newId("req", random),
        type: breakGlass ? ("break-glass" as const) : ("ordinary" as const),
      };
      const step = openRequest(terms, { id: newId("gr", random), selfExtensions: plan.selfExtensions }, readMoment(clock));
      return this.#save(step, breakGlass ? "reserved" : "ordinary");
    });
  }

  /** What `request` would answer, without doing it. */
  async preview(who: Actor, draft: Omit<RequestDraft, "reason"> & { readonly reason?: string }): Promise<Preview | Denial> {
    const actor = this.#fresh(who);
    const plan = await admit(this.#deps, actor, { ...draft, reason: draft.reason ?? "preview" });
    if ("allowed" in plan) return plan;
    const demands = draft.breakGlass === true ? [] : plan.demands;
    const approval = demandsInWords(demands);
    return {
      allowed: true,
      targets: namesOf(plan.scope),
      rules: plan.rules.map(({ name }) => name),
      ...(approval !== undefined && { approval }),
      approvers: approversOf(demands, this.#deps.rulebook().groups, actor.name),
      durationMs: plan.durationMs,
      maxDurationMs: plan.maxDurationMs,
      breakGlass: plan.breakGlass,
    };
  }

  async approve(id: RequestId, who: Actor, change: ApprovalChange = {}): Promise<RequestResult> {
    return this.#onRequest(id, async (request) => {
      const extended = request.extends && (await this.#deps.store.findGrant(request.extends));
      if (await this.#deps.isDisabled(who.name)) return deny("not-permitted", { detail: `"${who.name}" is disabled` });
      if (!(await this.#deps.isPerson(who.name))) return deny("not-approver", { detail: "people approve, nobody and nothing else" });
      const requester = this.#fresh({ name: request.requester, groups: [] });
      const now = await admitStill(this.#deps, requester, request, change);
      if ("allowed" in now) return now;
      // Last: whoever left the group while all this was read, or while a save lost a race, approves nothing.
      const actor = this.#fresh(who);
      const locked = this.#deps.isLocked(actor);
      if (locked) return locked;
      const moment = readMoment(this.#deps.clock);
      const grant = { id: newId("gr", this.#deps.random), selfExtensions: now.selfExtensions };
      const step = approve(request, actor, change, { moment, grant, demandsNow: now.demands, ...(extended && { extended }) });
      if (!step.allowed) return step;
      return refuseFactor([request.role, now.role], "approve", actor, moment.now) ?? step;
    });
  }

  async deny(id: RequestId, who: Actor, reason: string): Promise<RequestResult> {
    return this.#onRequest(id, async (request) => {
      return checkWords("a reason", reason, 1000) ?? denyRequest(request, this.#fresh(who), reason, readMoment(this.#deps.clock));
    });
  }

  async cancel(id: RequestId, who: Actor, reason: string): Promise<RequestResult> {
    return this.#onRequest(id, async (request) => {
      return checkWords("a reason", reason, 1000) ?? cancelRequest(request, who.name, reason, readMoment(this.#deps.clock));
    });
  }

  /** Longer, by a right of the holder's own while one is left, otherwise by a new approval. */
  async extend(id: GrantId, who: Actor, { durationMs, reason }: { durationMs: number; reason: string }): Promise<RequestResult> {
    const actor = this.#fresh(who);
    const first = await this.#deps.store.findGrant(id);
    if (!first || first.principal !== actor.name) return deny("not-found", { detail: `grant "${id}"` });
    const draft: RequestDraft = { reason, role: first.role.name, targets: namesOf(first.scope), durationMs };
    return this.#orRefused(actor, draft, () =>
      this.#retry(async () => {
        const grant = await this.#deps.store.findGrant(id);
        const moment = readMoment(this.#deps.clock);
        if (!grant || remainingAt(grant, moment) <= 0) return deny("grant-ended");
        const plan = await admit(this.#deps, actor, draft);
        if ("allowed" in plan) return plan;
        const outside = grant.scope.map(({ target }) => scopeInForce(grant, target.name, this.#deps.rulebook(), actor));
        const refused = outside.find((each) => "allowed" in each);
        if (refused) return refused;
        const bySelf = plan.demands.length > 0 && !grant.breakGlass && Math.min(grant.selfExtensionsLeft, plan.selfExtensions) > 0;
        const terms = { ...this.#terms(actor, draft, plan), id: newId("req", this.#deps.random), type: "extension" as const };
        return openExtension({ ...terms, role: grant.role, scope: grant.scope }, grant, bySelf, moment);
      }),
    );
  }

  /** By the holder: gives it back. By anybody else: revokes; the caller has checked `grant.revoke`. */
  async revoke(id: GrantId, who: Actor, reason: string): Promise<GrantResult> {
    return this.#onGrant(id, async (grant) => {
      const own = isTheirsToEnd(grant, who);
      return (
        checkWords("a reason", reason, 1000) ??
        endGrant(grant, own ? "given-back" : "revoked", reason, readMoment(this.#deps.clock), who.name)
      );
    });
  }

  /** Ends a grant on the gate's own account: a budget used up, a restore, a person gone. */
  async end(id: GrantId, how: GrantEnding, reason: string): Promise<GrantResult> {
    return this.#onGrant(id, async (grant) => endGrant(grant, how, reason, readMoment(this.#deps.clock)));
  }

  /** The caller has checked that `who` is the holder or holds `grant.revoke`. */
  async narrow(id: GrantId, who: Actor, narrowing: Narrowing): Promise<GrantResult> {
    return this.#onGrant(id, async (grant) => {
      return checkWords("a reason", narrowing.reason, 1000) ?? narrowGrant(grant, narrowing, who.name, readMoment(this.#deps.clock));
    });
  }

  /** By a holder of `grant.review`, or by somebody who could have approved it. */
  async review(id: GrantId, who: Actor, review: Review): Promise<GrantResult> {
    return this.#onGrant(id, async (grant) => {
      if (!(await this.#deps.isPerson(who.name))) return deny("not-approver", { detail: "people review, nobody and nothing else" });
      const actor = this.#fresh(who);
      const mayReview =
        this.#deps.mayReview(actor) ||
        couldApprove(this.#deps.rulebook(), this.#fresh({ name: grant.principal, groups: [] }), grant, actor);
      return checkWords("a note", review.note, 2000) ?? reviewGrant(grant, actor.name, review, mayReview, readMoment(this.#deps.clock));
    });
  }

  /** Grants of this person that cover the target and run at this moment, by both clocks. */
  async usable(principal: PrincipalName, target: TargetName): Promise<readonly Grant[]> {
    const active = await this.#deps.store.listGrants({ state: "active", principal, limit: MAX_LISTED });
    const moment = readMoment(this.#deps.clock);
    return active.filter((grant) => remainingAt(grant, moment) > 0 && grant.scope.some((each) => each.target.name === target));
  }

  /** What time alone changes: lapses, expiries, used-up budgets, people who are gone, reviews that wait. Called every second. */
  async tick(): Promise<void> {
    await sweep(this.#deps, async (step) => {
      try {
        await this.#save(step, "reserved");
      } catch (thrown) {
        // Somebody changed it at the same moment: the next tick looks again.
        if (!(thrown instanceof GateError && thrown.code === "conflict")) throw thrown;
      }
    });
  }

  /** Nothing stored changes: what is in force is computed from the rulebook of the moment. Listeners look again at every grant. */
  async onRulebookChange(): Promise<void> {
    await this.tick();
    for (const grant of await this.#deps.store.listGrants({ state: "active", limit: MAX_LISTED })) this.#tell({ grant });
  }

  /** Called after every change that was saved. A listener must not throw. */
  subscribe(listener: (change: AccessChanged) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  #fresh(actor: Actor): Actor {
    return { ...actor, ...this.#deps.actorNow(actor.name) };
  }

  #terms(actor: Actor, draft: RequestDraft, plan: Plan) {
    const { requestLapseMs: lapseMs } = this.#deps.limits();
    const { role, scope, durationMs, demands } = plan;
    const { reason, ticket } = draft;
    const { actsFor } = actor;
    return {
      requester: actor.name,
      ...(actsFor && { actsFor: actsFor.name }),
      reason,
      ...(ticket !== undefined && { ticket }),
      role,
      scope,
      durationMs,
      demands,
      lapseMs,
    };
  }

  async #onRequest(id: RequestId, next: (request: AccessRequest) => Promise<Step | Denial>): Promise<RequestResult> {
    return this.#retry(async () => {
      const request = await this.#deps.store.findRequest(id);
      return request ? next(request) : deny("not-found", { detail: `request "${id}"` });
    });
  }

  async #onGrant(id: GrantId, next: (grant: Grant) => Promise<Step | Denial>): Promise<GrantResult> {
    const result = await this.#retry(async () => {
      const grant = await this.#deps.store.findGrant(id);
      return grant ? next(grant) : deny("not-found", { detail: `grant "${id}"` });
    }, "reserved");
    return result as GrantResult;
  }

  async #retry(decide: () => Promise<Step | Denial>, priority: Priority = "ordinary"): Promise<RequestResult> {
    for (let attempt = 1; ; attempt++) {
      const step = await decide();
      if (!step.allowed) return step;
      try {
        return await this.#save(step, priority);
      } catch (thrown) {
        if (attempt >= ATTEMPTS || !(thrown instanceof GateError && thrown.code === "conflict")) throw thrown;
      }
    }
  }

  async #save(step: Step, priority: Priority): Promise<RequestResult> {
    const { request, grant, events } = step;
    const change = { ...(request && { request }), ...(grant && { grant }) };
    await this.#deps.store.save(change, events, priority);
    this.#tell(change);
    return { allowed: true, ...change } as RequestResult;
  }

  #tell(change: AccessChanged): void {
    for (const listener of this.#listeners) listener(change);
  }

  async #orRefused(actor: Actor, draft: RequestDraft, work: () => Promise<RequestResult>): Promise<RequestResult> {
    const result = await work();
    if (result.allowed) return result;
    // Untrusted: the words of the draft were perhaps refused for what they are, so only a bounded, plain part is kept.
    const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "?").slice(0, 100);
    const body = {
      role: plain(draft.role),
      targets: draft.targets.slice(0, 20).map(plain),
      code: result.code,
      detail: (result.detail ?? "").slice(0, 500),
    };
    const event = { kind: "request.refused" as const, principal: actor.name, decision: "deny" as const, body };
    await this.#deps.store.save(
      {},
      [{ ...event, ...(result.rule !== undefined && { rule: result.rule }) }],
      draft.breakGlass === true ? "reserved" : "ordinary",
    );
    return result;
  }
}

/** One's own, or one's agent's. */
function isTheirsToEnd({ principal, actsFor }: Grant, { name }: Actor): boolean {
  return principal === name || actsFor === name;
}
