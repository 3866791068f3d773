/** Compiled, not run: the services of the gate are what the API asks for, as they stand. What main/ must add is in the comments. */
import type { AccessService } from "../../src/access/service.ts";
import type { Explanation } from "../../src/access/why.ts";
import type { GrantService, RequestService, Why } from "../../src/api/services/access.ts";
import type { LockService } from "../../src/api/services/gate.ts";
import type { LoginService } from "../../src/api/services/logins.ts";
import type { KeyService, TokenService, UserService } from "../../src/api/services/people.ts";
import type { SessionService } from "../../src/api/services/sessions.ts";
import type { IdentityService } from "../../src/identity/service.ts";
import type { GatePermission } from "../../src/policy/permissions.ts";
import type { SessionRegistry } from "../../src/session/registry.ts";
import type { LockService as Locks } from "../../src/watch/locks.ts";

type Must<Wanted, Given extends Wanted> = Given;

type Identity = IdentityService<GatePermission>;
export type Checks = [
  Must<LoginService, Identity>,
  Must<UserService, Identity>,
  Must<KeyService, Identity>,
  Must<TokenService, Identity>,
  Must<LockService, Locks>,
  // Reading comes from the store; isApprover and inWords from access/rules and access/approval.
  Must<Pick<RequestService, "request" | "preview" | "approve" | "deny" | "cancel" | "subscribe">, AccessService>,
  // The same, and remainingMs and mayReview.
  Must<Pick<GrantService, "extend" | "revoke" | "narrow" | "review">, AccessService>,
  Must<Pick<SessionService, "kill">, SessionRegistry>,
  Must<Why, Explanation>,
];
