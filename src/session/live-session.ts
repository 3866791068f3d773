/**
 * One live connection under one grant: decide · record · forward, and the end of it.
 *
 * Owns: the order "decided, then durable, then forwarded" (promise 2), the counting of bytes, and the one way a session ends.
 * Never: knows a protocol. A proxy calls `act` before it forwards an action, `note` for an outcome, `spend` for bytes passed,
 * and tells through `onCut` how its client is told the reason.
 * Invariants: after `cut` or `close` nothing more is allowed, recorded or counted; `session.ended` is written once.
 */
import type { Grant } from "../access/model.ts";
import { remainingMs } from "../access/remaining.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { SessionEndBody } from "../audit/events/session.ts";
import type { AuditLog, Priority } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RecordingId, SessionId } from "../kernel/ids.ts";
import { asGateError } from "../kernel/errors.ts";
import { after } from "../kernel/after.ts";
import { plainLine } from "../kernel/plain-text.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Action, Decision } from "../policy/action.ts";
import { bothDecider, type Decider } from "../policy/decide.ts";
import type { Role, SqlRecording } from "../policy/role.ts";
import { sqlRecording } from "../policy/sql-recording.ts";
import type { Permit } from "./gatekeeper.ts";
import { SessionControl } from "./session-control.ts";
import type { Recorder } from "../audit/recording/recorder.ts";

/** What one grant's live sessions have used together since they started; shared between them. */
export interface GrantUse {
  bytes: number;
}

/** Before the end of a grant, people at terminals are told at these times. */
const WARNINGS_MS = [300_000, 60_000];

export interface LiveSessionDeps {
  readonly log: Pick<AuditLog, "record">;
  readonly clock: Clock;
  readonly roleNow: (name: string) => Role | undefined;
  /** The command that asks for a role which allows it, where there is one. */
  readonly requestAllowing: (session: LiveSession, action: Action) => string | undefined;
  /** Persists the end; called once. */
  readonly finish: (session: LiveSession, ended: SessionEndBody) => Promise<void>;
}

export class LiveSession {
  readonly id: SessionId;
  readonly permit: Permit;
  readonly protocol: string;
  readonly remote: string;
  readonly recorder: Recorder;
  readonly recording: RecordingId;
  readonly startedAt: number;
  readonly startedElapsed: number;
  /** Frozen, thawed, spoken to. */
  readonly control = new SessionControl();
  bytesIn = 0;
  bytesOut = 0;
  /** Clock.elapsed when a tick last found that bytes had passed: reading the clock for every packet costs more than the packet's policy. */
  #lastByteAt: number;
  #bytesPassed = false;
  #grant: Grant;
  #byteLimit: number;
  readonly #use: GrantUse;
  readonly #deps: LiveSessionDeps;
  #decides: { readonly approved: Role; readonly now: Role | undefined; readonly decide: Decider } | undefined;
  readonly #standing = new Map<number, Action>();
  #onCut: ((denial: Denial) => void) | undefined;
  #onPause: ((paused: boolean) => void) | undefined;
  #paused = false;
  #onWarning: ((text: string) => void) | undefined;
  #warnedMs = Infinity;
  #ended: Denial | "closed" | undefined;
  #finished: Promise<void> | undefined;

