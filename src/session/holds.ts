/**
 * Actions that wait for an approver: asked, shown, decided once.
 *
 * Owns: which actions wait, who may decide them, and how each ended.
 * Never: knows a protocol, or runs anything: what was held is bound, and forwarded, by the proxy that asked.
 * Invariants: each step is in the log before it counts; one decision at a time, and whoever is late is told so; nobody
 * decides what they asked for; whoever decides has a place in what the access rules ask for, when it was asked and at that
 * moment, and fills one; a session that ends takes its hold with it; a gate that starts again holds nothing.
 */

import { addApproval, refuseApprover, stillMissing } from "../access/approvals.ts";
import type { Approval, ApprovalExpression, Grant } from "../access/model.ts";
import type { Actor } from "../access/rulebook.ts";
import { distinctDemands } from "../access/rules.ts";
import type { AuditEvent } from "../audit/event.ts";
import { refuseFactor } from "../policy/second-factor.ts";
import type { Role } from "../policy/role.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId, type HoldId, type PrincipalName, type SessionId, type TargetName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { DEFAULT_HOLD_MS } from "../policy/role.ts";
import type { LiveSession } from "./live-session.ts";

const MAX_WAITING = 1000;
/** Those that ended are still shown for a while. */
const MAX_ENDED = 200;
const NOBODY = "nobody decided in time";

/** What an approver decides on. Plain data: it crosses to the API as it is. */
export interface HeldAction {
  /** What would run: a statement. */
  readonly what: string;
  /** SHA-256 (hex) of the exact bytes that would, with their parameters. */
  readonly digest: string;
  readonly parameters?: readonly string[];
  /** Texts that it runs by their names: of EXECUTE, FETCH. */
  readonly named?: readonly string[];
  /** The role's entry that holds it. */
  readonly rule: string;
  /** How long it waits at most; absent: DEFAULT_HOLD_MS. */
  readonly forMs?: number;
  readonly preview: Preview;
}

/** What it would change, found out and undone; or why that cannot be found out. */
export type Preview =
  | { readonly possible: false; readonly why: string; readonly plan?: readonly string[]; readonly locks?: readonly string[] }
  | {
      readonly possible: true;
      /** Rows it changed. */
      readonly rows: number;
      readonly columns: readonly string[];
      /** The first of them; NULL as null. As masked as for somebody who sees no class. */
      readonly before: readonly (readonly (string | null)[])[];
      readonly after: readonly (readonly (string | null)[])[];
      /** What keeps rows from being shown before and after. */
      readonly note?: string;
      /** It would fail with this. */
      readonly error?: string;
      readonly notices: readonly string[];
      readonly locks: readonly string[];
      /** Written to the log of the database, by whatever ran meanwhile too. */
      readonly walBytes: number;
      readonly plan: readonly string[];
      readonly tookMs: number;
      /** Of a statement that defines something: it changes no rows by itself. */
      readonly definition?: DefinitionPreview;
    };

/** Tables, indexes and the like that were there before and are written anew, that would be made, that would be gone. */
export interface DefinitionPreview {
  readonly rewrites: readonly string[];
  readonly creates: readonly string[];
  readonly drops: readonly string[];
}

export type HoldState = "waiting" | "approved" | "denied" | "lapsed" | "withdrawn";

export interface Hold extends HeldAction {
  readonly id: HoldId;
  readonly principal: PrincipalName;
  readonly target: TargetName;
  readonly session: SessionId;
  readonly grant: Grant;
  readonly createdAt: number;
  readonly lapsesAt: number;
  readonly state: HoldState;
  /** All must be met. */
  readonly demands: readonly ApprovalExpression[];
  readonly approvals: readonly Approval[];
  /** What is still to come, in words; empty when nothing is. */
  readonly missing: string;
  /** Who could approve it when it was asked. */
  readonly approvers: readonly string[];
  /** Whose word ended it. */
  readonly by?: string;
  readonly reason?: string;
}

