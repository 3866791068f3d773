/**
 * GitHub: OAuth 2.0 without OpenID Connect. Who somebody is and in which organisations and teams, GitHub's API says,
 * with an access token that lasts until somebody takes it away. Groups are called `org` and `org/team`.
 *
 * GitHub sends no `iss` and no ID token: that each provider has a redirect address of its own, PKCE and `state` are what
 * stands against mix-up and injected codes.
 */
import * as z from "zod";
import { createHash } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";
import { isName } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { asProviderError } from "./failure.ts";
import type { FlowSecrets, LogoutNotice, Provider, ProviderSettings, ProviderStep, Told } from "./provider.ts";

const PAGE = 100;
/** Of each list: somebody in more teams is not let in by half of them. */
const MAX_PAGES = 20;

const tokenAnswer = z.object({ access_token: z.string().min(1).max(1024) });
const userAnswer = z.object({ id: z.number().int().positive(), login: z.string().min(1).max(64) });
const login = z.string().min(1).max(128);
const teamsAnswer = z.array(z.object({ slug: login, organization: z.object({ login }) }));
const orgsAnswer = z.array(z.object({ login }));

export class GitHubProvider implements Provider {
  readonly #settings: ProviderSettings;
  readonly #fetch = boundedFetch();

  constructor(settings: ProviderSettings) {
    this.#settings = settings;
  }

  async authorizationUrl(redirectUri: string, { state, verifier }: FlowSecrets): Promise<URL> {
    const url = new URL(`${this.#base()}/login/oauth/authorize`);
    url.search = new URLSearchParams({
      ...this.#settings.parameters,
      client_id: this.#settings.clientId,
      redirect_uri: redirectUri,
      scope: this.#settings.scopes.join(" "),
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }).toString();
    return url;
  }

  async finish(callback: URL, { state, verifier }: FlowSecrets): Promise<Told> {
    const query = callback.searchParams;
    const code = query.get("code");
    if (query.get("state") !== state) throw new GateError("provider-refused", "another state");
    if (query.has("error") || code === null) throw new GateError("provider-refused", "it sent no code");
    const redirectUri = `${callback.origin}${callback.pathname}`;
    const secret = (await this.#settings.clientSecret?.())?.reveal() ?? "";
    const body = new URLSearchParams({
      client_id: this.#settings.clientId,
      client_secret: secret,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const answer = await this.#json(`${this.#base()}/login/oauth/access_token`, { method: "POST", body }, "login");
    // It answers 200 with `error` in it.
    const parsed = tokenAnswer.safeParse(answer);
    if (!parsed.success) throw new GateError("provider-refused", "it did not take the code");
    return this.#told(new Secret(parsed.data.access_token), "login");
  }

  async again(keep: Secret, subject: string): Promise<Told> {
    const told = await this.#told(keep, "again");
    if (told.subject !== subject) throw new GateError("provider-ended", "it answered about somebody else");
    return told;
  }

  parseLogout(): Promise<LogoutNotice> {
    return Promise.reject(new GateError("not-supported", "GitHub tells of no logouts"));
  }

  async test(): Promise<readonly ProviderStep[]> {
    const url = `${this.#api()}/meta`;
    try {
      const response = await this.#fetch(url, { headers: HEADERS });
      return [{ check: "API", ok: response.ok, detail: `${url} answers ${response.status}` }];
    } catch (thrown) {
      return [{ check: "API", ok: false, detail: asProviderError(thrown, "discovery").message }];
    }
  }

  async #told(token: Secret, stage: "login" | "again"): Promise<Told> {
    const user = await this.#ask("/user", userAnswer, token, stage);
    const teams = await this.#pages("/user/teams", teamsAnswer, token, stage);
    const orgs = await this.#pages("/user/orgs", orgsAnswer, token, stage);
    return {
      // The number stays when somebody renames themselves and somebody else takes the name.
      subject: String(user.id),
      user: isName(user.login) ? user.login : undefined,
      groups: [...orgs.map(({ login: org }) => org), ...teams.map(({ slug, organization }) => `${organization.login}/${slug}`)],
      factors: [],
      keep: token,
    };
  }

  async #pages<T>(path: string, schema: z.ZodType<T[]>, token: Secret, stage: "login" | "again"): Promise<readonly T[]> {
    const found: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page++) {
      const part = await this.#ask(`${path}?per_page=${PAGE}&page=${page}`, schema, token, stage);
      found.push(...part);
      if (part.length < PAGE) return found;
    }
    throw new GateError("provider-refused", "it names too many groups");
  }

  async #ask<T>(path: string, schema: z.ZodType<T>, token: Secret, stage: "login" | "again"): Promise<T> {
    const headers = { authorization: `Bearer ${token.reveal()}`, "x-github-api-version": "2022-11-28" };
    const parsed = schema.safeParse(await this.#json(`${this.#api()}${path}`, { headers }, stage));
    if (!parsed.success) throw new GateError("provider-unreachable", "its answer has another form");
    return parsed.data;
  }

  async #json(
    url: string,
    init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> },
    stage: "login" | "again",
  ): Promise<unknown> {
    try {
      const response = await this.#fetch(url, { ...init, headers: { ...HEADERS, ...init.headers } });
      // 401: the token was taken away, or its bearer is suspended. 403 and 429 are also what too many questions get.
      if (response.status === 401) throw new GateError(stage === "again" ? "provider-ended" : "provider-refused", "it refuses its token");
      if (!response.ok) throw new GateError("provider-unreachable", `it answers ${response.status}`);
      return await response.json();
    } catch (thrown) {
      if (thrown instanceof GateError) throw thrown;
      throw new GateError("provider-unreachable", undefined, { cause: thrown });
    }
  }

  #base(): string {
    return this.#settings.issuer.replace(/\/+$/, "");
  }

  /** github.com has its API at a host of its own, GitHub Enterprise under a path. */
  #api(): string {
    return this.#base() === "https://github.com" ? "https://api.github.com" : `${this.#base()}/api/v3`;
  }
}

const HEADERS = { accept: "application/json", "user-agent": "sallyport" };