  constructor(
    facts: {
      id: SessionId;
      permit: Permit;
      protocol: string;
      remote: string;
      recorder: Recorder;
      recording: RecordingId;
      use: GrantUse;
      byteLimit: number;
    },
    deps: LiveSessionDeps,
  ) {
    this.id = facts.id;
    this.permit = facts.permit;
    this.protocol = facts.protocol;
    this.remote = facts.remote;
    this.recorder = facts.recorder;
    this.recording = facts.recording;
    this.#use = facts.use;
    this.#byteLimit = facts.byteLimit;
    this.#deps = deps;
    this.#grant = facts.permit.grant;
    this.startedAt = deps.clock.now();
    this.startedElapsed = deps.clock.elapsed();
    this.#lastByteAt = this.startedElapsed;
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** The role of the grant's name as it is now. What is allowed is what both it and the role as approved allow. */
  get roleNow(): Role | undefined {
    return this.#deps.roleNow(this.#grant.role.name);
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Milliseconds until the grant ends, by the nearer of its two clocks. */
  remainingMs(): number {
    return remainingMs(this.#grant, this.#deps.clock);
  }

  /** The same grant as the store now has it: extended, narrowed or ended. */
  updateGrant(grant: Grant, byteLimit: number): void {
    // Extended: the end will be announced again.
    if (grant.end > this.#grant.end) this.#warnedMs = Infinity;
    this.#grant = grant;
    this.#byteLimit = byteLimit;
  }

  /** `role as approved ∩ role now`, and the grant itself, at this moment. */
  decide(action: Action): Decision {
    if (this.#ended !== undefined) return this.#ended === "closed" ? deny("grant-ended") : this.#ended;
    if (this.remainingMs() <= 0) return deny("grant-ended");
    const decision = this.#decider()(action);
    if (decision.allowed !== false || decision.next !== undefined) return decision;
    const next = this.#deps.requestAllowing(this, action);
    return next === undefined ? decision : { ...decision, next };
  }

  /** Asked with every statement: put together anew only when a role is another. */
  #decider(): Decider {
    const [approved, now] = [this.#grant.role, this.roleNow];
    if (this.#decides?.approved !== approved || this.#decides.now !== now)
      this.#decides = { approved, now, decide: bothDecider(approved, now) };
    return this.#decides.decide;
  }

  /** What is recorded of statements, at this moment. */
  sqlRecording(): SqlRecording {
    return sqlRecording(this.#grant.role, this.#deps.roleNow(this.#grant.role.name));
  }

  /**
   * Decides `action`; when it is allowed, returns or resolves only after its event is durable. The caller forwards after
   * that and not before. A refusal is logged too, and comes back as the Denial. What is held is refused unless it was
   * `approved`.
   */
  act(
    action: Action,
    describe: () => AuditEvent,
    refused: (denial: Denial) => AuditEvent,
    approved = false,
  ): Denial | undefined | Promise<Denial | undefined> {
    const decision = this.decide(action);
    if (decision.allowed !== true && !(approved && decision.allowed === "hold")) {
      const denial = decision.allowed === "hold" ? deny("not-approved", { rule: decision.rule }) : decision;
      const event = { ...this.about(refused(denial)), decision: "deny", ...(denial.rule !== undefined && { rule: denial.rule }) } as const;
      return after(this.#record([event]), () => denial);
    }
    const failed = this.#record([{ ...this.about(describe()), decision: "allow", rule: decision.rule }]);
    // The wait for the disk is long enough for a revocation: what was cut meanwhile must not pass.
    return after(failed, (denial) => denial ?? (this.#ended === undefined ? undefined : deny("grant-ended")));
  }

  /** Logs an outcome. A log that cannot take it ends the session: the next action would be refused anyway. */
  async note(...events: readonly AuditEvent[]): Promise<void> {
    const failed = await this.#record(
      events.map((event) => this.about(event)),
      "reserved",
    );
    if (failed) this.cut(failed);
  }

  /** Keeps `action` among those that are re-decided when roles change, under the proxy's own number for it. */
  stand(key: number, action: Action): void {
    this.#standing.set(key, action);
  }

  unstand(key: number): void {
    this.#standing.delete(key);
  }

  /** The first standing action that today's rules deny. */
  deniedStanding(): Denial | undefined {
    for (const action of this.#standing.values()) {
      const decision = this.decide(action);
      if (decision.allowed === false) return decision;
    }
    return undefined;
  }

  /** Counts bytes that passed; cuts the session when the grant's budget is used up. Hot path. */
  spend(direction: "in" | "out", bytes: number): void {
    if (direction === "in") this.bytesIn += bytes;
    else this.bytesOut += bytes;
    this.#bytesPassed = true;
    this.#use.bytes += bytes;
    if (this.#use.bytes > this.#byteLimit) this.cut(deny("budget-used-up", { detail: "bytes" }));
  }

  /** Milliseconds without a byte in either direction, to the tick; who is not let through is not idle. `elapsed`: Clock.elapsed, now. */
  idleMs(elapsed: number): number {
    if (this.#bytesPassed || this.control.isHalted) this.#lastByteAt = elapsed;
    this.#bytesPassed = false;
    return elapsed - this.#lastByteAt;
  }

  /** How the proxy tells its client why, and closes both sockets. Called at most once, synchronously. */
  onCut(handler: (denial: Denial) => void): void {
    this.#onCut = handler;
    if (this.#ended !== undefined && this.#ended !== "closed") handler(this.#ended);
  }

  /** The recording is late to become durable (`true`): show nothing more until it has caught up. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#onPause?.(paused);
  }

  onPause(handler: (paused: boolean) => void): void {
    this.#onPause = handler;
    if (this.#paused) handler(true);
  }

  /** How the proxy shows a line to the person, where there is a terminal. */
  onWarning(handler: (text: string) => void): void {
    this.#onWarning = handler;
  }

  /** At a terminal, or as a notice; where nobody reads along, nobody is told. */
  announce(line: string): void {
    this.#onWarning?.(`\r\n${plainLine(line)}\r\n`);
  }

  /** Says once at each of these times before the end that the end comes. */
  warnOfEnd(remainingMs: number): void {
    const due = WARNINGS_MS.findLast((each) => remainingMs <= each);
    if (due === undefined || due >= this.#warnedMs) return;
    this.#warnedMs = due;
    const left = remainingMs >= 60_000 ? `${Math.round(remainingMs / 60_000)} min` : `${Math.ceil(remainingMs / 1000)} s`;
    this.#onWarning?.(`\r\nsallyport: this access ends in ${left}; extend it with: sallyport extend ${this.#grant.id}\r\n`);
  }

  /** The grant's budget of bytes is used up, by this session or by another one under it. */
  get isOverBudget(): boolean {
    return this.#use.bytes > this.#byteLimit;
  }

  /** Ends the session from the gate's side, now. */
  cut(denial: Denial): void {
    if (this.#ended !== undefined) return;
    this.#ended = denial;
    this.#onCut?.(denial);
    this.#end({ how: "cut", code: denial.code, ...(denial.detail !== undefined && { detail: denial.detail }) });
  }

  /** The client or the target closed. Resolves when the end is in the log. */
  async close(detail?: string): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = "closed";
      this.#end({ how: "closed", ...(detail !== undefined && { detail }) });
    }
    await this.#finished;
  }

  #end(how: Pick<SessionEndBody, "how" | "code" | "detail">): void {
    const durationMs = Math.round(this.#deps.clock.elapsed() - this.startedElapsed);
    this.#finished = this.#deps.finish(this, { ...how, durationMs, bytesIn: this.bytesIn, bytesOut: this.bytesOut });
  }

  /** The event with this session's subjects. */
  about(event: AuditEvent): AuditEvent {
    const { authenticated, grant, scoped } = this.permit;
    return { principal: authenticated.principal.name, grant: grant.id, session: this.id, target: scoped.target.name, ...event };
  }

  /** Break-glass goes on when the disk is nearly full: that is what the reserve of space is for. */
  #priority(): Priority {
    return this.#grant.breakGlass === undefined ? "ordinary" : "reserved";
  }

  /** What became of it, at once where it is durable at once. */
  #record(events: readonly AuditEvent[], priority?: Priority): Denial | undefined | Promise<Denial | undefined> {
    return this.#deps.log.record(events, priority ?? this.#priority())?.then(
      () => undefined,
      (error: unknown) => {
        const { code, detail } = asGateError(error);
        return deny(code === "internal" ? "log-unavailable" : code, detail === undefined ? {} : { detail });
      },
    );
  }
}
