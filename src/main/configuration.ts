/**
 * The configuration in force, and how another one takes its place: read, compared, logged with its diff, then swapped.
 * Sessions are never dropped for it; what it narrows bites because every decision reads `current`. A change that widens
 * access is held for a second person where the configuration in force says so.
 */
import type { AuditEvent } from "../audit/event.ts";
import { diffConfig } from "../config/diff.ts";
import { parseConfig, readConfigFile } from "../config/load.ts";
import type { Config } from "../config/model.ts";
import { formatProblem } from "../config/problem.ts";
import { GateError } from "../kernel/errors.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Clock } from "../kernel/clock.ts";

export type ReloadResult =
  | {
      readonly outcome: "loaded" | "unchanged" | "held";
      readonly hash: string;
      readonly diff: string[];
      readonly widening: string[];
      readonly narrowing: string[];
    }
  | { readonly outcome: "refused"; readonly problems: readonly { readonly at: string; readonly message: string }[] };

interface Held {
  readonly config: Config;
  readonly text: string;
  readonly by: string;
  readonly at: number;
  readonly diff: string[];
  readonly widening: string[];
  readonly narrowing: string[];
}

export class Configuration {
  readonly source: string;
  readonly #clock: Clock;
  readonly #append: (events: readonly AuditEvent[]) => Promise<unknown>;
  readonly #listeners = new Set<() => Promise<void>>();
  #current: Config;
  #text: string;
  #loadedAt: number;
  #held: Held | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    source: string,
    loaded: { config: Config; text: string },
    deps: { clock: Clock; append: (events: readonly AuditEvent[]) => Promise<unknown> },
  ) {
    this.source = source;
    this.#current = loaded.config;
    this.#text = loaded.text;
    this.#clock = deps.clock;
    this.#append = deps.append;
    this.#loadedAt = deps.clock.now();
  }

  get current(): Config {
    return this.#current;
  }

  get text(): string {
    return this.#text;
  }

  get loadedAt(): number {
    return this.#loadedAt;
  }

  get held(): Held | undefined {
    return this.#held;
  }

  /** Called after another configuration is in force. */
  subscribe(listener: () => Promise<void>): void {
    this.#listeners.add(listener);
  }

  /** Reads the file again. `by`: who asked, `gate` for SIGHUP. One reload at a time. */
  reload(by: string): Promise<ReloadResult> {
    return this.#oneByOne(() => this.#reload(by));
  }

  /** The second person's word for a widening that is held; it must be about exactly that configuration. */
  confirm(hash: string, by: string): Promise<ReloadResult | Denial> {
    return this.#oneByOne(async () => {
      const held = this.#held;
      if (held?.config.hash !== hash) return deny("not-found", { detail: "no such configuration waits for a second owner" });
      // What somebody's agent asked for, they asked for.
      const personOf = (who: string): string => this.#current.agents.get(who)?.for ?? who;
      if (personOf(held.by) === personOf(by)) return deny("own-request", { detail: "whoever widened access cannot confirm it too" });
      return this.#swap(held.config, held.text, "confirmed", by, held);
    });
  }

  async #reload(by: string): Promise<ReloadResult> {
    const read = await this.#read();
    if ("problems" in read) {
      const { problems } = read;
      const body = { problems: problems.slice(0, 50).map(({ message }) => message) };
      await this.#append([{ kind: "config.refused", principal: by, body }]);
      return { outcome: "refused", problems };
    }
    const { config, text } = read;
    const { lines, widening, narrowing } = diffConfig(this.#current, config);
    const changes = { diff: [...lines], widening: [...widening], narrowing: [...narrowing] };
    if (config.hash === this.#current.hash) {
      // Somebody took it back: what is in the file no more is not to be confirmed any more.
      this.#held = undefined;
      return { outcome: "unchanged", hash: config.hash, ...changes };
    }
    if (widening.length > 0 && this.#current.gate.widening.secondOwner) {
      await this.#append([{ kind: "config.held", principal: by, body: { hash: config.hash, widening: changes.widening } }]);
      // Whoever asked first stays the first: a SIGHUP in between must not let them be the second too.
      const before = this.#held?.config.hash === config.hash && this.#held.by !== "gate" ? this.#held.by : by;
      this.#held = { config, text, by: before, at: this.#clock.now(), ...changes };
      return { outcome: "held", hash: config.hash, ...changes };
    }
    return this.#swap(config, text, "reload", by, changes);
  }

  async #read(): Promise<{ config: Config; text: string } | { problems: readonly { at: string; message: string }[] }> {
    try {
      const text = await readConfigFile(this.source);
      const parsed = parseConfig(text, this.source);
      if (parsed.ok) return { config: parsed.config, text };
      return { problems: parsed.problems.map((problem) => ({ at: problem.path, message: formatProblem(problem) })) };
    } catch (error) {
      // A file that is gone is refused like one that is wrong: somebody asked, and it is on record.
      if (error instanceof GateError && error.code === "bad-config") return { problems: [{ at: "", message: error.message }] };
      throw error;
    }
  }

  async #swap(
    config: Config,
    text: string,
    how: "reload" | "confirmed",
    by: string,
    changes: Pick<Held, "diff" | "widening" | "narrowing">,
  ): Promise<ReloadResult> {
    const { diff, widening, narrowing } = changes;
    await this.#append([{ kind: "config.loaded", principal: by, body: { hash: config.hash, how, diff } }]);
    this.#current = config;
    this.#text = text;
    this.#loadedAt = this.#clock.now();
    this.#held = undefined;
    await Promise.all([...this.#listeners].map((listener) => listener()));
    return { outcome: "loaded", hash: config.hash, diff, widening, narrowing };
  }

  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#running.then(work);
    this.#running = next.catch(() => undefined);
    return next;
  }
}
