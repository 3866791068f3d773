/**
 * Waiting for the answer to a request, for any protocol whose client can be kept waiting. A person may have only so many
 * connections waiting, whichever way they came; the wait has its own deadline; a request that outlives its
 * connection stays pending, so that the next attempt finds the grant.
 */
import type { AccessRequest, Grant } from "../access/model.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { GrantId, PrincipalName, RequestId } from "../kernel/ids.ts";

export interface WaitingDeps {
  readonly subscribe: (listener: (change: { request?: AccessRequest; grant?: Grant }) => void) => Disposable;
  readonly findRequest: (id: RequestId) => Promise<AccessRequest | undefined>;
  readonly limits: () => { readonly approvalWaitMs: number; readonly waitingPerPerson: number };
}

export class Waiting {
  readonly #deps: WaitingDeps;
  readonly #perPerson = new Map<PrincipalName, number>();

  constructor(deps: WaitingDeps) {
    this.#deps = deps;
  }

  /**
   * For somebody who comes with a request: the grant that it is, or becomes. `onWait` is called when there is a wait, with
   * what it takes. Untrusted: `id` is checked to be the person's own.
   */
  async forGrant(
    id: RequestId,
    person: PrincipalName,
    signal: AbortSignal,
    onWait: (request: AccessRequest) => void,
  ): Promise<GrantId | Denial> {
    const asked = await this.#deps.findRequest(id);
    if (asked?.requester !== person) return deny("no-grant", { detail: `request ${id}` });
    if (answerOf(asked) === undefined) onWait(asked);
    const answer = await this.forRequest(id, person, signal);
    if (answer !== "approved") return answer;
    const approved = await this.#deps.findRequest(id);
    return approved?.grant ?? deny("no-grant", { detail: `request ${id}` });
  }

  /** Resolves `approved` once the request became a grant, or with the refusal; `signal` aborts when the client goes. */
  async forRequest(id: RequestId, person: PrincipalName, signal: AbortSignal): Promise<"approved" | Denial> {
    const { approvalWaitMs, waitingPerPerson } = this.#deps.limits();
    const waiting = this.#perPerson.get(person) ?? 0;
    if (waiting >= waitingPerPerson) return deny("too-many-connections", { detail: `${waiting} of yours wait for an approval already` });
    this.#perPerson.set(person, waiting + 1);
    try {
      return await this.#wait(id, approvalWaitMs, signal);
    } finally {
      const left = (this.#perPerson.get(person) ?? 1) - 1;
      if (left === 0) this.#perPerson.delete(person);
      else this.#perPerson.set(person, left);
    }
  }

  async #wait(id: RequestId, timeoutMs: number, signal: AbortSignal): Promise<"approved" | Denial> {
    const { promise, resolve } = Promise.withResolvers<"approved" | Denial>();
    // Subscribed before the first look, so that an answer in between is not missed.
    using _subscription = this.#deps.subscribe(({ request }) => {
      const answer = request?.id === id ? answerOf(request) : undefined;
      if (answer) resolve(answer);
    });
    const request = await this.#deps.findRequest(id);
    const already = request && answerOf(request);
    if (already) return already;
    const timer = setTimeout(() => resolve(deny("timeout", { detail: `nobody answered request ${id} yet; it stays open` })), timeoutMs);
    const gone = (): void => resolve(deny("timeout", { detail: "the client went away" }));
    signal.addEventListener("abort", gone, { once: true });
    if (signal.aborted) gone();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", gone);
    }
  }
}

/** `undefined` while it is pending. */
function answerOf(request: AccessRequest): "approved" | Denial | undefined {
  const detail = `request ${request.id}${request.closedReason === undefined ? "" : `: ${request.closedReason}`}`;
  switch (request.state) {
    case "approved":
      return "approved";
    case "denied":
      return deny("no-grant", { detail: `${request.closedBy ?? "an approver"} said no to ${detail}` });
    case "cancelled":
      return deny("no-grant", { detail: `${detail} was cancelled` });
    case "lapsed":
      return deny("no-grant", { detail: `${detail} lapsed unanswered` });
    default:
      return undefined;
  }
}
