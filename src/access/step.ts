import type { AuditEvent, Subjects } from "../audit/event.ts";
import type { GrantBody } from "../audit/events/access.ts";
import { roleHash } from "../policy/role-hash.ts";
import { printApproval } from "./approval.ts";
import type { AccessRequest, ApprovalExpression, Grant, ScopedTarget } from "./model.ts";

/** What one transition makes: the next values and the events that say so. Saved together or not at all. */
export interface Step {
  readonly allowed: true;
  readonly request?: AccessRequest;
  readonly grant?: Grant;
  readonly events: readonly AuditEvent[];
}

/** In every event of access, `principal` is the one whose access it is; who else acted stands in the body. */
export function aboutRequest(request: AccessRequest): Subjects {
  return {
    principal: request.requester,
    request: request.id,
    ...(request.extends && { grant: request.extends }),
    ...onlyTarget(request.scope),
  };
}

export function aboutGrant(grant: Grant): Subjects {
  return { principal: grant.principal, request: grant.request, grant: grant.id, ...onlyTarget(grant.scope) };
}

function onlyTarget(scope: readonly ScopedTarget[]): Subjects {
  const [first, second] = scope;
  return first && !second ? { target: first.target.name } : {};
}

export function namesOf(scope: readonly ScopedTarget[]): readonly string[] {
  return scope.map(({ target }) => target.name);
}

export function bodyOf(grant: Grant): GrantBody {
  return {
    reason: grant.reason,
    role: grant.role.name,
    roleHash: roleHash(grant.role),
    targets: grant.scope.map(({ target, account, rule }) => ({ name: target.name, address: target.address, account, rule })),
    start: grant.start,
    end: grant.end,
    approvers: grant.approvers,
  };
}

/** Several demands as one expression a person reads; `undefined` when nothing is demanded. */
export function demandsInWords(demands: readonly ApprovalExpression[]): string | undefined {
  if (demands.length === 0) return undefined;
  return demands
    .map((demand) => (demands.length > 1 && demand.kind !== "quorum" ? `(${printApproval(demand)})` : printApproval(demand)))
    .join(" and ");
}
