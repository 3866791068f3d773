import type { FactorKind } from "../../kernel/step-up.ts";
import type { EventOf } from "../event.ts";

/** People, their credentials and their logins. `principal` is who acted; `body.user` is who it is about. */
export type IdentityEvent =
  | EventOf<"user.created", { user: string; type: "human" | "service" | "agent" }>
  | EventOf<"user.disabled", { user: string; reason: string }>
  | EventOf<"user.enabled", { user: string }>
  | EventOf<"user.password-set", { user: string; how: "setup" | "self" | "reset" | "recovery" }>
  | EventOf<"user.reset-issued", { user: string; expiresAt: number; how: "administrator" | "machine-console" }>
  | EventOf<"user.key-added", { user: string; fingerprint: string; type: string; comment: string }>
  | EventOf<"user.key-removed", { user: string; fingerprint: string }>
  | EventOf<"factor.added", { user: string; factor: string; kind: FactorKind; name: string }>
  | EventOf<"factor.renamed", { user: string; factor: string; name: string }>
  | EventOf<"factor.removed", { user: string; factor: string; kind: FactorKind }>
  /** `login`: the one it counts for from now on. */
  | EventOf<"factor.shown", { kind: FactorKind; factor: string; login: string; remote: string }>
  /** All of a person's factors are gone, and one code that is good once stands in for them. */
  | EventOf<"factors.reset", { user: string; removed: readonly string[]; expiresAt: number; how: "administrator" | "machine-console" }>
  | EventOf<"user.linked", { user: string; provider: string; subject: string; how: "first-login" | "self" | "administrator" }>
  | EventOf<"user.unlinked", { user: string; provider: string; subject: string }>
  /** What a provider says of somebody's groups, by the names they have here. */
  | EventOf<"user.groups-changed", { user: string; provider: string; old: readonly string[]; now: readonly string[] }>
  /** The provider does not vouch for them any more. */
  | EventOf<"user.provider-ended", { user: string; provider: string; reason: string }>
  | EventOf<"token.created", { user: string; token: string; name: string; scopes: readonly string[]; expiresAt: number }>
  | EventOf<"token.revoked", { user: string; token: string; reason: string }>
  | EventOf<"login.ok", LoginBody>
  | EventOf<"login.failed", { method: LoginMethod; door: Door; remote: string; claimed?: string; reason: string; count: number }>
  | EventOf<"handover.created", { token: string }>
  /** Somebody let a machine without a browser log in as them, or refused it. */
  | EventOf<"login.device-decided", { remote: string; approved: boolean }>
  | EventOf<"login.ended", { token: string; how: LoginEnd }>
  | EventOf<"certificate.issued", CertificateBody>
  | EventOf<"setup.completed", { owner: string }>;

export interface LoginBody {
  method: LoginMethod;
  door: Door;
  remote: string;
  credential?: string;
  provider?: string;
  /** What a workload proved, and SHA-256 (hex) of the mapping that makes it this principal. `name`: of its certificate. */
  workload?: { mapping: string } & ({ issuer: string; subject: string } | { name: string });
}

export type LoginMethod =
  | "publickey"
  | "certificate"
  | "password"
  | "passkey"
  | "oidc"
  | "device"
  | "workload"
  | "handover"
  | "totp"
  | "recovery-code"
  | "token"
  | "setup"
  | "recovery";
/** By its bearer, by what an identity provider said, or because the identity or workload it came by is no longer this user. */
export type LoginEnd = "logout" | "provider" | "provider-logout" | "unlinked" | "workload-changed";
/** Through which listener somebody came. */
export type Door = "ssh" | "postgres" | "api" | "machine-console";

export interface CertificateBody {
  authority: "login" | "access" | "host" | "database";
  serial: string;
  keyId: string;
  publicKey: string;
  principals: readonly string[];
  /** Unix seconds. */
  validAfter: number;
  validBefore: number;
}
