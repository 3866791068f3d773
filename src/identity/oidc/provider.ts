/**
 * People come by an identity provider: what a provider is to the gate, and what it says.
 *
 * Owns (this folder): flows with providers, what a provider told about whom, and ending what it no longer vouches for.
 * Never: takes an identity for a user because their names are alike; decides what somebody may do; shows a provider's
 * token to anybody.
 *
 * Invariants:
 * - Only (provider, subject) says who somebody is; it belongs to one user at most.
 * - A flow is used once, by the browser or program that began it, within minutes.
 * - What a provider does not say any more is gone. That it cannot be reached says nothing, for a while.
 * - Untrusted: whatever comes from a provider is parsed, bounded in size and in time.
 */
import type { Secret } from "../../kernel/secret.ts";
import type { ShownFactor } from "../model.ts";

/** As the configuration has it, with the secret at hand when it is needed. */
export interface ProviderSettings {
  readonly name: string;
  readonly kind: "oidc" | "github";
  /** Without a slash at its end, unless the provider's own documents have one. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: () => Promise<Secret>;
  readonly scopes: readonly string[];
  /** Further parameters of the authorization request, such as `access_type`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly claims: { readonly user: string; readonly groups: string; readonly domain?: string };
  /** Their group → ours; what is not in it means nothing here. */
  readonly groups: Readonly<Record<string, string>>;
  readonly create: boolean;
  /** What in `amr` and `acr` counts as a second factor. */
  readonly secondFactor: { readonly amr: readonly string[]; readonly acr: readonly string[] };
  readonly refreshMs: number;
}

/** What only the gate knows of a flow, and what ties the provider's answer to it. */
export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636 §4.1. */
  readonly verifier: string;
}

/** What a provider says of somebody at one moment. */
export interface Told {
  readonly subject: string;
  /** What they are called there; `undefined`: nothing that could be a name here. */
  readonly user: string | undefined;
  /** Their groups, by the provider's names. */
  readonly groups: readonly string[];
  readonly factors: readonly ShownFactor[];
  /** The provider's session (`sid`), by which it says later that it ended. */
  readonly session?: string;
  /** What asks again later; absent: the provider gave nothing for that. */
  readonly keep?: Secret;
}

/** A provider says: this session, or everything of this subject, is over. */
export interface LogoutNotice {
  readonly subject?: string;
  readonly session?: string;
  readonly id: string;
  /** Unix milliseconds from when it needs not be remembered. */
  readonly forgetAt: number;
}

/** One step of a test of the connection. */
export interface ProviderStep {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * Throws `provider-unreachable` where nothing was learned, `provider-refused` where the answer does not convince, and
 * `provider-ended` where the provider says that it does not vouch for somebody any more.
 */
export interface Provider {
  authorizationUrl(redirectUri: string, flow: FlowSecrets): Promise<URL>;
  /** `callback`: the redirect address with the query the browser brought. */
  finish(callback: URL, flow: FlowSecrets): Promise<Told>;
  again(keep: Secret, subject: string): Promise<Told>;
  /** Untrusted: OpenID Connect Back-Channel Logout 1.0 §2.6. */
  parseLogout(token: string): Promise<LogoutNotice>;
  test(): Promise<readonly ProviderStep[]>;
}
