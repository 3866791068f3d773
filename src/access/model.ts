import type { GrantId, PrincipalName, RequestId, TargetName } from "../kernel/ids.ts";
import type { Role } from "../policy/role.ts";

/**
 * The words of access: rule → request → approval → grant. All values are immutable; lifecycle.ts makes the next one.
 * Times are milliseconds since the Unix epoch unless named otherwise.
 */

/** Who may request which roles on which targets, for how long, and what approval it takes. The first rule that matches decides. */
export interface AccessRule {
  readonly name: string;
  /** Principals by name, groups as `group:<name>`. */
  readonly who: readonly string[];
  readonly roles: readonly string[];
  readonly targets: TargetSelector;
  readonly maxDurationMs: number;
  /** `undefined`: no approval needed. */
  readonly approval?: ApprovalExpression;
  /** What each action takes that the role holds; absent: as `approval`. */
  readonly holds?: ApprovalExpression;
  /** How many times the holder may extend without asking, each by at most the rule's maximum. */
  readonly selfExtensions: number;
  /** Whether these people may break glass here: access first, review after. */
  readonly breakGlass: boolean;
}

/** A target matches when its name is listed (exact) or every label equals. Neither given: nothing matches. */
export interface TargetSelector {
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** `2 of leads and 1 of (security or owners)`. A quorum's place is filled by a member of any of its groups. */
export type ApprovalExpression =
  | { readonly kind: "quorum"; readonly count: number; readonly groups: readonly string[] }
  | { readonly kind: "and" | "or"; readonly parts: readonly ApprovalExpression[] };

export interface Target {
  readonly name: TargetName;
  readonly kind: string;
  /** `host:port` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** For `ssh`: pinned public keys (one-line form without comment) and host certificate authorities. Both empty: every session is refused. */
  readonly hostKeys: readonly string[];
  readonly hostAuthorities: readonly string[];
  /** A second factor shown no longer ago than this opens a session here. */
  readonly stepUpMs?: number;
  /** For `postgres`. */
  readonly postgres?: PostgresTarget;
}

export interface PostgresTarget {
  /** The one to open where none is asked for. */
  readonly database: string;
  /** As libpq's sslmode; `off`: in clear. */
  readonly tls: "verify-full" | "verify-ca" | "require" | "off";
  /** PEM file of the authorities that its certificate may come from; absent: those of the system. */
  readonly authorityFile?: string;
  /** The weakest way in which the server may ask for a password; absent: SCRAM. */
  readonly auth?: "md5" | "password";
  readonly ephemeral?: EphemeralRoles;
}

/** A login role for each session: a member of the role's account, made and dropped by one that may. */
export interface EphemeralRoles {
  /** Login role with CREATEROLE. */
  readonly by: string;
  /** Their names begin with it, and no other's do. */
  readonly prefix: string;
}

/** A target as it was approved: what is dialled under the grant, whatever the configuration says later. */
export interface ScopedTarget {
  readonly target: Target;
  /** Account on the target, from the role as approved. */
  readonly account: string;
  /** The access rule that let it be requested. */
  readonly rule: string;
}

export interface Approval {
  readonly by: PrincipalName;
  readonly at: number;
  /** The approver's groups at that moment. */
  readonly groups: readonly string[];
}

export type RequestState = "pending" | "approved" | "denied" | "cancelled" | "lapsed";

export interface AccessRequest {
  readonly id: RequestId;
  readonly version: number;
  readonly type: "ordinary" | "extension" | "break-glass";
  readonly requester: PrincipalName;
  /** The requester is an agent, and acts for this person. */
  readonly actsFor?: PrincipalName;
  readonly reason: string;
  readonly ticket?: string;
  /** The role as it stood when it was asked for: what was approved is what runs. */
  readonly role: Role;
  readonly scope: readonly ScopedTarget[];
  readonly durationMs: number;
  readonly createdAt: number;
  /** A pending request lapses then. */
  readonly lapsesAt: number;
  /** One expression for each distinct demand of the rules involved (`owners` already replaced by the group); all must be met. */
  readonly demands: readonly ApprovalExpression[];
  readonly state: RequestState;
  readonly approvals: readonly Approval[];
  /** `extension`: the grant it extends. */
  readonly extends?: GrantId;
  /** The grant it became. */
  readonly grant?: GrantId;
  readonly closedBy?: PrincipalName;
  readonly closedReason?: string;
}

export type GrantState = "active" | "ended";

export interface Grant {
  readonly id: GrantId;
  readonly version: number;
  readonly request: RequestId;
  readonly principal: PrincipalName;
  /** As of the request. */
  readonly actsFor?: PrincipalName;
  readonly reason: string;
  readonly ticket?: string;
  readonly role: Role;
  readonly scope: readonly ScopedTarget[];
  readonly start: number;
  /** The earlier of this wall-clock end… */
  readonly end: number;
  /** …and this point of elapsed time (Clock.elapsed, ms) ends it, as long as the machine has not rebooted since. */
  readonly elapsedEnd: { readonly bootId: string; readonly at: number };
  readonly state: GrantState;
  readonly endedAt?: number;
  readonly endedHow?: GrantEnding;
  readonly endedReason?: string;
  readonly selfExtensionsLeft: number;
  readonly approvers: readonly PrincipalName[];
  readonly breakGlass?: BreakGlass;
  /** Used so far, over closed sessions. */
  readonly used: { readonly bytes: number; readonly seconds: number };
}

export type GrantEnding = "expired" | "revoked" | "used-up" | "given-back" | "restored" | "requester-gone";

export interface BreakGlass {
  readonly openedAt: number;
  /** The reminder went out. */
  readonly remindedAt?: number;
  /** The review became overdue: from then on the person's ordinary requests are refused. */
  readonly escalatedAt?: number;
  readonly reviewedAt?: number;
  readonly reviewedBy?: PrincipalName;
  readonly verdict?: "justified" | "unjustified";
}
