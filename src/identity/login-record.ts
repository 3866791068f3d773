/**
 * Records logins. A success is durable before anybody acts on it. Failures are aggregated so that a flood cannot fill
 * the disk: the first of its kind (source, claimed user, method) is written at once, its repetitions as one event a
 * minute with `count`; beyond a number of kinds a minute, everything else is counted together.
 *
 * Nothing is forgotten: what could not be written stays counted and is tried again at the next tick.
 */
import { isIP } from "node:net";
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog, Priority } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { LoginFailure, LoginRecord } from "./authenticator.ts";

const WINDOW_MS = 60_000;
/** Kinds told apart in one window: the log grows by at most two events for each and one per method and door. */
const MAX_KINDS = 64;

interface Pending {
  readonly failure: LoginFailure;
  count: number;
}

export class LogLoginRecord implements LoginRecord {
  readonly #log: Pick<AuditLog, "append">;
  readonly #clock: Clock;
  readonly #writing = new Set<Promise<void>>();
  #pending = new Map<string, Pending>();
  #windowEnds = 0;

  constructor(log: Pick<AuditLog, "append">, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  async ok(events: readonly AuditEvent[], priority: Priority): Promise<void> {
    await this.#log.append(events, priority);
  }

  failed(failure: LoginFailure): void {
    this.tick();
    const key = [failure.method, addressOf(failure.context.remote), failure.claimed ?? "", failure.reason].join("\n");
    const known = this.#pending.get(key);
    if (known !== undefined) {
      known.count += 1;
    } else if (this.#pending.size >= MAX_KINDS) {
      this.#countTogether(failure, 1);
    } else {
      this.#pending.set(key, { failure, count: 0 });
      this.#write(failure, 1);
    }
  }

  /** Called every second: writes the counts of a window that has ended. */
  tick(): void {
    if (this.#clock.elapsed() >= this.#windowEnds) this.#closeWindow();
  }

  /** Writes all counts now and waits for them; for an orderly stop. */
  async flush(): Promise<void> {
    this.#closeWindow();
    await Promise.all(this.#writing);
  }

  #closeWindow(): void {
    this.#windowEnds = this.#clock.elapsed() + WINDOW_MS;
    const ended = this.#pending;
    this.#pending = new Map();
    for (const { failure, count } of ended.values()) if (count > 0) this.#write(failure, count);
  }

  #countTogether({ method, context }: LoginFailure, count: number): void {
    const key = `${method}\n${context.door}`;
    const failure = { method, context: { door: context.door, remote: "various" }, claimed: undefined, reason: "many failures at once" };
    const entry = this.#pending.get(key) ?? { failure, count: 0 };
    entry.count += count;
    this.#pending.set(key, entry);
  }

  #write(failure: LoginFailure, count: number): void {
    const { method, context, claimed, reason } = failure;
    const { door, remote } = context;
    const body = { method, door, remote, ...(claimed === undefined ? {} : { claimed }), reason, count };
    const writing: Promise<void> = this.#log
      .append([{ kind: "login.failed", decision: "deny", body }])
      // The person is refused whether or not it can be written; it stays counted.
      .then(
        () => undefined,
        () => this.#countTogether(failure, count),
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

/** The port changes with every connection and would make each failure look like the first. */
function addressOf(remote: string): string {
  const colon = remote.lastIndexOf(":");
  const host = remote.slice(0, colon).replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? remote : host;
}
