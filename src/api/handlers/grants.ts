import type { Grant } from "../../access/model.ts";
import type { GrantId, TargetName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { makeCertificate, makePassword, type ProofDeps } from "../access-proof.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import { mayReview } from "../reviewer.ts";
import type { GrantService } from "../services/access.ts";
import { actorOf, viewGrant, type GrantView } from "../views.ts";

type GrantRoutes =
  | "grants.list"
  | "grants.show"
  | "grants.extend"
  | "grants.revoke"
  | "grants.narrow"
  | "grants.password"
  | "grants.certificate"
  | "grants.review";

/** How many a filter by visibility looks through. */
const LOOKED_THROUGH = 1_000;

export function grantHandlers(access: GrantService, proofs: ProofDeps): Handlers<GrantRoutes> {
  const view = (outcome: { grant: Grant } | Denial): GrantView | Denial =>
    isRefusal(outcome) ? outcome : viewGrant(outcome.grant, access);
  const wantedOf = async (id: GrantId, caller: Caller, { target, ttlMs = Infinity }: { target: TargetName; ttlMs?: number }) => {
    const grant = await access.findGrant(id);
    // Nobody's but one's own, whatever else the caller may.
    if (!grant || grant.principal !== caller.principal.name) return noGrant(id);
    const leftMs = access.remainingMs(grant);
    if (leftMs <= 0) return deny("grant-ended");
    const scoped = grant.scope.find((each) => each.target.name === target);
    return { use: { grant: id, target }, role: grant.role, scoped, ttlMs: Math.min(leftMs, ttlMs) };
  };
  return {
    "grants.list": async ({ caller, query: { state, principal, all, unreviewed, limit } }) => {
      const me = caller.principal.name;
      const beyond = all || (principal !== undefined && principal !== me);
      const reads = caller.permissions.has("request.read");
      if (beyond && !unreviewed && !reads) return refusePermission("request.read", caller);
      const whose = principal ?? (all ? undefined : me);
      const filter = { ...(state && { state }), ...(whose && { principal: whose }), ...(unreviewed && { unreviewed }) };
      const grants = await access.listGrants({ ...filter, limit: reads ? limit : LOOKED_THROUGH });
      // Who may review sees what there is to review.
      const visible = reads ? grants : grants.filter((grant) => grant.principal === me || (unreviewed && mayReview(grant, caller, access)));
      return { grants: visible.slice(0, limit).map((grant) => viewGrant(grant, access)) };
    },
    "grants.show": async ({ caller, params: { id } }) => {
      const grant = await access.findGrant(id);
      const may = grant && (maySee(grant, caller, ["request.read", "grant.revoke"]) || mayReview(grant, caller, access));
      return may ? viewGrant(grant, access) : noGrant(id);
    },
    "grants.extend": async ({ caller, params: { id }, body }) => {
      const grant = await findGrant(access, id, caller, []);
      if (isRefusal(grant)) return grant;
      const outcome = await access.extend(id, actorOf(caller), body);
      if (isRefusal(outcome)) return outcome;
      const { request, grant: extended } = outcome;
      return { request: request.id, state: request.state, ...(extended && { grant: viewGrant(extended, access) }) };
    },
    "grants.revoke": async ({ caller, params: { id }, body }) => {
      const grant = await findGrant(access, id, caller, ["grant.revoke"]);
      return isRefusal(grant) ? grant : view(await access.revoke(id, actorOf(caller), body.reason));
    },
    "grants.narrow": async ({ caller, params: { id }, body }) => {
      const grant = await findGrant(access, id, caller, ["grant.revoke"]);
      return isRefusal(grant) ? grant : view(await access.narrow(id, actorOf(caller), body));
    },
    "grants.password": async ({ caller, params: { id }, body }) => {
      const wanted = await wantedOf(id, caller, body);
      return isRefusal(wanted) ? wanted : await makePassword(proofs, caller, wanted);
    },
    "grants.certificate": async ({ caller, params: { id }, body }) => {
      const wanted = await wantedOf(id, caller, body);
      return isRefusal(wanted) ? wanted : await makeCertificate(proofs, caller, wanted, body.publicKey);
    },
    "grants.review": async ({ caller, params: { id }, body }) => {
      const grant = await access.findGrant(id);
      // Of one's own, the service says why not.
      const may = grant && (grant.principal === caller.principal.name || mayReview(grant, caller, access));
      return may ? view(await access.review(id, actorOf(caller), body)) : noGrant(id);
    },
  };
}

function maySee(grant: Grant, { principal, permissions }: Caller, others: readonly GatePermission[]): boolean {
  return [grant.principal, grant.actsFor].includes(principal.name) || others.some((permission) => permissions.has(permission));
}

/** One's own, or anybody's with one of the permissions; otherwise it is as if it were not there. */
async function findGrant(access: GrantService, id: GrantId, caller: Caller, others: readonly GatePermission[]): Promise<Grant | Denial> {
  const grant = await access.findGrant(id);
  return grant && maySee(grant, caller, others) ? grant : noGrant(id);
}

function noGrant(id: GrantId): Denial {
  return deny("not-found", { detail: `grant "${id}"` });
}
