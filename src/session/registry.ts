/**
 * Every live session of this node, and what ends them.
 *
 * Owns: opening (with its events), the tick that enforces time, and the reactions to revoked grants, locks and new
 * configuration. A session is cut within one second of its reason (promise 1): what is announced cuts at once, what only
 * time brings is looked at every TICK_MS.
 * Never: decides who may open; that is the gatekeeper's.
 */
import { requestAllowing } from "../access/allowing.ts";
import type { Grant } from "../access/model.ts";
import { scopeInForce } from "../access/in-force.ts";
import type { Rulebook } from "../access/rulebook.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { SessionEndBody } from "../audit/events/session.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Timers } from "../audit/timers.ts";
import type { Authenticated, Principal } from "../identity/model.ts";
import type { Clock } from "../kernel/clock.ts";
import { asGateError, GateError } from "../kernel/errors.ts";
import { newId, type GrantId, type SessionId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Budget } from "../policy/role.ts";
import { budgetOf, type Permit } from "./gatekeeper.ts";
import { LiveSession, type GrantUse } from "./live-session.ts";
import { Moderation } from "./moderation.ts";
import type { SessionStore } from "./port.ts";
import type { RecordingFacts, SessionRecording } from "./recording.ts";
import { SessionControls } from "./session-controls.ts";
import { Watchers } from "./watchers.ts";

export const TICK_MS = 200;
const CREDENTIAL_GONE = deny("locked", { detail: "the key, password or certificate that this session was opened with was removed" });

