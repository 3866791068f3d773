import type { AccessRequest } from "../../access/model.ts";
import type { RequestId, TargetName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { makeCertificate, makePassword, type ProofDeps } from "../access-proof.ts";
import type { ChangeFeed } from "../change-feed.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import { looksBackAt } from "../reviewer.ts";
import type { GrantService, Outcome, RequestService } from "../services/access.ts";
import { actorOf, maySee, viewGrant, viewRequest, waitsFor } from "../views.ts";

type RequestRoutes =
  | "requests.create"
  | "requests.preview"
  | "requests.list"
  | "requests.stream"
  | "requests.show"
  | "requests.approve"
  | "requests.deny"
  | "requests.password"
  | "requests.certificate"
  | "requests.cancel";

/** How many a filter by visibility looks through. */
const LOOKED_THROUGH = 1_000;

export function requestHandlers(
  access: RequestService & GrantService,
  changes: ChangeFeed<AccessRequest>,
  proofs: ProofDeps,
): Handlers<RequestRoutes> {
  const view = (request: AccessRequest, caller: Caller) => viewRequest(request, access, caller);
  /** Of broken glass, whoever is to look back at it as well: nobody had to approve it. */
  const sees = async (request: AccessRequest, caller: Caller): Promise<boolean> =>
    maySee(request, access, caller) || (request.grant !== undefined && (await looksBackAt(request.grant, caller, access)));
  /** The same answer for what is not there and what is not theirs. */
  const find = async (id: RequestId, caller: Caller): Promise<AccessRequest | Denial> => {
    const request = await access.findRequest(id);
    return request && (await sees(request, caller)) ? request : deny("not-found", { detail: `request "${id}"` });
  };
  const viewOutcome = ({ request, grant }: Outcome, caller: Caller) => ({
    request: view(request, caller),
    ...(grant && { grant: viewGrant(grant, access) }),
  });
  const wantedOf = async (id: RequestId, caller: Caller, { target, ttlMs = Infinity }: { target: TargetName; ttlMs?: number }) => {
    const request = await access.findRequest(id);
    // Nobody's but one's own, whatever else the caller may.
    if (!request || request.requester !== caller.principal.name) return deny("not-found", { detail: `request "${id}"` });
    if (request.type === "extension") return deny("wrong-state", { detail: "an extension is of a grant that has a login" });
    if (request.state !== "pending" && request.state !== "approved") return deny("wrong-state", { detail: `${id} is ${request.state}` });
    return { use: { request: id, target }, role: request.role, scoped: request.scope.find((each) => each.target.name === target), ttlMs };
  };
  return {
    "requests.create": async ({ caller, body }) => {
      const outcome = await access.request(actorOf(caller), body);
      return isRefusal(outcome) ? outcome : viewOutcome(outcome, caller);
    },
    "requests.preview": async ({ caller, body }) => {
      const preview = await access.preview(actorOf(caller), body);
      if (isRefusal(preview)) return preview;
      const { approval, ...same } = preview;
      return { ...same, demands: approval === undefined ? [] : [approval] };
    },
    "requests.list": async ({ caller, query: { state, requester, toApprove, limit } }) => {
      const all = caller.permissions.has("request.read");
      const filter = { ...(state && { state }), ...(requester && { requester }) };
      const mine = all ? [] : await access.listRequests({ ...filter, requester: caller.principal.name, limit });
      const others = await access.listRequests({ ...filter, limit: all && !toApprove ? limit : LOOKED_THROUGH });
      const found = new Map([...mine, ...others].map((request) => [request.id, request]));
      const visible = [...found.values()].filter(
        (request) =>
          (requester === undefined || request.requester === requester) &&
          (toApprove ? waitsFor(request, access, caller) : maySee(request, access, caller)),
      );
      return {
        requests: visible
          .sort((a, b) => b.createdAt - a.createdAt)
          .slice(0, limit)
          .map((request) => view(request, caller)),
      };
    },
    "requests.stream": ({ caller, signal, lastEventId }) => {
      const pending = async (): Promise<readonly AccessRequest[]> => await access.listRequests({ state: "pending", limit: LOOKED_THROUGH });
      return (async function* () {
        for await (const { id, data } of changes.follow(lastEventId, pending, signal)) {
          if (await sees(data, caller)) yield { id, data: { request: view(data, caller) } };
        }
      })();
    },
    "requests.show": async ({ caller, params: { id } }) => {
      const request = await find(id, caller);
      return isRefusal(request) ? request : view(request, caller);
    },
    "requests.approve": async ({ caller, params: { id }, body }) => {
      const request = await find(id, caller);
      if (isRefusal(request)) return request;
      const outcome = await access.approve(id, actorOf(caller), body);
      return isRefusal(outcome) ? outcome : viewOutcome(outcome, caller);
    },
    "requests.deny": async ({ caller, params: { id }, body }) => {
      const request = await find(id, caller);
      if (isRefusal(request)) return request;
      const outcome = await access.deny(id, actorOf(caller), body.reason);
      return isRefusal(outcome) ? outcome : view(outcome.request, caller);
    },
    "requests.password": async ({ caller, params: { id }, body }) => {
      const wanted = await wantedOf(id, caller, body);
      return isRefusal(wanted) ? wanted : await makePassword(proofs, caller, wanted);
    },
    "requests.certificate": async ({ caller, params: { id }, body }) => {
      const wanted = await wantedOf(id, caller, body);
      return isRefusal(wanted) ? wanted : await makeCertificate(proofs, caller, wanted, body.publicKey);
    },
    "requests.cancel": async ({ caller, params: { id }, body }) => {
      const request = await find(id, caller);
      if (isRefusal(request)) return request;
      if (![request.requester, request.actsFor].includes(caller.principal.name)) {
        return deny("not-permitted", { detail: "only who asked may withdraw a request" });
      }
      const outcome = await access.cancel(id, actorOf(caller), body.reason);
      return isRefusal(outcome) ? outcome : view(outcome.request, caller);
    },
  };
}
