import type { ShownFactor } from "../kernel/step-up.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import type { GrantId, KeyId, PrincipalName, RequestId, TargetName, TokenId } from "../kernel/ids.ts";
import type { LoginMethod } from "../audit/events/identity.ts";
import type { WorkloadFacts } from "./workload/workload.ts";

export type { FactorKind, ShownFactor } from "../kernel/step-up.ts";

export type PrincipalType = "human" | "service" | "agent";

/** A principal and the groups it is in at this moment. */
export interface Principal {
  readonly name: PrincipalName;
  readonly type: PrincipalType;
  readonly groups: readonly string[];
  /** Of an agent; one that acts for nobody is nobody. */
  readonly actsFor?: ActsFor;
}

export interface User {
  readonly name: PrincipalName;
  readonly version: number;
  readonly type: PrincipalType;
  readonly createdAt: number;
  readonly disabled?: { readonly at: number; readonly reason: string };
  /** PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. Never leaves identity/. */
  readonly passwordHash?: string;
  /** Login certificates issued before are void: the person was disabled since, or set another password. */
  readonly certificatesAfter?: number;
  /** Who they are at identity providers; (provider, subject) is one user's only. */
  readonly identities?: readonly LinkedIdentity[];
  /** One-time reset: SHA-256 of the secret and its end. */
  readonly reset?: { readonly hash: string; readonly expiresAt: number };
}

export interface LinkedIdentity {
  readonly provider: string;
  /** What the provider calls them for ever: `sub`. */
  readonly subject: string;
  readonly linkedAt: number;
  /** The provider does not vouch for them any more, since then. */
  readonly ended?: { readonly at: number; readonly reason: string };
}

export interface UserKey {
  readonly id: KeyId;
  readonly user: PrincipalName;
  /** One line, `type base64`; one key belongs to one user only. */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly comment: string;
  readonly addedAt: number;
}

/** What a token may be used for: gate permissions by name, `self` for one's own requests and sessions, `all` for whatever its owner may. */
export type TokenScope = string;

export interface Token {
  readonly id: TokenId;
  readonly user: PrincipalName;
  readonly name: string;
  /** SHA-256 (hex) of the secret part. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** `login`: made by `sallyport login`; `personal`: made on purpose; `access`: the password or certificate for one target. */
  readonly type: "login" | "personal" | "access";
  readonly revokedAt?: number;
  /** `ip:port` of whoever had it made; of a login it is in `login`. */
  readonly madeAt?: string;
  /** Present for `login`: how it was proven. */
  readonly login?: LoginFacts;
  /** Present for `access`, which opens nothing else. */
  readonly access?: AccessUse & AccessProof;
  /** The login or personal token that an `access` token was made with: without it, it opens nothing. */
  readonly madeWith?: TokenId;
}

/** How somebody logged in, and what they have shown since. */
export interface LoginFacts {
  readonly method: LoginMethod;
  /** The identity provider's name, where one said who it is. */
  readonly provider?: string;
  /** That provider's own session, whose end it may tell of. */
  readonly session?: string;
  /** `ip:port` of the peer. */
  readonly remote: string;
  /** When who it is was proven, where that was before the token was made. */
  readonly provenAt?: number;
  readonly factors: readonly ShownFactor[];
  /** Of a workload, by what it came. */
  readonly workload?: WorkloadFacts;
}

/** What an access token is for: one target, under a grant, or under what a request becomes once it is one. */
export type AccessUse = { readonly target: TargetName } & (
  | { readonly grant: GrantId; readonly request?: never }
  | { readonly request: RequestId; readonly grant?: never }
);

/** What shows that somebody holds it: a password, or the private key of a certificate, of which this is the SHA-256 (hex) in DER. */
export type AccessProof =
  | { readonly scram: ScramVerifier; readonly certificate?: never }
  | { readonly certificate: string; readonly scram?: never };

/** RFC 5802 §3: what proves a password without being one. Base64. */
export interface ScramVerifier {
  readonly storedKey: string;
  readonly serverKey: string;
}

/**
 * Somebody whose identity was established, and how. Made by identity/ alone; sessions take nothing less.
 * Every way to log in produces the same value.
 */
export interface Authenticated {
  readonly principal: Principal;
  readonly method: LoginMethod;
  /** Fingerprint, certificate serial or token id: which credential it was. */
  readonly credential: string;
  readonly at: number;
  /** `ip:port` of the peer. */
  readonly remote: string;
  /** Present for tokens: what this one may be used for. */
  readonly scopes?: readonly TokenScope[];
  /** The login it came through, where there is one: its end is the end of this. */
  readonly login?: TokenId;
  /** `ip:port` at which the token or certificate was made; absent: it is neither, as a password or a key of one's own. */
  readonly madeAt?: string;
  /** What that login has shown besides. */
  readonly factors?: readonly ShownFactor[];
  /** The login is a workload's: it makes nothing that would outlive it. */
  readonly workload?: true;
  /** Present for access tokens: the only grant and target this login is good for. */
  readonly access?: AccessUse;
}
