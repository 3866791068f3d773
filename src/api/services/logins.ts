/** Logging in, and what is shown of who it is. */
import type { Door } from "../../audit/events/identity.ts";
import type { Reply } from "../../contract/types.ts";
import type { FactorProof, StepUpOffer } from "../../identity/factors/factors.ts";
import type { ShownLink } from "../../identity/factors/links.ts";
import type { FactorSummary } from "../../identity/factors/model.ts";
import type { CreationOptions, RequestOptions } from "../../identity/factors/passkeys.ts";
import type { AssertionAnswer, RegistrationAnswer } from "../../identity/factors/webauthn.ts";
import type { PeerCertificate } from "../../identity/authenticator.ts";
import type { Authenticated, LinkedIdentity } from "../../identity/model.ts";
import type { WorkloadProof } from "../../identity/workload/workload.ts";
import type { FactorId, PrincipalName, TokenId } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { ShownFactor } from "../../kernel/step-up.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import type { Administrator } from "./access.ts";

export interface LoginContext {
  readonly door: Door;
  readonly remote: string;
  /** What the peer has shown in TLS, where somebody asks. */
  readonly certificate?: () => PeerCertificate | undefined;
}

/** IdentityService, as far as the door of the API needs it. */
export interface TokenGuard {
  authenticateToken(token: string, context: LoginContext): Promise<Authenticated | Denial>;
  /** What a login may do: its owner's permissions now, cut down to its token's scopes. */
  effectivePermissions(authenticated: Authenticated): ReadonlySet<GatePermission>;
  /** What the login would have to show for a permission that its owner holds. */
  lacking(authenticated: Authenticated, permission: GatePermission): Denial | undefined;
}

export interface LoginService extends TokenGuard {
  login(
    user: string,
    password: Secret,
    context: LoginContext,
    options: { ttlMs?: number },
  ): Promise<{ authenticated: Authenticated; token: Secret; expiresAt: number } | Denial>;
  createHandover(by: Authenticated): Promise<{ code: Secret; expiresInMs: number } | Denial>;
  redeemHandover(code: Secret, context: LoginContext): Promise<{ user: PrincipalName; token: Secret; expiresAt: number } | Denial>;
  loginByPasskey(
    answer: AssertionAnswer,
    context: LoginContext,
  ): Promise<{ authenticated: Authenticated; token: Secret; expiresAt: number } | Denial>;
  loginByWorkload(
    claimed: string,
    proof: WorkloadProof,
    context: LoginContext,
  ): Promise<{ authenticated: Authenticated; token: Secret; expiresAt: number } | Denial>;
  logout(token: TokenId): Promise<unknown>;
  setupPending(): boolean;
  setup(secret: Secret, draft: { owner: string; password?: Secret; publicKey?: string }, context: LoginContext): Promise<unknown>;
  setPassword(actor: Authenticated, old: Secret, next: Secret, context: LoginContext): Promise<unknown>;
  completeReset(user: string, secret: Secret, password: Secret, context: LoginContext): Promise<unknown>;
}

/** One's own second factors; `Factors` of identity/, which says what each method does and demands. */
export interface FactorService {
  list(user: PrincipalName): Promise<readonly FactorSummary[]>;
  startPasskey(by: Authenticated): Promise<CreationOptions | Denial>;
  finishPasskey(by: Authenticated, name: string, answer: RegistrationAnswer, context: LoginContext): Promise<FactorSummary | Denial>;
  startTotp(by: Authenticated): Promise<{ readonly secret: Secret; readonly uri: Secret } | Denial>;
  confirmTotp(by: Authenticated, name: string, code: string, context: LoginContext): Promise<FactorSummary | Denial>;
  makeRecoveryCodes(by: Authenticated): Promise<readonly Secret[] | Denial>;
  rename(by: Authenticated, id: FactorId, name: string): Promise<FactorSummary | Denial>;
  remove(by: Authenticated, id: FactorId): Promise<FactorSummary | Denial>;
  reset(actor: Administrator, user: PrincipalName): Promise<{ readonly code: Secret; readonly expiresAt: number } | Denial>;
  startStepUp(by: Authenticated): Promise<StepUpOffer | Denial>;
  /** A page on which a passkey counts for this login. */
  openPage(by: Authenticated): Promise<{ readonly url: string } | Denial>;
  findLink(page: string): Promise<ShownLink | Denial>;
  finishLink(page: string, answer: AssertionAnswer, context: LoginContext): Promise<PrincipalName | Denial>;
  finishStepUp(by: Authenticated, proof: FactorProof, context: LoginContext): Promise<readonly ShownFactor[] | Denial>;
  startLogin(): RequestOptions | Denial;
}

/** Where to go to log in; `browser` is for a cookie of the browser that began. */
export interface BegunLogin {
  readonly url: string;
  readonly expiresAt: number;
  readonly browser?: Secret;
}

export interface MadeLogin {
  readonly user: { readonly name: PrincipalName };
  readonly token: Secret;
  readonly expiresAt: number;
}

export interface DeviceAsked {
  readonly userCode: string;
  readonly remote: string;
  readonly startedAt: number;
}

/** IdentityProviders. */
export interface ProviderService {
  list(): readonly { readonly name: string; readonly kind: "oidc" | "github" }[];
  describe(): Reply<"providers.list">["providers"];
  beginConsole(provider: string, returnTo: string): Promise<BegunLogin | Denial>;
  beginLink(by: Authenticated, provider: string, returnTo: string): Promise<BegunLogin | Denial>;
  beginProgram(provider: string, to: { port: number; state: string; challenge: string }): Promise<BegunLogin | Denial>;
  /** `browser`: the cookie that the browser came with. Where it goes on, whatever came of it. */
  finish(
    provider: string,
    query: URLSearchParams,
    browser: string | undefined,
    context: LoginContext,
  ): Promise<
    | { readonly kind: "console"; readonly login: MadeLogin; readonly location: string }
    | { readonly kind: "elsewhere"; readonly location: string }
  >;
  redeem(code: string, verifier: string, context: LoginContext): Promise<MadeLogin | Denial>;
  beginDevice(context: LoginContext): { deviceCode: string; userCode: string; expiresAt: number; intervalMs: number };
  pollDevice(
    deviceCode: string,
    context: LoginContext,
  ): Promise<
    | { readonly state: "waiting" | "slow-down"; readonly intervalMs: number }
    | { readonly state: "denied" | "expired" }
    | ({ readonly state: "done" } & MadeLogin)
  >;
  findDevice(by: Authenticated, code: string): DeviceAsked | Denial;
  decideDevice(by: Authenticated, code: string, approve: boolean): Promise<DeviceAsked | Denial>;
  receiveLogout(provider: string, token: string, context: LoginContext): Promise<Denial | undefined>;
  /** Logs `errand.started`. */
  test(
    provider: string,
    by: PrincipalName,
  ): Promise<{ redirectUri: string; steps: readonly { readonly check: string; readonly ok: boolean; readonly detail: string }[] }>;
  identitiesOf(user: PrincipalName): Promise<readonly LinkedIdentity[]>;
  link(actor: Administrator, user: PrincipalName, to: { provider: string; subject: string }): Promise<LinkedIdentity | Denial>;
  /** By the person; `isAdministrator`: may unlink anybody. */
  unlinkOwn(by: Authenticated, provider: string, isAdministrator: boolean): Promise<unknown>;
  unlink(actor: Administrator, user: PrincipalName, provider: string): Promise<unknown>;
}
