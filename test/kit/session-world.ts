import { openRecorder } from "../../src/audit/recording/recorder.ts";
import { aesKeyWrap } from "../../src/audit/recording/key-wrap.ts";
import { systemTimers, type Timers } from "../../src/audit/timers.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import type { Authenticated, Principal } from "../../src/identity/model.ts";
import type { GateError } from "../../src/kernel/errors.ts";
import type { PrincipalName, SessionId } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { deny, type Denial } from "../../src/kernel/result.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { systemTicks } from "../../src/kernel/ticks.ts";
import { parseClaimed } from "../../src/session/claimed.ts";
import { Gatekeeper } from "../../src/session/gatekeeper.ts";
import type { LiveSession } from "../../src/session/live-session.ts";
import type { SessionRow, SessionStore } from "../../src/session/port.ts";
import type { RecordingFacts } from "../../src/session/recording.ts";
import { SessionRegistry } from "../../src/session/registry.ts";
import { AccessWorld } from "./access-world.ts";

/** The session layer over the access layer's test world: no sockets, no disk, a clock that moves when told. */
export class SessionWorld {
  readonly access = new AccessWorld();
  readonly events: AuditEvent[] = [];
  readonly rows = new Map<SessionId, SessionRow>();
  /** Makes the log refuse. */
  logFails: GateError | undefined;
  lastTime = 0;
  /** Makes looking a person up fail. */
  principalFails: GateError | undefined;
  /** What happens while that is awaited. */
  during: Partial<Record<"recording" | "store" | "principal" | "log", () => Promise<void>>> = {};
  readonly recordings: RecordingFacts[] = [];
  readonly discarded: string[] = [];
  /** Keys that were taken away. */
  readonly removed = new Set<string>();
  /** What is to happen later, until `pass` makes it later. */
  readonly #later = new Set<{ at: number; run: () => void }>();
  readonly timers: Timers = {
    after: (delayMs, run) => {
      const later = { at: this.access.clock.elapsed() + delayMs, run };
      this.#later.add(later);
      return { [Symbol.dispose]: () => void this.#later.delete(later) };
    },
  };

  readonly log = {
    append: async (events: readonly AuditEvent[]) => {
      if (this.logFails) throw this.logFails;
      await this.during.log?.();
      this.events.push(...events);
      return [];
    },
    record: (events: readonly AuditEvent[]) => this.log.append(events),
    head: () => ({ size: this.events.length, lastTime: this.lastTime }),
  };

  readonly store: SessionStore = {
    find: async (id) => this.rows.get(id),
    list: async () => [...this.rows.values()],
    start: async (row, events) => {
      await this.log.append(events);
      this.rows.set(row.id, row);
      await this.during.store?.();
    },
    end: async (id, ended, events) => {
      await this.log.append(events);
      const row = this.rows.get(id);
      if (row) this.rows.set(id, { ...row, ended });
    },
  };

  readonly registry: SessionRegistry = new SessionRegistry({
    store: this.store,
    grantNow: (id) => this.access.store.findGrant(id),
    log: this.log,
    rulebook: () => this.access.rulebook(),
    principalNow: (name) => this.#principal(name),
    refusalSince: async ({ credential }) => (this.removed.has(credential) ? deny("locked") : undefined),
    lockedFor: (principal, target) => this.#locked(principal.name, target),
    startRecording: async (facts) => {
      this.recordings.push(facts);
      await this.during.recording?.();
      const recorder = await openRecorder({
        ...facts,
        path: "memory",
        durability: "process",
        keyWrap: aesKeyWrap("test", new Secret(Buffer.alloc(32)), systemRandom),
        clock: this.access.clock,
        ticks: systemTicks,
        timers: systemTimers,
        random: systemRandom,
        onChunk: () => undefined,
        onFailure: () => undefined,
        createFile: () => ({ append: () => undefined, sync: async () => undefined, truncate: () => undefined, close: () => undefined }),
      });
      const started: AuditEvent = { kind: "recording.started", body: { recording: facts.recording, file: "memory", keyId: "test" } };
      const close = async (reason: string): Promise<AuditEvent[]> => {
        const { bytes, chunks } = await recorder.close(reason);
        return [{ kind: "recording.finished", body: { recording: facts.recording, bytes, chunks } }];
      };
      const discard = async (): Promise<void> => void this.discarded.push(facts.recording);
      return { recorder, started, close, discard, committed: () => undefined };
    },
    clock: this.access.clock,
    timers: this.timers,
    random: systemRandom,
  });

  readonly gatekeeper = new Gatekeeper({
    access: this.access.service,
    rulebook: () => this.access.rulebook(),
    principal: (name) => this.#principal(name),
    lockedFor: (principal, target) => this.#locked(principal.name, target),
    log: this.log,
    liveSessions: (grant) => this.registry.count(grant),
    recordErrand: async () => undefined,
    clock: this.access.clock,
  });

  authenticated(name: string): Authenticated {
    return {
      principal: { name: name as PrincipalName, type: "human", groups: this.access.groupsOf(name) },
      method: "publickey",
      credential: "SHA256:test",
      at: this.access.clock.now(),
      remote: "192.0.2.1:1",
    };
  }

  authorize(name: string, login: string): ReturnType<Gatekeeper["authorize"]> {
    const claimed = parseClaimed(login);
    if ("allowed" in claimed) throw new Error("not a login name");
    return this.gatekeeper.authorize(this.authenticated(name), claimed, "ssh");
  }

  /** A live session of `name` on `login`; throws when it is refused. */
  async open(name: string, login: string): Promise<LiveSession> {
    const permit = await this.authorize(name, login);
    if ("allowed" in permit) throw new Error(permit.code);
    const opened = await this.registry.open(permit, { protocol: "test", remote: "192.0.2.1:1", client: "test" });
    if ("allowed" in opened) throw new Error(opened.code);
    return opened;
  }

  /** Time passes, and what it brings happens. */
  pass(ms: number): void {
    this.access.clock.pass(ms);
    for (const later of [...this.#later].filter(({ at }) => at <= this.access.clock.elapsed())) {
      this.#later.delete(later);
      later.run();
    }
    this.registry.tick();
  }

  /** How a session ended: its code, once it is in the log. */
  async endOf(session: LiveSession): Promise<string | undefined> {
    await session.close();
    return this.rows.get(session.id)?.ended?.code;
  }

  async #principal(name: PrincipalName): Promise<Principal | Denial> {
    await this.during.principal?.();
    if (this.principalFails) throw this.principalFails;
    if (this.access.disabled.has(name)) return deny("locked");
    return { name, type: "human", groups: this.access.groupsOf(name) };
  }

  #locked(name: string, target?: string): Denial | undefined {
    return this.access.locked.get(name) ?? this.access.locked.get(target ?? "");
  }
}