/** How it ended, for the proxy that waits. */
export type Verdict =
  | { readonly hold: Hold; readonly approved: true }
  | { readonly hold: Hold; readonly approved: false; readonly denial: Denial };

export interface HoldsDeps {
  /** Whose yes it takes, by the rules of this moment; empty: nobody's could do. */
  readonly demandsOf: (grant: Grant, target: TargetName) => readonly ApprovalExpression[];
  /** Who is in a group that they name, without who asks. */
  readonly approversOf: (demands: readonly ApprovalExpression[], asker: PrincipalName) => readonly string[];
  /** The role of that name as it is now: what it asks of an approver's login counts, and what it asked when it was granted. */
  readonly roleNow: (name: string) => Role | undefined;
  /** How many actions of one person may wait at once. */
  readonly perPerson: () => number;
  readonly clock: Clock;
  readonly random: Random;
}

interface Waiting {
  hold: Hold;
  readonly session: LiveSession;
  readonly settle: (verdict: Verdict) => void;
  readonly shown: (hold: Hold) => void;
  readonly timer: NodeJS.Timeout;
  /** By the other clock than `lapsesAt`: it is over at the nearer of the two. */
  readonly lapsesElapsed: number;
  /** Somebody's decision is being written. */
  busy: boolean;
  /** Who asked went away, or gave it up, also while it is busy. */
  isOver: boolean;
  /** Its time was up, also while it is busy: an approval that is not the last comes too late. */
  isLate: boolean;
}

export class Holds {
  readonly #deps: HoldsDeps;
  readonly #waiting = new Map<HoldId, Waiting>();
  readonly #ended = new Map<HoldId, Hold>();
  /** Whose actions wait, those too that are being put on record: two at once cannot both take the last place. */
  readonly #places = new Map<PrincipalName, number>();
  readonly #listeners = new Set<(hold: Hold) => void>();

  constructor(deps: HoldsDeps) {
    this.#deps = deps;
  }

