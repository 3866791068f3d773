import type { Grant } from "../../access/model.ts";
import type { GrantId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import type { GrantService } from "../services.ts";
import { actorOf, viewGrant, type GrantView } from "../views.ts";

type GrantRoutes = "grants.list" | "grants.show" | "grants.extend" | "grants.revoke" | "grants.narrow" | "grants.review";

export function grantHandlers(access: GrantService): Handlers<GrantRoutes> {
  const view = (outcome: { grant: Grant } | Denial): GrantView | Denial =>
    isRefusal(outcome) ? outcome : viewGrant(outcome.grant, access);
  return {
    "grants.list": async ({ caller, query: { state, principal, all, unreviewed, limit } }) => {
      const me = caller.principal.name;
      const beyond = all || (principal !== undefined && principal !== me);
      // A reviewer sees what there is to review.
      const may = caller.permissions.has("request.read") || (unreviewed && caller.permissions.has("grant.review"));
      if (beyond && !may) return refusePermission("request.read");
      const whose = principal ?? (all ? undefined : me);
      const grants = await access.listGrants({
        ...(state && { state }),
        ...(whose && { principal: whose }),
        ...(unreviewed && { unreviewed }),
        limit,
      });
      return { grants: grants.map((grant) => viewGrant(grant, access)) };
    },
    "grants.show": async ({ caller, params: { id } }) => {
      const grant = await findGrant(access, id, caller, ["request.read", "grant.review", "grant.revoke"]);
      return isRefusal(grant) ? grant : viewGrant(grant, access);
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
    "grants.review": async ({ caller, params: { id }, body }) => view(await access.review(id, actorOf(caller), body)),
  };
}

/** One's own, or anybody's with one of the permissions; otherwise it is as if it were not there. */
async function findGrant(
  access: GrantService,
  id: GrantId,
  { principal, permissions }: Caller,
  others: readonly GatePermission[],
): Promise<Grant | Denial> {
  const grant = await access.findGrant(id);
  const may = grant?.principal === principal.name || others.some((permission) => permissions.has(permission));
  return grant && may ? grant : deny("not-found", { detail: `grant "${id}"` });
}
