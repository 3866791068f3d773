/**
 * How long a connector may run: from the approval, where one is waited for, to the end of the grant, which is looked at
 * again and again, since it may be extended, narrowed or taken away.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import { awaitDecision } from "../approval-wait.ts";
import { grantOf, type Held } from "../ensure-grant.ts";
import type { GrantView } from "../views.ts";

const LOOK_MS = 5000;
/** Before these ends of it, somebody who looks away is told. */
const WARN_MS = [300_000, 60_000];
const THE_END = new Set(["grant-ended", "grant-revoked", "grant-narrowed"]);

export interface GrantWatchDeps {
  readonly client: Client;
  readonly target: string;
  readonly now: () => number;
  /** There is a grant, now or by what was approved. */
  readonly onStart: (grant: GrantView) => void;
  /** One of the last marks is passed. */
  readonly onWarning: (leftMs: number) => void;
  /** The gate does not answer; new connections will not be had until it does. Once, until it has answered again. */
  readonly onSilence: (reason: string) => void;
}

export class GrantWatch {
  readonly #deps: GrantWatchDeps;
  #endsAt: number | undefined;

  constructor(deps: GrantWatchDeps) {
    this.#deps = deps;
  }

  /** Absent: there is no grant yet. */
  get leftMs(): number | undefined {
    return this.#endsAt === undefined ? undefined : Math.max(0, this.#endsAt - this.#deps.now());
  }

  /** Returns when `signal` is aborted. Throws why it is over: what the gate cuts the connections with, or who said no. */
  async run({ grant, request }: Held, signal: AbortSignal): Promise<void> {
    const { client, now, onStart } = this.#deps;
    try {
      const started = grant ?? (await grantOf(client, await awaitDecision(client, request.id, signal)));
      this.#endsAt = now() + started.remainingMs;
      onStart(started);
      await this.#look(started, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #look({ id, remainingMs }: GrantView, signal: AbortSignal): Promise<never> {
    const { target, now, onWarning, onSilence, client } = this.#deps;
    let [left, isSilent] = [remainingMs, false];
    for (;;) {
      await delay(Math.min(LOOK_MS, left + 100), undefined, { signal });
      const before = left;
      try {
        const grant = await client.call("grants.show", { params: { id } }, { signal });
        requireLasting(grant, target);
        this.#endsAt = now() + grant.remainingMs;
        isSilent = false;
      } catch (error) {
        if (error instanceof GateError && THE_END.has(error.code)) throw error;
        signal.throwIfAborted();
        // The gate cuts by its own clock, whether or not it answers here.
        if (this.leftMs === 0) throw new GateError("grant-ended", id);
        if (!isSilent) onSilence(error instanceof Error ? error.message : String(error));
        isSilent = true;
      }
      left = this.leftMs ?? 0;
      if (WARN_MS.some((mark) => left <= mark && before > mark)) onWarning(left);
    }
  }
}

function requireLasting({ id, state, scope, endedHow, endedReason }: GrantView, target: string): void {
  if (state === "ended") {
    const detail = endedReason === undefined ? id : `${id}: ${endedReason}`;
    throw new GateError(endedHow === "revoked" ? "grant-revoked" : "grant-ended", detail);
  }
  if (!scope.some((each) => each.target === target)) throw new GateError("grant-narrowed", `"${target}" is not in ${id} any more`);
}