  /** Of each hold that is asked, gets an approval, or ends; the listener must not throw. */
  subscribe(listener: (hold: Hold) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(hold: Hold): void {
    for (const listener of this.#listeners) listener(hold);
  }

  /** Resolves when it is decided, or nobody will. `shown` is called as soon as it is on record, and at each approval that is not the last. */
  async ask(session: LiveSession, action: HeldAction, signal: AbortSignal, shown: (hold: Hold) => void): Promise<Verdict | Denial> {
    const { name } = session.permit.authenticated.principal;
    const mine = this.#places.get(name) ?? 0;
    const refused = this.#refuseFull(mine) ?? this.#refuseUnapprovable(session);
    if (refused) return refused;
    this.#places.set(name, mine + 1);
    try {
      return await this.#wait(session, action, signal, shown);
    } finally {
      const left = (this.#places.get(name) ?? 1) - 1;
      if (left === 0) this.#places.delete(name);
      else this.#places.set(name, left);
    }
  }

  #refuseFull(mine: number): Denial | undefined {
    if (mine >= this.#deps.perPerson()) {
      const next = "deciding them, or giving one up: `sallyport holds` lists them";
      return deny("rate-limited", { detail: `${mine} of your actions wait for an approval already`, next });
    }
    const all = [...this.#places.values()].reduce((sum, each) => sum + each, 0);
    return all >= MAX_WAITING ? deny("rate-limited", { detail: "too many actions of everybody wait for an approval" }) : undefined;
  }

  /** At once, and not after a wait that nobody could end. */
  #refuseUnapprovable({ grant, permit }: LiveSession): Denial | undefined {
    const { target } = permit.scoped;
    if (this.#deps.demandsOf(grant, target.name).length > 0) return undefined;
    return deny("not-approved", {
      detail: `the access rules name nobody who could approve what role "${grant.role.name}" holds on "${target.name}"`,
      next: "asking who configures the gate for `holds` in the rule",
    });
  }

  async #wait(session: LiveSession, action: HeldAction, signal: AbortSignal, shown: (hold: Hold) => void): Promise<Verdict> {
    const now = this.#deps.clock.now();
    const { permit, grant } = session;
    const [asker, target] = [permit.authenticated.principal.name, permit.scoped.target.name];
    const demands = this.#deps.demandsOf(grant, target);
    const forMs = Math.min(action.forMs ?? DEFAULT_HOLD_MS, session.remainingMs());
    const [lapsesAt, lapsesElapsed] = [now + forMs, this.#deps.clock.elapsed() + forMs];
    const hold: Hold = {
      ...action,
      id: newId("hold", this.#deps.random),
      principal: asker,
      target,
      session: session.id,
      grant,
      createdAt: now,
      lapsesAt,
      state: "waiting",
      demands,
      approvals: [],
      missing: stillMissing({ asker, demands, approvals: [] }),
      approvers: this.#deps.approversOf(demands, asker),
    };
    const { preview } = action;
    const body = {
      hold: hold.id,
      digest: hold.digest,
      lapsesAt,
      ...(preview.possible ? { rows: preview.rows } : { noPreview: preview.why }),
    };
    await session.note({ kind: "action.held", decision: "hold", rule: action.rule, body });
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const timer = setTimeout(() => this.#lapse(waiting), Math.max(forMs, 0));
    const waiting: Waiting = {
      hold,
      session,
      settle: resolve,
      shown,
      timer,
      lapsesElapsed,
      busy: false,
      isOver: false,
      isLate: false,
    };
    this.#waiting.set(hold.id, waiting);
    const stop = (): void => {
      waiting.isOver = true;
      this.#withdraw(hold.id, "withdrawn", "who asked for it went on without");
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted || session.ended) stop();
    else {
      shown(hold);
      this.#tell(hold);
    }
    return promise;
  }

  /** To be called now and then: a clock that was set, or a machine that slept, makes time pass without a timer. */
  tick(): void {
    for (const waiting of this.#waiting.values()) if (this.#hasLapsed(waiting)) this.#lapse(waiting);
  }

  #hasLapsed({ hold, lapsesElapsed }: Waiting): boolean {
    const { clock } = this.#deps;
    return clock.now() >= hold.lapsesAt || clock.elapsed() >= lapsesElapsed;
  }

  /** Also while a decision is being written: then it is over unless that was the last that it takes. */
  #lapse(waiting: Waiting): void {
    waiting.isLate = true;
    this.#withdraw(waiting.hold.id, "lapsed", NOBODY);
  }

  list(): readonly Hold[] {
    return [...[...this.#waiting.values()].map(({ hold }) => hold), ...this.#ended.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  find(id: HoldId): Hold | undefined {
    return this.#waiting.get(id)?.hold ?? this.#ended.get(id);
  }

  mayDecide(hold: Hold, actor: Actor): boolean {
    return this.#refuseApprover(hold, actor) === undefined && !hold.approvals.some(({ by }) => by === actor.name);
  }

  /** What the rules asked for when it began to wait, and what they ask for now: the one never takes the other's place. */
  #demands({ demands, grant, target }: Hold): readonly ApprovalExpression[] {
    const now = this.#deps.demandsOf(grant, target);
    // Fails closed: nobody decides any more where the rules name nobody.
    return now.length === 0 ? [] : distinctDemands([...demands, ...now]);
  }

  #refuseApprover(hold: Hold, actor: Actor): Denial | undefined {
    return refuseApprover({ ...askerOf(hold), demands: this.#demands(hold) }, actor);
  }

  async decide(id: HoldId, actor: Actor, approved: boolean, reason?: string): Promise<Hold | Denial> {
    this.tick();
    const waiting = this.#waiting.get(id);
    if (!waiting) return this.#refuseEnded(id);
    const refused = this.#refuseApprover(waiting.hold, actor);
    if (refused) return refused;
    if (waiting.busy) return deny("conflict", { detail: `somebody else decides about ${id} at this moment` });
    return approved ? this.#approve(waiting, actor) : this.#deny(waiting, actor, reason);
  }

  #refuseEnded(id: HoldId): Denial {
    const ended = this.#ended.get(id);
    return ended
      ? deny("wrong-state", { detail: `${id} was ${ended.state}${ended.by === undefined ? "" : ` by ${ended.by}`}` })
      : deny("not-found", { detail: id });
  }

  async #approve(waiting: Waiting, actor: Actor): Promise<Hold | Denial> {
    const { id, digest, grant, approvals: before } = waiting.hold;
    const asker = askerOf(waiting.hold);
    const demands = this.#demands(waiting.hold);
    const given = addApproval({ ...asker, demands, approvals: before }, actor, this.#deps.clock.now());
    if (!given.allowed) return given;
    const unproven = refuseFactor([grant.role, this.#deps.roleNow(grant.role.name)], "approve", actor, this.#deps.clock.now());
    if (unproven) return unproven;
    const { approvals, complete } = given;
    const event = {
      kind: "action.approved",
      principal: actor.name,
      ...(complete && { decision: "allow" as const }),
      body: { hold: id, digest, groups: actor.groups, complete },
    } as const;
    const over = await this.#write(waiting, event);
    if (over) return over;
    const hold: Hold = { ...waiting.hold, demands, approvals, missing: stillMissing({ ...asker, demands, approvals }) };
    if (complete) {
      const ended: Hold = { ...hold, state: "approved", by: actor.name };
      this.#end(waiting, ended, { hold: ended, approved: true });
      return ended;
    }
    waiting.hold = hold;
    if (waiting.isLate) {
      this.#withdraw(id, "lapsed", NOBODY);
      return deny("conflict", { detail: `${id} was over at that moment: nothing ran` });
    }
    waiting.shown(hold);
    this.#tell(hold);
    return hold;
  }

  async #deny(waiting: Waiting, actor: Actor, reason?: string): Promise<Hold | Denial> {
    const { id } = waiting.hold;
    const body = { hold: id, reason: reason ?? "" };
    const over = await this.#write(waiting, { kind: "action.denied", principal: actor.name, decision: "deny", body });
    if (over) return over;
    const ended: Hold = { ...waiting.hold, state: "denied", by: actor.name, ...(reason !== undefined && { reason }) };
    const denial = deny("not-approved", { detail: `${actor.name} denied it${reason === undefined ? "" : `: ${reason}`}` });
    this.#end(waiting, ended, { hold: ended, approved: false, denial });
    return ended;
  }

  /** Puts a decision on record. A denial where it does not count any more. */
  async #write(waiting: Waiting, event: AuditEvent): Promise<Denial | undefined> {
    const { id } = waiting.hold;
    waiting.busy = true;
    await waiting.session.note(event);
    waiting.busy = false;
    // The wait for the disk is long enough for a revocation, and a log that cannot take it has cut the session.
    if (!waiting.isOver && !waiting.session.ended) return undefined;
    this.#withdraw(id, "withdrawn", "it was over before the decision counted");
    return deny("conflict", { detail: `${id} was over at that moment: nothing ran` });
  }

  #withdraw(id: HoldId, state: "lapsed" | "withdrawn", reason: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting || waiting.busy) return;
    const hold: Hold = { ...waiting.hold, state, reason };
    void waiting.session.note({ kind: "action.lapsed", body: { hold: id, reason } });
    this.#end(waiting, hold, { hold, approved: false, denial: deny("not-approved", { detail: reason }) });
  }

  #end(waiting: Waiting, hold: Hold, verdict: Verdict): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(hold.id);
    this.#ended.set(hold.id, hold);
    for (const oldest of this.#ended.keys()) if (this.#ended.size > MAX_ENDED) this.#ended.delete(oldest);
    waiting.settle(verdict);
    this.#tell(hold);
  }
}

function askerOf({ principal: asker, grant: { actsFor } }: Hold): { readonly asker: PrincipalName; readonly actsFor?: PrincipalName } {
  return { asker, ...(actsFor !== undefined && { actsFor }) };
}
