/** A provider that speaks OpenID Connect, by `openid-client`: discovery, code + PKCE, ID tokens whose signature is always checked, refreshing. */
import * as oidc from "openid-client";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { Secret } from "../../kernel/secret.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { factorsOf, findClaim, groupsOf, requireSubject, userNameOf, type Claims } from "./claims.ts";
import { asProviderError } from "./failure.ts";
import { parseLogoutToken } from "./logout-token.ts";
import { publishedKeys } from "./published-keys.ts";
import type { FlowSecrets, LogoutNotice, Provider, ProviderSettings, ProviderStep, Told } from "./provider.ts";

/** What a provider says of itself is read again after this; its keys as soon as one is unknown. */
const DISCOVERY_MS = 3_600_000;
/** How far the provider's clock may be from ours. */
export const SKEW_SECONDS = 30;

export class OpenIdProvider implements Provider {
  readonly #settings: ProviderSettings;
  readonly #clock: Clock;
  #published: { readonly address: string; readonly keys: ReturnType<typeof publishedKeys> } | undefined;
  #opened: { readonly configuration: Promise<oidc.Configuration>; readonly at: number } | undefined;

  constructor(settings: ProviderSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  async authorizationUrl(redirectUri: string, { state, nonce, verifier }: FlowSecrets): Promise<URL> {
    const configuration = await this.#configuration();
    return oidc.buildAuthorizationUrl(configuration, {
      ...this.#settings.parameters,
      redirect_uri: redirectUri,
      scope: this.#settings.scopes.join(" "),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
  }

  async finish(callback: URL, { state, nonce, verifier }: FlowSecrets): Promise<Told> {
    const configuration = await this.#configuration();
    try {
      // Looks at `iss` (RFC 9207), state, the ID token's signature, issuer, audience, times and nonce.
      const answer = await oidc.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = answer.claims();
      if (claims === undefined) throw new GateError("provider-refused", "it sent no ID token");
      return this.#told(await this.#withUserInfo(configuration, claims, answer.access_token, "missing"), answer.refresh_token);
    } catch (thrown) {
      throw asProviderError(thrown, "login");
    }
  }

  async again(keep: Secret, subject: string): Promise<Told> {
    const configuration = await this.#configuration();
    try {
      const answer = await oidc.refreshTokenGrant(configuration, keep.reveal());
      const claims: Claims = answer.claims() ?? { sub: subject };
      if (claims["sub"] !== subject) throw new GateError("provider-ended", "it answered about somebody else");
      // The ID token may be the first one again: what is asked for now says what is so now.
      const now = await this.#withUserInfo(configuration, claims, answer.access_token, "always");
      return this.#told(now, answer.refresh_token ?? keep.reveal());
    } catch (thrown) {
      throw asProviderError(thrown, "again");
    }
  }

  async parseLogout(token: string): Promise<LogoutNotice> {
    const configuration = await this.#configuration();
    const { jwks_uri: address, issuer } = configuration.serverMetadata();
    if (address === undefined) throw new GateError("provider-refused", "it publishes no keys");
    if (this.#published?.address !== address) this.#published = { address, keys: publishedKeys(address) };
    return parseLogoutToken(token, { keys: this.#published.keys, issuer, clientId: this.#settings.clientId, now: this.#clock.now() });
  }

  async test(): Promise<readonly ProviderStep[]> {
    // With what the provider says now, not what it said an hour ago.
    this.#opened = undefined;
    const { testOpenIdProvider } = await import("./test-openid.ts");
    return testOpenIdProvider(this.#settings, () => this.#configuration(), this.#clock);
  }

  /** Discovery, once for many; a failure is not kept. */
  async #configuration(): Promise<oidc.Configuration> {
    const now = this.#clock.elapsed();
    if (this.#opened === undefined || now - this.#opened.at >= DISCOVERY_MS) {
      this.#opened = { configuration: this.#discover(), at: now };
    }
    const opened = this.#opened;
    try {
      return await opened.configuration;
    } catch (thrown) {
      if (this.#opened === opened) this.#opened = undefined;
      throw asProviderError(thrown, "discovery");
    }
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const secret = (await clientSecret?.())?.reveal();
    const server = new URL(issuer);
    return oidc.discovery(server, clientId, { [oidc.clockTolerance]: SKEW_SECONDS }, clientAuthentication(secret), {
      [oidc.customFetch]: boundedFetch() as oidc.CustomFetch,
      // Fails closed: TLS alone does not make an ID token genuine here.
      execute: [oidc.enableNonRepudiationChecks, ...(server.protocol === "http:" ? [oidc.allowInsecureRequests] : [])],
    });
  }

  async #withUserInfo(configuration: oidc.Configuration, claims: Claims, accessToken: string, when: "missing" | "always"): Promise<Claims> {
    const { user, groups } = this.#settings.claims;
    const isComplete = [user, groups].every((name) => findClaim(claims, name) !== undefined);
    if (configuration.serverMetadata().userinfo_endpoint === undefined || (when === "missing" && isComplete)) return claims;
    const info = await oidc.fetchUserInfo(configuration, accessToken, requireSubject(claims));
    return when === "always" ? { ...claims, ...info } : { ...info, ...claims };
  }

  #told(claims: Claims, refreshToken: string | undefined): Told {
    const { claims: names, secondFactor } = this.#settings;
    const session = claims["sid"];
    return {
      subject: requireSubject(claims),
      user: userNameOf(claims, names),
      groups: groupsOf(claims, names),
      factors: factorsOf(claims, secondFactor),
      ...(typeof session === "string" && session.length <= 255 && { session }),
      ...(refreshToken !== undefined && { keep: new Secret(refreshToken) }),
    };
  }
}

/** As the provider's own description says; RFC 6749 §2.3.1's Basic where it says nothing. */
function clientAuthentication(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    (methods.includes("client_secret_basic") ? basic : post)(server, client, body, headers);
  };
}
