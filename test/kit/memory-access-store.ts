import type { AccessRequest, Grant } from "../../src/access/model.ts";
import type { AccessChange, AccessStore } from "../../src/access/port.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import type { Priority } from "../../src/audit/port.ts";
import { GateError } from "../../src/kernel/errors.ts";
import type { GrantId, RequestId } from "../../src/kernel/ids.ts";

/** The AccessStore port in memory: same versions, same conflicts, all or nothing. `events` is what the log would hold. */
export class MemoryAccessStore implements AccessStore {
  readonly requests = new Map<RequestId, AccessRequest>();
  readonly grants = new Map<GrantId, Grant>();
  readonly events: AuditEvent[] = [];
  readonly priorities: Priority[] = [];
  saves = 0;
  /** Called before each save: throw to fail it, or change something to lose the race. */
  beforeSave: (change: AccessChange) => void = () => {};

  async findRequest(id: RequestId): Promise<AccessRequest | undefined> {
    return this.requests.get(id);
  }

  async findGrant(id: GrantId): Promise<Grant | undefined> {
    return this.grants.get(id);
  }

  async listRequests({ state, requester, limit }: Parameters<AccessStore["listRequests"]>[0]): Promise<readonly AccessRequest[]> {
    return [...this.requests.values()]
      .filter((request) => (state === undefined || request.state === state) && (requester === undefined || request.requester === requester))
      .slice(0, limit);
  }

  async listGrants({ state, principal, unreviewed, limit }: Parameters<AccessStore["listGrants"]>[0]): Promise<readonly Grant[]> {
    return [...this.grants.values()]
      .filter((grant) => (state === undefined || grant.state === state) && (principal === undefined || grant.principal === principal))
      .filter((grant) => unreviewed !== true || (grant.breakGlass !== undefined && grant.breakGlass.reviewedAt === undefined))
      .slice(0, limit);
  }

  async save(change: AccessChange, events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<void> {
    this.beforeSave(change);
    const { request, grant } = change;
    if (request) follow(this.requests.get(request.id), request);
    if (grant) follow(this.grants.get(grant.id), grant);
    if (request) this.requests.set(request.id, request);
    if (grant) this.grants.set(grant.id, grant);
    this.events.push(...events);
    this.priorities.push(priority);
    this.saves++;
  }
}

function follow(held: { readonly version: number } | undefined, next: { readonly version: number }): void {
  if ((held?.version ?? 0) !== next.version - 1) throw new GateError("conflict");
}
