/**
 * Tells people outside of the gate what they must learn of at once: a request to approve, a broken glass, a lock, an
 * anchor that does not match.
 *
 * Owns: a queue for each channel, retries, and the report of what could not be delivered.
 * Never does: hold up who acts — `notify` returns at once — nor decide anything by what a receiver answers.
 *
 * Invariants: at most `queueLength` notifications wait for a channel and `AT_ONCE` are under way; one channel that hangs
 * holds up no other; each notification that is given up is counted in a `notify.failed` event, and those events come
 * at most once in `REPORT_MS` for a channel, so that a dead receiver cannot fill the log.
 */
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import { GateError } from "../kernel/errors.ts";
import { notificationOf, type Channel, type Notification } from "./notification.ts";

const TRIES = 5;
/** Before the second try, the third, … */
const BACKOFF_MS = [1000, 2000, 4000, 8000] as const;
const QUEUE_LENGTH = 1000;
const AT_ONCE = 4;
const REPORT_MS = 60_000;

/** Resolves after `ms`, or at once when the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface NotifierDeps {
  readonly channels: readonly Channel[];
  /** `name/node` of the gate. */
  readonly gate: string;
  readonly publicUrl: string;
  /** Takes `notify.failed`; must not throw. */
  readonly onFailed: (event: AuditEvent) => void;
  /** Clock.elapsed */
  readonly elapsed: () => number;
  readonly sleep?: Sleep;
  readonly queueLength?: number;
}

export interface ChannelStatus {
  readonly channel: string;
  /** Notifications in its queue. */
  readonly waiting: number;
  /** What became of the last one that was given up, unless one has been delivered since. */
  readonly trouble?: string;
}

export class Notifier implements AsyncDisposable {
  readonly #deps: NotifierDeps;
  readonly #outlets: readonly Outlet[];

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
    this.#outlets = deps.channels.map((channel) => new Outlet(channel, deps));
  }

  /** For every event of the log; those nobody is told of are passed over. */
  notify(event: LoggedEvent): void {
    const notification = notificationOf(event, this.#deps.gate, this.#deps.publicUrl);
    if (notification === undefined) return;
    for (const outlet of this.#outlets) outlet.offer(notification);
  }

  /** Called every second: reports failures that were held back. */
  tick(): void {
    for (const outlet of this.#outlets) outlet.report();
  }

  /** How each channel does. */
  status(): readonly ChannelStatus[] {
    return this.#outlets.map((outlet) => outlet.status());
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#outlets.map((outlet) => outlet.idle()));
  }

  /** Gives up what is under way and reports it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#outlets.map((outlet) => outlet.stop()));
  }
}

/** One channel with its queue. */
class Outlet {
  readonly #channel: Channel;
  readonly #deps: NotifierDeps;
  readonly #waiting: Notification[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #failed = 0;
  #detail = "";
  #reportAt = 0;
  #trouble: string | undefined;

  constructor(channel: Channel, deps: NotifierDeps) {
    this.#channel = channel;
    this.#deps = deps;
  }

  status(): ChannelStatus {
    const trouble = this.#trouble;
    return { channel: this.#channel.name, waiting: this.#waiting.length, ...(trouble !== undefined && { trouble }) };
  }

  offer(notification: Notification): void {
    if (this.#stop.signal.aborted) return this.#fail("the gate is stopping");
    // What waits is told first; the newest is what gives way, and it is on record that it did.
    if (this.#waiting.length >= (this.#deps.queueLength ?? QUEUE_LENGTH)) return this.#fail("the queue is full");
    this.#waiting.push(notification);
    this.#next();
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async stop(): Promise<void> {
    for (const _ of this.#waiting.splice(0)) this.#fail("the gate is stopping");
    this.#stop.abort();
    await this.idle();
    this.#reportAt = 0;
    this.report();
  }

  report(): void {
    if (this.#failed === 0 || this.#deps.elapsed() < this.#reportAt) return;
    const detail = `${this.#failed} ${this.#failed === 1 ? "notification" : "notifications"} not delivered: ${this.#detail}`;
    this.#failed = 0;
    this.#reportAt = this.#deps.elapsed() + REPORT_MS;
    this.#deps.onFailed({ kind: "notify.failed", body: { channel: this.#channel.name, detail } });
  }

  #next(): void {
    while (this.#underWay.size < AT_ONCE && !this.#stop.signal.aborted) {
      const notification = this.#waiting.shift();
      if (notification === undefined) return;
      const sending: Promise<void> = this.#send(notification).finally(() => {
        this.#underWay.delete(sending);
        this.#next();
      });
      this.#underWay.add(sending);
    }
  }

  async #send(notification: Notification): Promise<void> {
    const { signal } = this.#stop;
    let detail = "";
    for (let attempt = 0; attempt < TRIES && !signal.aborted; attempt += 1) {
      if (attempt > 0) await (this.#deps.sleep ?? sleep)(BACKOFF_MS[attempt - 1] ?? 0, signal);
      if (signal.aborted) break;
      try {
        await this.#channel.deliver(notification, signal);
        this.#trouble = undefined;
        return;
      } catch (error) {
        detail = describeFailure(error);
      }
    }
    this.#fail(detail === "" ? "the gate is stopping" : detail);
  }

  #fail(detail: string): void {
    this.#failed += 1;
    this.#detail = detail;
    this.#trouble = detail;
    this.report();
  }
}

/** Only texts of our own: what a receiver or a library says could quote what was sent, or the secret of the URL. */
function describeFailure(error: unknown): string {
  return error instanceof GateError ? (error.detail ?? error.message) : "it could not be sent";
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
