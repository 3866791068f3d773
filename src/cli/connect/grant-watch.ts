/** How long a grant lasts: looked at again and again, since it may be extended, narrowed or taken away. */
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { GrantView } from "../views.ts";

const LOOK_MS = 5000;
/** Before these ends of it, somebody who looks away is told. */
const WARN_MS = [300_000, 60_000];

export interface GrantWatchDeps {
  readonly client: Client;
  readonly target: string;
  readonly now: () => number;
  /** One of the last marks is passed. */
  readonly onWarning: (leftMs: number) => void;
  /** The gate does not answer; new connections will not be had until it does. Once, until it has answered again. */
  readonly onSilence: (reason: string) => void;
}

export class GrantWatch {
  readonly #deps: GrantWatchDeps;
  #endsAt: number;

  constructor(grant: GrantView, deps: GrantWatchDeps) {
    this.#deps = deps;
    this.#endsAt = deps.now() + grant.remainingMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#deps.now());
  }

  /** Returns when `signal` is aborted. Throws what the gate cut the connections with once the grant is over. */
  async run(id: GrantView["id"], signal: AbortSignal): Promise<void> {
    const { client, target, now, onWarning, onSilence } = this.#deps;
    let isSilent = false;
    let warned = this.leftMs;
    while (!signal.aborted) {
      await delay(Math.min(LOOK_MS, this.leftMs + 100), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const grant = await client.call("grants.show", { params: { id } }, { signal });
        if (grant.state === "ended") throw endOf(grant);
        if (!grant.scope.some((each) => each.target === target))
          throw new GateError("grant-narrowed", `"${target}" is not in ${id} any more`);
        this.#endsAt = now() + grant.remainingMs;
        isSilent = false;
      } catch (error) {
        if (signal.aborted) return;
        if (isTheEnd(error)) throw error;
        // The gate cuts by its own clock, whether or not it answers here.
        if (this.leftMs === 0) throw new GateError("grant-ended", id);
        if (!isSilent) onSilence(error instanceof Error ? error.message : String(error));
        isSilent = true;
      }
      const mark = WARN_MS.find((each) => this.leftMs <= each && warned > each);
      if (mark !== undefined) onWarning(this.leftMs);
      warned = this.leftMs;
    }
  }
}

function isTheEnd(error: unknown): boolean {
  return error instanceof GateError && ["grant-ended", "grant-revoked", "grant-narrowed"].includes(error.code);
}

function endOf({ id, endedHow, endedReason }: GrantView): GateError {
  const detail = endedReason === undefined ? id : `${id}: ${endedReason}`;
  return new GateError(endedHow === "revoked" ? "grant-revoked" : "grant-ended", detail);
}
