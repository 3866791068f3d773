/** Requests, grants, held actions, and why somebody may or may not. */
import type { AccessRequest, ApprovalExpression, Grant, GrantState, RequestState, Target } from "../../access/model.ts";
import type { ActsFor } from "../../kernel/acts-for.ts";
import type { GrantId, PrincipalName, RequestId, TargetName } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Presented } from "../../policy/second-factor.ts";
import type { Holds } from "../../session/holds.ts";

export interface Actor extends Presented {
  readonly name: PrincipalName;
  readonly groups: readonly string[];
  /** Of an agent. */
  readonly actsFor?: ActsFor;
}

/** Whose account may be changed depends on the token, too. */
export interface Administrator extends Actor {
  readonly scopes?: readonly string[] | undefined;
}

/** A role somebody may ask for on a target. */
export interface Requestable {
  readonly role: string;
  readonly rule: string;
  readonly maxDurationMs: number;
  readonly approval?: ApprovalExpression;
  readonly breakGlass: boolean;
  /** What the role lets its holder do there, in words. */
  readonly allows: readonly string[];
}

export interface HoldService extends Pick<Holds, "list" | "find" | "mayDecide" | "decide" | "subscribe"> {
  inWords(demand: ApprovalExpression): string;
}

export interface Draft {
  readonly reason: string;
  readonly ticket?: string;
  readonly role: string;
  readonly targets: readonly string[];
  readonly durationMs?: number;
  readonly breakGlass?: boolean;
}

export interface Preview {
  readonly rules: readonly string[];
  readonly targets: readonly string[];
  /** In words; absent: nobody needs to approve. */
  readonly approval?: string;
  readonly approvers: readonly string[];
  readonly durationMs: number;
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

export interface Outcome {
  readonly allowed: true;
  readonly request: AccessRequest;
  readonly grant?: Grant;
}

export interface RequestService {
  request(actor: Actor, draft: Draft): Promise<Outcome | Denial>;
  preview(actor: Actor, draft: Draft): Promise<Preview | Denial>;
  approve(id: RequestId, actor: Actor, change: { durationMs?: number; targets?: readonly string[] }): Promise<Outcome | Denial>;
  deny(id: RequestId, actor: Actor, reason: string): Promise<{ request: AccessRequest } | Denial>;
  cancel(id: RequestId, actor: Actor, reason: string): Promise<{ request: AccessRequest } | Denial>;
  findRequest(id: RequestId): Promise<AccessRequest | undefined>;
  listRequests(filter: { state?: RequestState; requester?: PrincipalName; limit: number }): Promise<readonly AccessRequest[]>;
  /** Whether the actor has a place in the request's approval expression. */
  isApprover(request: AccessRequest, actor: Actor): boolean;
  subscribe(listener: (change: { readonly request?: AccessRequest; readonly grant?: Grant }) => void): Disposable;
  inWords(expression: ApprovalExpression): string;
  /** What is still to come, in words; empty when nothing is. */
  stillMissing(request: AccessRequest): string;
  /** Who has a place in it that is not taken, by the groups of this moment. */
  approvers(request: AccessRequest): readonly string[];
  /** What its role lets its holder do on its targets, in words. */
  allows(request: AccessRequest): readonly string[];
}

export interface GrantService {
  findGrant(id: GrantId): Promise<Grant | undefined>;
  listGrants(filter: { state?: GrantState; principal?: PrincipalName; unreviewed?: boolean; limit: number }): Promise<readonly Grant[]>;
  extend(id: GrantId, actor: Actor, draft: { durationMs: number; reason: string }): Promise<Outcome | Denial>;
  revoke(id: GrantId, actor: Actor, reason: string): Promise<{ grant: Grant } | Denial>;
  narrow(
    id: GrantId,
    actor: Actor,
    change: { targets?: readonly TargetName[]; end?: number; reason: string },
  ): Promise<{ grant: Grant } | Denial>;
  review(id: GrantId, actor: Actor, review: { verdict: "justified" | "unjustified"; note: string }): Promise<{ grant: Grant } | Denial>;
  /** Whether the actor could have approved it. Permissions are looked at by who calls. */
  mayReview(grant: Grant, actor: Actor): boolean;
  /** 0 once it has ended. */
  remainingMs(grant: Grant): number;
}

export interface WhyService {
  /** `what`: a role's name, a permission on the gate, or an action as `ssh.exec <command>`. `seesAll`: whoever asks may see every target. */
  explain(who: Actor, what: string, target: TargetName, about: { readonly seesAll: boolean }): Why;
}

export interface Why {
  readonly verdict: "allow" | "ask" | "deny";
  readonly rule?: string;
  /** The role that would be requested. */
  readonly role?: string;
  /** In words; absent: nobody needs to approve. */
  readonly demands?: string;
  readonly lines: readonly string[];
}

export interface MatrixService {
  compute(
    actors: readonly Actor[],
    targets: readonly Target[],
    role: string | undefined,
    limit: number,
  ): { readonly entries: readonly object[]; readonly isPart: boolean };
}
