/**
 * How a method of logging in plugs in: one function type per kind of proof. OIDC, passkeys and workload identity add
 * a proof here and a file that yields the same `Authenticated`; sessions do not change.
 *
 * Whatever the method, a refusal reads the same (`not-authenticated`), and takes the same work, whether or not the
 * claimed user exists: the reason goes into the log only.
 */
import type { AuditEvent } from "../audit/event.ts";
import type { Door, LoginMethod } from "../audit/events/identity.ts";
import type { Priority } from "../audit/port.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Authenticated, User } from "./model.ts";
import type { ProvenWorkload } from "./workload/workload-logins.ts";

/** Where somebody comes from. `remote` is `ip:port` of the peer's socket, not of a header. */
export interface LoginContext {
  readonly door: Door;
  readonly remote: string;
  /** What the peer has shown in TLS, looked at where somebody asks; absent: this door knows none. */
  readonly certificate?: () => PeerCertificate | undefined;
}

/** A client's certificate: that the peer has its key was proven in the handshake. */
export interface PeerCertificate {
  readonly der: Buffer;
  /** Why TLS does not believe it, as a code of OpenSSL's; absent: it leads to an authority of the configuration. */
  readonly trouble?: string;
}

/** What is shown to prove who somebody is. `claimed` is text from the peer: it means nothing yet. */
export interface KeyProof {
  readonly claimed: string | undefined;
  /** The key whose signature over the handshake was verified already. */
  readonly keyBlob: Buffer;
}
export interface CertificateProof {
  readonly claimed: string | undefined;
  /** As for a key: possession was proven already, the certificate itself is not believed yet. */
  readonly certificateBlob: Buffer;
}
export interface PasswordProof {
  readonly claimed: string;
  readonly password: Secret;
}
export interface TokenProof {
  readonly token: string;
}

export type Authenticator<Proof> = (proof: Proof, context: LoginContext) => Promise<Authenticated | Denial>;

/**
 * Slows guessing down (watch/ implements it). `admit` counts the attempt as failed at once, so that many at the same
 * moment cannot slip through together; `succeeded` or `refund` takes that back.
 */
export interface LoginThrottle {
  admit(remote: string, claimed: string): { readonly source: string; readonly favoured: boolean } | Denial;
  succeeded(remote: string, user: string): void;
  refund(remote: string, claimed: string): void;
}

/** Where logins are recorded; see login-record.ts. */
export interface LoginRecord {
  ok(events: readonly AuditEvent[], priority: Priority): Promise<void>;
  /** Returns before it is written: how long writing takes must not tell one failure from another. */
  failed(failure: LoginFailure): void;
}

export interface LoginFailure {
  readonly method: LoginMethod;
  readonly context: LoginContext;
  /** Only the name of a user who exists: people type passwords into the wrong field. */
  readonly claimed: string | undefined;
  /** For the log, never for the peer. */
  readonly reason: string;
}

/** The one answer to every proof that did not convince. */
export function notAuthenticated(): Denial {
  return deny("not-authenticated");
}

export function loginOk(
  user: User,
  method: LoginMethod,
  context: LoginContext,
  credential?: string,
  workload?: ProvenWorkload["about"],
): AuditEvent {
  const { door, remote } = context;
  const body = { method, door, remote, ...(credential !== undefined && { credential }), ...(workload && { workload }) };
  return { kind: "login.ok", principal: user.name, body };
}
