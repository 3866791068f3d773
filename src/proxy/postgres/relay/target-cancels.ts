/** What runs at the target is ended as Ctrl-C would: by a CancelRequest on a connection of its own, as the protocol has it. */
import type { Gatekeeper } from "../../../session/gatekeeper.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { cancelTarget, type Upstream, type UpstreamDeps } from "../postgres-upstream.ts";

export interface TargetCancelDeps {
  readonly session: Pick<LiveSession, "permit">;
  readonly upstream: Pick<Upstream, "cancelKey">;
  readonly dial: UpstreamDeps;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
}

export class TargetCancels {
  readonly #deps: TargetCancelDeps;
  #last: Promise<boolean> | undefined;

  constructor(deps: TargetCancelDeps) {
    this.#deps = deps;
  }

  /** The last one; `undefined`: there was none. */
  get last(): Promise<boolean> | undefined {
    return this.#last;
  }

  /** Over the session's own connection; the session's permit covers it. `true` once the target has taken the wish. */
  cancel(): Promise<boolean> {
    const { session, upstream, dial } = this.#deps;
    this.#last = cancelTarget(session.permit, session.permit.scoped.target, upstream.cancelKey, dial);
    return this.#last;
  }

  /** What runs over another connection of the gate's. The gate's own errand: the grant may have ended. */
  async cancelByErrand(key: Upstream["cancelKey"]): Promise<void> {
    const { gatekeeper, session, dial } = this.#deps;
    const { target } = session.permit.scoped;
    const permit = await gatekeeper.authorizeErrand("session.cleanup", target.address, "gate");
    await cancelTarget(permit, target, key, dial);
  }
}
