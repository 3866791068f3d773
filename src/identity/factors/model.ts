import type { FactorKind } from "../../kernel/step-up.ts";
import type { FactorId, PrincipalName } from "../../kernel/ids.ts";

/** What a person keeps beside a password or a key, to show that it is really them. */
export type KeptFactorKind = Exclude<FactorKind, "provider">;

interface FactorBase {
  readonly id: FactorId;
  readonly user: PrincipalName;
  readonly version: number;
  /** What its owner calls it. */
  readonly name: string;
  readonly addedAt: number;
  readonly usedAt?: number;
}

/** A WebAuthn credential. Nothing in here would open a door. */
export interface Passkey extends FactorBase {
  readonly kind: "passkey";
  /** Credential id, base64url; one credential belongs to one person only. */
  readonly credential: string;
  /** COSE_Key (RFC 9052 §7), base64url. */
  readonly publicKey: string;
  /** Signatures made so far as the authenticator counts them; 0 for ever where it does not. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** It may be copied to the person's other devices; else it never leaves the one it was made in. */
  readonly synced: boolean;
}

/** Its secret is sealed under `totpSecretName`. */
export interface TotpFactor extends FactorBase {
  readonly kind: "totp";
  /** The newest time step whose code was taken: that code and every older one are used up. */
  readonly lastStep: number;
}

/** What is left of a set of one-time codes, each as SHA-256 (hex). One a person, at most. */
export interface RecoveryCodes extends FactorBase {
  readonly kind: "recovery";
  readonly hashes: readonly string[];
  /** Of the one code an administrator hands over. */
  readonly expiresAt?: number;
}

export type Factor = Passkey | TotpFactor | RecoveryCodes;

/** A factor without anything that helps to show it. */
export interface FactorSummary {
  readonly id: FactorId;
  readonly kind: KeptFactorKind;
  readonly name: string;
  readonly addedAt: number;
  readonly usedAt?: number;
  /** Of a passkey. */
  readonly synced?: boolean;
  /** Of recovery codes: how many are left. */
  readonly left?: number;
}

export function summarizeFactor(factor: Factor): FactorSummary {
  const { id, kind, name, addedAt, usedAt } = factor;
  return {
    id,
    kind,
    name,
    addedAt,
    ...(usedAt !== undefined && { usedAt }),
    ...(factor.kind === "passkey" && { synced: factor.synced }),
    ...(factor.kind === "recovery" && { left: factor.hashes.length }),
  };
}
