import type { AuditEvent } from "../audit/event.ts";
import type { Priority } from "../audit/port.ts";
import type { GrantId, PrincipalName, RequestId } from "../kernel/ids.ts";
import type { AccessRequest, Grant, GrantState, RequestState } from "./model.ts";

/** What changed in one step. `version` of each value is the new one; the store refuses (`conflict`) unless it holds version − 1 (0: a new row). */
export interface AccessChange {
  readonly request?: AccessRequest;
  readonly grant?: Grant;
}

/** Requests and grants, and the events of their changes: both in one transaction. */
export interface AccessStore {
  findRequest(id: RequestId): Promise<AccessRequest | undefined>;
  findGrant(id: GrantId): Promise<Grant | undefined>;
  listRequests(filter: { state?: RequestState; requester?: PrincipalName; limit: number }): Promise<readonly AccessRequest[]>;
  listGrants(filter: { state?: GrantState; principal?: PrincipalName; unreviewed?: boolean; limit: number }): Promise<readonly Grant[]>;
  save(change: AccessChange, events: readonly AuditEvent[], priority?: Priority): Promise<void>;
}
