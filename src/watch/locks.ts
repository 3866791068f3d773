/**
 * Locks: a principal, a group, a target or the whole gate cut off at once.
 *
 * Owns the locks in force, in memory and in the store, and tells listeners when one is created, so that live sessions
 * are cut. Never ends a session itself, and never decides who may lock.
 *
 * Invariants: a lock counts once it is durable; one with an end ends only when both the wall clock and elapsed time
 * have passed it, so setting the clock forward lifts nothing.
 */
import type { AuditEvent } from "../audit/event.ts";
import type { Clock } from "../kernel/clock.ts";
import { isName, newId, type LockId, type PrincipalName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Lock, LockStore, LockSubject } from "./lock.ts";

/** Whom and what a lock could concern. */
export interface LockQuery {
  readonly principal: string;
  readonly groups: readonly string[];
  readonly target?: string;
}

export interface LockChange {
  readonly lock: Lock;
  readonly what: "created" | "lifted";
}

type Locker = { readonly name: PrincipalName } | "gate";

interface Held {
  readonly lock: Lock;
  /** Clock.elapsed before which it holds whatever the wall clock says. */
  readonly elapsedUntil: number | undefined;
}

const MAX_REASON = 500;

export class LockService {
  readonly #store: LockStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #held = new Map<LockId, Held>();
  readonly #listeners = new Set<(change: LockChange) => void>();

  private constructor(deps: { store: LockStore; clock: Clock; random: Random }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  static async open(deps: { store: LockStore; clock: Clock; random: Random }): Promise<LockService> {
    const service = new LockService(deps);
    for (const lock of await deps.store.listLocks()) service.#hold(lock);
    return service;
  }

  /** The first lock that concerns any of these; the gate's own lock is asked for by `gateLocked`. */
  find({ principal, groups, target }: LockQuery): Lock | undefined {
    return this.#first(({ subject }) => {
      if (subject.kind === "gate") return false;
      if (subject.kind === "group") return groups.includes(subject.name);
      return subject.name === (subject.kind === "target" ? target : principal);
    });
  }

  gateLocked(): Lock | undefined {
    return this.#first(({ subject }) => subject.kind === "gate");
  }

  list(): readonly Lock[] {
    return [...this.#held.values()].filter((held) => this.#inForce(held)).map(({ lock }) => lock);
  }

  /** `until`: milliseconds since the Unix epoch. */
  async lock(actor: Locker, subject: LockSubject, reason: string, until?: number): Promise<Lock | Denial> {
    const why = reason.trim();
    if (why === "" || why.length > MAX_REASON)
      return deny("bad-request", { detail: `a lock needs a reason of at most ${MAX_REASON} characters` });
    // Fails closed: `NaN` is no end.
    if (until !== undefined && !(until > this.#clock.now())) return deny("bad-request", { detail: "the lock would have ended already" });
    if (subject.kind !== "gate" && !isName(subject.name)) return deny("bad-request", { detail: "the subject of the lock is not a name" });
    const by = actor === "gate" ? "gate" : actor.name;
    const id = newId("lock", this.#random);
    const lock: Lock = { id, subject, reason: why, by, createdAt: this.#clock.now(), ...(until !== undefined && { until }) };
    const body = { lock: id, subject: encodeLockSubject(subject), reason: why, ...(until !== undefined && { until }) };
    await this.#store.addLock(lock, [{ kind: "lock.created", principal: by, ...targetOf(subject), body }]);
    this.#hold(lock);
    this.#tell({ lock, what: "created" });
    return lock;
  }

  async lift(actor: Locker, id: LockId, reason: string): Promise<Lock | Denial> {
    const held = this.#held.get(id);
    if (held === undefined) return deny("not-found", { detail: `lock "${id.slice(0, 64)}"` });
    await this.#remove(held.lock, actor === "gate" ? "gate" : actor.name, reason.trim().slice(0, MAX_REASON));
    return held.lock;
  }

  /** Called every second: removes what has ended by itself. */
  async tick(): Promise<void> {
    for (const held of this.#held.values()) {
      if (!this.#inForce(held)) await this.#remove(held.lock, "gate", "its time is up");
    }
  }

  /** Listeners must not throw. */
  subscribe(listener: (change: LockChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async #remove(lock: Lock, principal: string, reason: string): Promise<void> {
    const body = { lock: lock.id, subject: encodeLockSubject(lock.subject), reason };
    const events: readonly AuditEvent[] = [{ kind: "lock.lifted", principal, ...targetOf(lock.subject), body }];
    await this.#store.removeLock(lock.id, events);
    this.#held.delete(lock.id);
    this.#tell({ lock, what: "lifted" });
  }

  #hold(lock: Lock): void {
    const elapsedUntil = lock.until === undefined ? undefined : this.#clock.elapsed() + (lock.until - this.#clock.now());
    this.#held.set(lock.id, { lock, elapsedUntil });
  }

  #inForce({ lock, elapsedUntil }: Held): boolean {
    if (lock.until === undefined || elapsedUntil === undefined) return true;
    return this.#clock.now() < lock.until || this.#clock.elapsed() < elapsedUntil;
  }

  #first(concerns: (lock: Lock) => boolean): Lock | undefined {
    for (const held of this.#held.values()) if (concerns(held.lock) && this.#inForce(held)) return held.lock;
    return undefined;
  }

  #tell(change: LockChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** `alice`, `group:leads`, `target:web-1.prod`, `gate`; `undefined` for anything else. */
export function parseLockSubject(text: string): LockSubject | undefined {
  if (text === "gate") return { kind: "gate" };
  const [first = "", second, ...more] = text.split(":");
  if (more.length > 0) return undefined;
  if (second === undefined) return isName(first) ? { kind: "principal", name: first } : undefined;
  if ((first !== "group" && first !== "target") || !isName(second)) return undefined;
  return { kind: first, name: second };
}

export function encodeLockSubject(subject: LockSubject): string {
  if (subject.kind === "gate") return "gate";
  return subject.kind === "principal" ? subject.name : `${subject.kind}:${subject.name}`;
}

function targetOf(subject: LockSubject): { target?: string } {
  return subject.kind === "target" ? { target: subject.name } : {};
}
