/**
 * Services and agents come by what their platform says of them: a signed ID token, as systems that build and deploy issue them,
 * or a certificate they show in TLS. Neither is a secret that somebody keeps for them.
 *
 * Owns (this folder): believing such tokens and certificates, and whether a login that came of one still holds.
 * Never: makes a user; takes a person for a workload; keeps a token, or shows one to anybody.
 *
 * Invariants:
 * - Only the configuration says which workload is which principal, and only exactly: no pattern, no prefix.
 * - A login lasts minutes, ends no later than what it was made of, and makes nothing that outlives it.
 * - A mapping that is changed or gone takes its logins along, also sessions that run, and across restarts.
 * - An ID token makes one login. A login by certificate is good on connections of that certificate alone.
 * - Untrusted: whatever a workload or an issuer sends is parsed, bounded in size and in time.
 */
import type { X509Certificate } from "node:crypto";
import type { Secret } from "../../kernel/secret.ts";
import type { PeerCertificate } from "../authenticator.ts";

/** Of the principal it is listed under, as the configuration has it. */
export type WorkloadSettings = {
  /** SHA-256 (hex) of what the configuration says of it. */
  readonly mapping: string;
} & (IdTokenSettings | CertificateSettings);

export interface IdTokenSettings {
  readonly kind: "id-token";
  /** As the token and the issuer's own description spell it. */
  readonly issuer: string;
  readonly audience: string;
  /** All of them, each exactly. */
  readonly claims: Readonly<Record<string, string | boolean>>;
  /** How long ago it may have been issued. */
  readonly maxAgeMs: number;
}

export interface CertificateSettings {
  readonly kind: "certificate";
  /** Those that issue to workloads, read when they are needed. */
  readonly authorities: () => Promise<readonly X509Certificate[]>;
  readonly name: WorkloadName;
}

/** What of a certificate's subject alternative names is the workload. */
export type WorkloadName = { readonly type: "uri" | "dns"; readonly value: string };

/** What a workload shows. Untrusted. */
export type WorkloadProof = { readonly token: Secret } | { readonly certificate: PeerCertificate | undefined };

/** Kept with the login. */
export interface WorkloadFacts {
  /** The mapping that it came by: by another one of the same name it would not have come. */
  readonly mapping: string;
  /** The ID token that it was made of (`spentAs`), and until when that could have made another. */
  readonly spent?: { readonly token: string; readonly until: number };
  /** RFC 8705 §3.1 (`x5t#S256`): the certificate without which it is worth nothing. */
  readonly certificate?: string;
}
