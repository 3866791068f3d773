/** The gate itself: how it is reached, what locks it, its configuration, backups and health. */
import type { Reply } from "../../contract/types.ts";
import type { LockId, PrincipalName } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Lock, LockSubject } from "../../watch/lock.ts";
import type { Actor } from "./access.ts";

/** How clients reach the gate. */
export interface GateFacts {
  readonly version: string;
  readonly name: string;
  readonly url: string;
  readonly sshHost: string;
  readonly sshPort: number;
  /** Absent: this gate has no door for PostgreSQL. */
  readonly postgres?: { readonly host: string; readonly port: number; readonly tls: boolean };
  /** The gate's clock. */
  now(): number;
}

/** LockService. */
export interface LockGuard {
  find(subjects: { principal: PrincipalName; groups: readonly string[] }): Lock | undefined;
  gateLocked(): Lock | undefined;
}

export interface LockService extends LockGuard {
  list(): readonly Lock[];
  lock(actor: Actor, subject: LockSubject, reason: string, until?: number): Promise<Lock | Denial>;
  lift(actor: Actor, id: LockId, reason: string): Promise<unknown>;
}

export interface ConfigService {
  show(): Reply<"config.show">;
  explain(): readonly string[];
  /** Of a text that nobody keeps. Untrusted. */
  validate(text: string): Reply<"config.validate">;
  reload(actor: Actor): Promise<ReloadResult | Denial>;
  confirm(hash: string, actor: Actor): Promise<ReloadResult | Denial>;
}

export type ReloadResult =
  | Reply<"config.reload">
  /** It was logged as `config.refused`, and the old one stays in force. */
  | { readonly outcome: "refused"; readonly problems: readonly { readonly at: string; readonly message: string }[] };

export interface BackupService {
  /** Into the gate's own backup folder, under a plain name; refuses to overwrite. */
  make(actor: Actor, name: string | undefined): Promise<Reply<"backup.make"> | Denial>;
}

export interface HealthService {
  health(): Omit<Reply<"health.details">, "storage">;
  /** As it was some seconds ago at most. */
  storage(): Promise<Reply<"health.details">["storage"]>;
}
