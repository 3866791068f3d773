/** Targets, and the gate's own errands to them: those of columns and hosts log nothing, the handler does, before it answers. */
import type { Target } from "../../access/model.ts";
import type { Reply } from "../../contract/types.ts";
import type { Authenticated } from "../../identity/model.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Actor, Requestable } from "./access.ts";

export interface TargetService {
  /** Every target of the configuration. */
  listTargets(): readonly Target[];
  findTarget(name: string): Target | undefined;
  /** What the actor may ask for there; empty: the target is not theirs to see. */
  requestable(actor: Actor, target: Target): readonly Requestable[];
}

export type ScannedColumns = Reply<"targets.columns">;

export interface ColumnService {
  /** `account`: a login of the target; the first, where it is not named. */
  scan(target: Target, by: string, where: { account?: string; database?: string }): Promise<ScannedColumns | Denial>;
}

export interface HostService {
  /** `by`: on whose word; in the log before the gate connects. */
  scan(address: string, by: string): Promise<readonly { type: string; publicKey: string; fingerprint: string }[] | Denial>;
  test(target: Target, by: string): Promise<HostReport | Denial>;
  check(target: Target, account: string | undefined, by: string): Promise<HostReport | Denial>;
}

export type HostReport = Reply<"hosts.check">;

export interface AuthorityService {
  publicKeys(): Reply<"authorities.show">;
  /** Logs `certificate.issued`. */
  issueLogin(actor: Authenticated, publicKey: string, ttlMs: number | undefined): Promise<Reply<"certificates.login"> | Denial>;
}
