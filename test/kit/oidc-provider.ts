/**
 * `oidc-provider` run for real on a loopback port: accounts whose groups and state a test changes, refresh tokens,
 * back-channel logout, and a page to sign in by typing a name, for browsers of both kinds.
 */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import Provider from "oidc-provider";

export interface Account {
  groups: unknown;
  /** As the provider calls them; by default the account's own name. */
  name?: string;
  email?: string;
  emailVerified?: boolean;
  disabled?: boolean;
  amr?: readonly string[];
}

export interface OidcProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By subject. A test changes what is in it. */
  readonly accounts: Map<string, Account>;
  /** Everything asked of it, as `POST /token`. */
  readonly asked: string[];
  /** Before each answer. */
  delayMs: number;
  /** While true every connection is closed unanswered. */
  away: boolean;
  /** What the next answers of a path are instead of its own. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Private key that signs its tokens, and its id: for tokens that are nearly right. */
  readonly signing: { readonly privateKey: object; readonly kid: string };
  /** Tells the client that a session of somebody's is over, as this provider would. */
  logOut(subject: string, sid: string, uri: string): Promise<void>;
}

const KID = "test-key";

export async function startOidcProvider(options: {
  redirectUris: readonly string[];
  logoutUri?: string;
  clientId?: string;
  accounts?: Record<string, Account>;
  /** Puts groups and name into the ID token and not only into what `userinfo` answers. */
  claimsInIdToken?: boolean;
  /** Whether it gives refresh tokens, or only as its specification has it: for `offline_access` and consent. */
  refreshTokens?: "always" | "by-specification";
}): Promise<OidcProvider> {
  const clientId = options.clientId ?? "sallyport";
  const clientSecret = "a secret between the gate and its provider";
  const accounts = new Map(Object.entries(options.accounts ?? {}));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: options.redirectUris,
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token"],
        ...(options.logoutUri !== undefined && { backchannel_logout_uri: options.logoutUri, backchannel_logout_session_required: true }),
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: KID, use: "sig", alg: "RS256" }] },
    cookies: { keys: ["a key of the test"] },
    claims: { openid: ["sub", "amr", "auth_time"], profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
    scopes: ["openid", "profile", "email", "offline_access"],
    conformIdTokenClaims: options.claimsInIdToken !== true,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, revocation: { enabled: true } },
    ...(options.refreshTokens !== "by-specification" && {
      issueRefreshToken: () => true,
      expiresWithSession: () => false,
    }),
    rotateRefreshToken: true,
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, subject: string) => {
      const account = accounts.get(subject);
      if (account === undefined || account.disabled === true) return undefined;
      const { groups, name = subject, email, emailVerified = true, amr } = account;
      const address = email === undefined ? {} : { email, email_verified: emailVerified };
      return {
        accountId: subject,
        claims: () => ({
          sub: subject,
          preferred_username: name,
          groups,
          ...address,
          ...(amr && { amr, auth_time: Math.floor(Date.now() / 1000) }),
        }),
      };
    },
    // Nobody is asked whether they agree.
    loadExistingGrant: async (context: { oidc: { client: { clientId: string }; session: { accountId: string }; provider: Provider } }) => {
      const { client, session, provider: own } = context.oidc;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid profile email offline_access");
      await grant.save();
      return grant;
    },
    // It fetches only from the world; the gate is on loopback here.
    fetch: (url: string | URL, { method = "GET", headers = {}, body }: RequestInit) =>
      fetch(url, { method, headers, redirect: "manual", ...(body != null && { body }) }),
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
  const answer = provider.callback();
  const asked: string[] = [];
  const kit = { delayMs: 0, away: false };
  const instead: OidcProvider["instead"] = new Map();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    asked.push(`${request.method} ${path}`);
    if (kit.away) return void request.socket.destroy();
    if (kit.delayMs > 0) await wait(kit.delayMs);
    const other = instead.get(path);
    if (other) return other(request, response);
    if (path.startsWith("/interaction/")) return interact(provider, accounts, request, response);
    return answer(request, response);
  };
  server.on("request", (request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return Object.assign(kit, {
    issuer,
    clientId,
    clientSecret,
    accounts,
    asked,
    instead,
    signing: { privateKey, kid: KID },
    logOut: async (subject: string, sid: string, uri: string) => {
      const client = await provider.Client.find(clientId);
      if (client) client.backchannelLogoutUri = uri;
      await client?.backchannelLogout(subject, sid);
    },
    [Symbol.asyncDispose]: () => close(server),
  });
}

/** A page with one field; whoever types a name is signed in as that. */
async function interact(provider: Provider, accounts: ReadonlyMap<string, Account>, request: IncomingMessage, response: ServerResponse) {
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(
      `<!doctype html><title>Sign in</title><form method="post"><label>Account <input name="account" autofocus></label><button>Sign in</button></form>`,
    );
    return;
  }
  let body = "";
  for await (const part of request) body += String(part);
  const accountId = new URLSearchParams(body).get("account") ?? "";
  const { amr } = accounts.get(accountId) ?? {};
  const login = { accountId, remember: true, ...(amr && { amr: [...amr] }) };
  await provider.interactionFinished(
    request,
    response,
    accounts.get(accountId)?.disabled === true || !accounts.has(accountId) ? { error: "access_denied" } : { login, consent: {} },
  );
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}
