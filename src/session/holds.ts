/**
 * Actions that wait for an approver: asked, shown, decided once.
 *
 * Owns: which actions wait, who may decide them, and how each ended.
 * Never: knows a protocol, or runs anything: what was held is bound, and forwarded, by the proxy that asked.
 * Invariants: each step is in the log before it counts; one decision ends a hold, whoever is second is told so; nobody
 * decides what they asked for; whoever decides must be one who could approve the grant at that moment; a session that
 * ends takes its hold with it; a gate that starts again holds nothing.
 */

import type { Grant } from "../access/model.ts";
import type { Actor } from "../access/rulebook.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId, type HoldId, type PrincipalName, type SessionId, type TargetName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { DEFAULT_HOLD_MS } from "../policy/role.ts";
import type { LiveSession } from "./live-session.ts";

const MAX_WAITING = 1000;
/** Those that ended are still shown for a while. */
const MAX_ENDED = 200;

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
  readonly by?: string;
  readonly reason?: string;
}

/** How it ended, for the proxy that waits. */
export type Verdict =
  | { readonly hold: Hold; readonly approved: true }
  | { readonly hold: Hold; readonly approved: false; readonly denial: Denial };

export interface HoldsDeps {
  /** Whether this person could approve what this grant came from, now. */
  readonly mayDecide: (grant: Grant, actor: Actor) => boolean;
  /** How many actions of one person may wait at once. */
  readonly perPerson: () => number;
  readonly clock: Clock;
  readonly random: Random;
}

interface Waiting {
  hold: Hold;
  readonly session: LiveSession;
  readonly settle: (verdict: Verdict) => void;
  readonly timer: NodeJS.Timeout;
  /** Somebody's decision is being written. */
  busy: boolean;
  /** Who asked went away, or gave it up, also while it is busy. */
  isOver: boolean;
}

export class Holds {
  readonly #deps: HoldsDeps;
  readonly #waiting = new Map<HoldId, Waiting>();
  readonly #ended = new Map<HoldId, Hold>();
  /** Whose actions wait, those too that are being put on record: two at once cannot both take the last place. */
  readonly #places = new Map<PrincipalName, number>();

  constructor(deps: HoldsDeps) {
    this.#deps = deps;
  }

  /** Resolves when somebody has decided, or nobody will. `shown` is called as soon as it is on record. */
  async ask(session: LiveSession, action: HeldAction, signal: AbortSignal, shown: (hold: Hold) => void): Promise<Verdict | Denial> {
    const { name } = session.permit.authenticated.principal;
    const mine = this.#places.get(name) ?? 0;
    const full = this.#refuseFull(mine);
    if (full) return full;
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

  async #wait(session: LiveSession, action: HeldAction, signal: AbortSignal, shown: (hold: Hold) => void): Promise<Verdict> {
    const now = this.#deps.clock.now();
    const { permit, grant } = session;
    const lapsesAt = now + Math.min(action.forMs ?? DEFAULT_HOLD_MS, session.remainingMs());
    const hold: Hold = {
      ...action,
      id: newId("hold", this.#deps.random),
      principal: permit.authenticated.principal.name,
      target: permit.scoped.target.name,
      session: session.id,
      grant,
      createdAt: now,
      lapsesAt,
      state: "waiting",
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
    const timer = setTimeout(() => this.#withdraw(hold.id, "lapsed", "nobody decided in time"), Math.max(lapsesAt - now, 0));
    const waiting: Waiting = { hold, session, settle: resolve, timer, busy: false, isOver: false };
    this.#waiting.set(hold.id, waiting);
    const stop = (): void => {
      waiting.isOver = true;
      this.#withdraw(hold.id, "withdrawn", "who asked for it went on without");
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted || session.ended) stop();
    else shown(hold);
    return promise;
  }

  list(): readonly Hold[] {
    return [...[...this.#waiting.values()].map(({ hold }) => hold), ...this.#ended.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  find(id: HoldId): Hold | undefined {
    return this.#waiting.get(id)?.hold ?? this.#ended.get(id);
  }

  mayDecide(hold: Hold, actor: Actor): boolean {
    return actor.name !== hold.principal && this.#deps.mayDecide(hold.grant, actor);
  }

  async decide(id: HoldId, actor: Actor, approved: boolean, reason?: string): Promise<Hold | Denial> {
    const waiting = this.#waiting.get(id);
    if (!waiting) {
      const ended = this.#ended.get(id);
      return ended
        ? deny("wrong-state", { detail: `${id} was ${ended.state}${ended.by === undefined ? "" : ` by ${ended.by}`}` })
        : deny("not-found", { detail: id });
    }
    if (actor.name === waiting.hold.principal) return deny("own-request", { detail: id });
    if (!this.mayDecide(waiting.hold, actor)) return deny("not-approver", { detail: id });
    if (waiting.busy) return deny("conflict", { detail: `somebody else decides about ${id} at this moment` });
    waiting.busy = true;
    const event: AuditEvent = approved
      ? { kind: "action.approved", principal: actor.name, decision: "allow", body: { hold: id, digest: waiting.hold.digest } }
      : { kind: "action.denied", principal: actor.name, decision: "deny", body: { hold: id, reason: reason ?? "" } };
    await waiting.session.note(event);
    waiting.busy = false;
    // The wait for the disk is long enough for a revocation, and a log that cannot take it has cut the session.
    if (waiting.isOver || waiting.session.ended) {
      this.#withdraw(id, "withdrawn", "it was over before the decision counted");
      return deny("conflict", { detail: `${id} was over at that moment: nothing ran` });
    }
    const ended: Hold = {
      ...waiting.hold,
      state: approved ? "approved" : "denied",
      by: actor.name,
      ...(reason !== undefined && { reason }),
    };
    const denial = deny("not-approved", { detail: `${actor.name} denied it${reason === undefined ? "" : `: ${reason}`}` });
    this.#end(waiting, ended, approved ? { hold: ended, approved } : { hold: ended, approved, denial });
    return ended;
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
  }
}