export interface RegistryDeps {
  readonly store: SessionStore;
  /** As the store has it at this moment. */
  readonly grantNow: (id: GrantId) => Promise<Grant | undefined>;
  readonly log: Pick<AuditLog, "append" | "record">;
  readonly rulebook: () => Rulebook;
  readonly principalNow: (name: Principal["name"]) => Promise<Principal | Denial>;
  /** Why what somebody came with would not do any more: taken away, or nobody vouches for them now. */
  readonly refusalSince: (authenticated: Authenticated) => Promise<Denial | undefined>;
  readonly lockedFor: (principal: Principal, target: string) => Denial | undefined;
  readonly startRecording: (facts: RecordingFacts) => Promise<SessionRecording>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

interface SessionFacts {
  readonly protocol: string;
  readonly remote: string;
  readonly client: string;
}

/** `changed`: what is to be seen of it besides its bytes, as that it is frozen. */
export type RegistryChange =
  | { readonly kind: "started" | "changed"; readonly session: LiveSession }
  | { readonly kind: "ended"; readonly session: LiveSession; readonly ended: SessionEndBody & { readonly at: number } };

export class SessionRegistry {
  readonly #deps: RegistryDeps;
  readonly #live = new Map<SessionId, LiveSession>();
  readonly #recordings = new Map<SessionId, SessionRecording>();
  /** Reserved before the first await of `open`, so that two at once cannot both take the last place. */
  readonly #opening = new Map<GrantId, number>();
  readonly #openings = new Set<Promise<unknown>>();
  readonly #use = new Map<GrantId, GrantUse>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();
  readonly #unrecordedEnds: (() => Promise<void>)[] = [];
  #stopping = false;
  readonly controls: SessionControls;
  readonly watchers: Watchers;
  readonly moderation: Moderation;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    const { log, clock, principalNow, timers } = deps;
    const changed = (session: LiveSession): void => {
      if (this.#live.has(session.id)) this.#notify({ kind: "changed", session });
    };
    this.controls = new SessionControls({ find: (id) => this.#live.get(id), log, clock, changed });
    this.watchers = new Watchers({ timers, clock, changed });
    this.moderation = new Moderation({ log, clock, timers, principalNow, changed });
  }

  count(grant: GrantId): number {
    let count = this.#opening.get(grant) ?? 0;
    for (const session of this.#live.values()) if (session.grant.id === grant) count += 1;
    return count;
  }

  list(): readonly LiveSession[] {
    return [...this.#live.values()];
  }

  find(id: SessionId): LiveSession | undefined {
    return this.#live.get(id);
  }

  subscribe(listener: (change: RegistryChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Starts a session: its row, its recording and both events are durable when this resolves. */
  async open(permit: Permit, facts: SessionFacts): Promise<LiveSession | Denial> {
    const { grant } = permit;
    const budget = this.#budget(grant);
    if (this.#stopping) return deny("gate-stopping");
    if (budget.sessions !== undefined && this.count(grant.id) >= budget.sessions) return deny("too-many-sessions");
    this.#opening.set(grant.id, (this.#opening.get(grant.id) ?? 0) + 1);
    const opening = this.#start(permit, facts, budget);
    this.#openings.add(opening);
    try {
      return await opening;
    } catch (error) {
      if (error instanceof GateError) return deny(error.code, error.detail === undefined ? {} : { detail: error.detail });
      throw error;
    } finally {
      this.#openings.delete(opening);
      const left = (this.#opening.get(grant.id) ?? 1) - 1;
      if (left === 0) this.#opening.delete(grant.id);
      else this.#opening.set(grant.id, left);
    }
  }

  async #start(permit: Permit, facts: SessionFacts, budget: Budget): Promise<LiveSession> {
    const { grant, scoped, authenticated } = permit;
    const id = newId("s", this.#deps.random);
    const recording = newId("rec", this.#deps.random);
    let session: LiveSession | undefined;
    let failure: Denial | undefined;
    const recorded = await this.#deps.startRecording({
      recording,
      session: id,
      principal: authenticated.principal.name,
      target: scoped.target.name,
      grant: grant.id,
      limitBytes: budget.recordingBytes,
      mayUseReserve: grant.breakGlass !== undefined,
      onFailure: (denial) => {
        failure = denial;
        session?.cut(denial);
      },
      onPause: (paused) => session?.pause(paused),
    });
    const { recorder } = recorded;
    session = new LiveSession(
      {
        id,
        permit,
        protocol: facts.protocol,
        remote: facts.remote,
        recorder,
        recording,
        use: this.#useOf(grant),
        byteLimit: budget.bytes ?? Infinity,
      },
      {
        log: this.#deps.log,
        clock: this.#deps.clock,
        roleNow: (name) => this.#deps.rulebook().roles.get(name),
        requestAllowing: ({ permit: { authenticated: by, scoped: to } }, action) =>
          requestAllowing(this.#deps.rulebook(), by.principal, to.target.name, action),
        finish: (ending, ended) => this.#finish(ending, ended),
      },
    );
    this.moderation.begin(session);
    const started: AuditEvent = {
      kind: "session.started",
      body: { ...facts, account: scoped.account, address: scoped.target.address, recording },
    };
    const row = {
      id,
      grant: grant.id,
      principal: authenticated.principal.name,
      target: scoped.target.name,
      protocol: facts.protocol,
      remote: facts.remote,
      startedAt: session.startedAt,
      recording,
    };
    try {
      await this.#deps.store.start(row, [session.about(started), session.about(recorded.started)]);
    } catch (error) {
      this.moderation.ended(id);
      await recorded.discard();
      throw error;
    }
    recorded.committed();
    this.#live.set(id, session);
    this.#recordings.set(id, recorded);
    this.#notify({ kind: "started", session });
    // What ended while the disk was written to must end this session too: nobody could announce it to what was not there.
    if (failure) session.cut(failure);
    else if (this.#stopping) session.cut(deny("gate-stopping"));
    else await this.#recheck(session, () => this.#takeLatestGrant(session));
    return session;
  }

  async #takeLatestGrant(session: LiveSession): Promise<void> {
    const latest = await this.#deps.grantNow(session.grant.id);
    if (latest === undefined) session.cut(deny("grant-ended"));
    else if (latest.version >= session.grant.version) this.grantChanged(latest);
  }

  /** Ends somebody's session; the asking is logged before the cut. */
  async kill(id: SessionId, by: string, reason: string): Promise<boolean> {
    const session = this.#live.get(id);
    if (!session) return false;
    await this.#deps.log.append([session.about({ kind: "session.kill-asked", body: { reason, by } })], "reserved");
    session.cut(deny("session-killed", { detail: reason }));
    return true;
  }

  /** Called every TICK_MS: what only time brings. */
  tick(): void {
    const now = this.#deps.clock.elapsed();
    const seconds = new Map<GrantId, number>();
    for (const session of this.#live.values()) {
      const lived = (now - session.startedElapsed) / 1000;
      seconds.set(session.grant.id, (seconds.get(session.grant.id) ?? 0) + lived);
    }
    for (const session of this.#live.values()) {
      const { grant } = session;
      const role = this.#deps.rulebook().roles.get(grant.role.name);
      const limit = budgetOf(grant, role).seconds;
      const idleMs = Math.min(grant.role.idleMs ?? Infinity, role?.idleMs ?? Infinity);
      if (session.remainingMs() <= 0) session.cut(deny("grant-ended", { detail: "its time is up" }));
      else if (session.idleMs(now) > idleMs) session.cut(deny("idle-timeout"));
      else if (session.isOverBudget) session.cut(deny("budget-used-up", { detail: "bytes" }));
      else if (limit !== undefined && grant.used.seconds + (seconds.get(grant.id) ?? 0) > limit) {
        session.cut(deny("budget-used-up", { detail: "connected time" }));
      } else session.warnOfEnd(session.remainingMs());
    }
  }

  /** A grant was extended, narrowed, revoked or ended. */
  grantChanged(grant: Grant): void {
    const budget = this.#budget(grant);
    for (const session of this.#live.values()) {
      if (session.grant.id !== grant.id) continue;
      session.updateGrant(grant, budget.bytes ?? Infinity);
      if (grant.state === "ended") session.cut(endOf(grant));
      else if (!grant.scope.some((each) => each.target.name === session.permit.scoped.target.name)) session.cut(deny("grant-narrowed"));
    }
  }

  /** A key or token was taken away: what was opened with it, or with what was made of it, ends. */
  credentialRemoved(user: Principal["name"], credential: string): void {
    for (const session of this.#live.values()) {
      const { principal, credential: used, login } = session.permit.authenticated;
      if (principal.name === user && (used === credential || login === credential)) session.cut(CREDENTIAL_GONE);
    }
  }

  /** Locks, groups, people or the configuration changed: every session is held against them again. */
  async recheckAll(): Promise<void> {
    await Promise.all([...this.#live.values()].map((session) => this.#recheck(session)));
  }

  /** Fails closed: a session that cannot be held against what is in force does not go on. */
  async #recheck(session: LiveSession, first?: () => Promise<void>): Promise<void> {
    try {
      await first?.();
      const denial = await this.#denialNow(session);
      if (denial) session.cut(denial);
      else await this.moderation.review(session);
    } catch (error) {
      const { code, detail } = asGateError(error);
      session.cut(deny(code, detail === undefined ? {} : { detail }));
      if (code === "internal") throw error;
    }
  }

  async #denialNow(session: LiveSession): Promise<Denial | undefined> {
    const { authenticated, scoped } = session.permit;
    const principal = await this.#deps.principalNow(authenticated.principal.name);
    if ("allowed" in principal) return principal;
    const denial = this.#deps.lockedFor(principal, scoped.target.name);
    if (denial) return denial;
    // Between saying who they are and the session somebody may have waited long, for an approval.
    const gone = await this.#deps.refusalSince(authenticated);
    if (gone) return gone;
    const now = scopeInForce(session.grant, scoped.target.name, this.#deps.rulebook(), principal);
    if ("allowed" in now) return now;
    session.updateGrant(session.grant, this.#budget(session.grant).bytes ?? Infinity);
    const standing = session.deniedStanding();
    return standing && deny("grant-narrowed", standing.detail === undefined ? {} : { detail: standing.detail });
  }

  /** Cuts everything and resolves when each end is in the log. Who is being let in at this moment is cut as soon as they are. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cutAll();
    await Promise.allSettled(this.#openings);
    await Promise.all(this.#cutAll().map((session) => session.close()));
  }

  #cutAll(): LiveSession[] {
    const sessions = [...this.#live.values()];
    for (const session of sessions) session.cut(deny("gate-stopping"));
    return sessions;
  }

  #budget(grant: Grant): Budget {
    return budgetOf(grant, this.#deps.rulebook().roles.get(grant.role.name));
  }

  async #finish(session: LiveSession, ended: SessionEndBody): Promise<void> {
    const reason = ended.detail ?? ended.code ?? ended.how;
    const finished = (await this.#recordings.get(session.id)?.close(reason)) ?? [];
    this.#recordings.delete(session.id);
    this.#live.delete(session.id);
    this.watchers.ended(session.id);
    this.moderation.ended(session.id);
    const events = [...finished, session.about({ kind: "session.ended", body: ended })];
    const at = this.#deps.clock.now();
    this.#notify({ kind: "ended", session, ended: { ...ended, at } });
    const commit = (): Promise<void> => this.#deps.store.end(session.id, { ...ended, at }, events, "reserved");
    try {
      await commit();
    } catch {
      // The log is gone: the session is over all the same. Should it not come back, the next start of the gate records it as lost.
      this.#unrecordedEnds.push(commit);
    }
  }

  /** Called every few seconds: ends that the log did not take when they happened. */
  async recordEnds(): Promise<void> {
    for (const commit of this.#unrecordedEnds.splice(0)) {
      await commit().catch((error: unknown) => {
        if (asGateError(error).code !== "wrong-state") this.#unrecordedEnds.push(commit);
      });
    }
  }

  #useOf(grant: Grant): GrantUse {
    const known = this.#use.get(grant.id);
    if (known) return known;
    for (const id of this.#use.keys()) if (this.count(id) === 0) this.#use.delete(id);
    const use = { bytes: grant.used.bytes };
    this.#use.set(grant.id, use);
    return use;
  }

  #notify(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function endOf(grant: Grant): Denial {
  const detail = grant.endedReason === undefined ? {} : { detail: grant.endedReason };
  if (grant.endedHow === "revoked") return deny("grant-revoked", detail);
  if (grant.endedHow === "used-up") return deny("budget-used-up", detail);
  return deny("grant-ended", detail);
}
