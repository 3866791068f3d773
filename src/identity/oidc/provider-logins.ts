/**
 * Logging in by an identity provider, from the first click to the token.
 *
 *   console: begin → the provider → callback (same browser, once) → token
 *   program: begin → the provider → callback → loopback address with a code → redeem (with the verifier) → token
 *   link:    begin, logged in → the provider → callback (same browser, still logged in) → the identity is that user's
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { Priority } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { asGateError } from "../../kernel/errors.ts";
import { parseId, type TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import { loginOk, type LoginContext, type LoginRecord } from "../authenticator.ts";
import { isDenial } from "../denial.ts";
import type { Authenticated, User } from "../model.ts";
import type { IdentityStore } from "../port.ts";
import { LOGIN_TTL_MS, type TokenIssuer } from "../token-issuer.ts";
import { Flows, FLOW_MS, isSameBrowser, provesChallenge, type Beginner, type Flow } from "./flows.ts";
import type { Links } from "./links.ts";
import { OneTime } from "./one-time.ts";
import type { ProviderSettings, Told } from "./provider.ts";
import type { Providers } from "./providers.ts";
import { parseReturnPath } from "./return-path.ts";
import type { ProviderWatch } from "./watch.ts";

/** From the callback to the program that began it, on the same machine. */
const CODE_MS = 60_000;
const MOST_CODES = 1_024;

export interface Begun {
  /** Where to go now. */
  readonly url: string;
  /** For a cookie of this browser. */
  readonly browser?: Secret;
  readonly expiresAt: number;
}

export interface MadeLogin {
  readonly user: User;
  readonly token: Secret;
  readonly id: TokenId;
  readonly expiresAt: number;
}

/** What the browser is told when the provider has sent it back. */
export type Finished =
  | { readonly kind: "console"; readonly login: MadeLogin; readonly location: string }
  | { readonly kind: "elsewhere"; readonly location: string };

/** Somebody who has proven themselves and has no token yet. */
interface Proven {
  readonly user: User;
  readonly told: Told;
  readonly provider: string;
  readonly challenge: string;
}

export interface ProviderLoginDeps {
  readonly store: IdentityStore;
  readonly providers: Providers;
  readonly links: Links;
  readonly watch: ProviderWatch;
  readonly tokens: TokenIssuer;
  readonly record: LoginRecord;
  /** Whether the login is too old, or has shown too little, to change by what its person comes in. */
  readonly refuseChange: (by: Authenticated, what: string) => Promise<Denial | undefined>;
  readonly priorityOf: (user: User) => Promise<Priority>;
  /** How browsers reach the gate, without a slash at its end. */
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly random: Random;
}

export class ProviderLogins {
  readonly #deps: ProviderLoginDeps;
  readonly #flows: Flows;
  readonly #codes: OneTime<Proven>;

  constructor(deps: ProviderLoginDeps) {
    this.#deps = deps;
    this.#flows = new Flows(deps);
    this.#codes = new OneTime(deps, { ttlMs: CODE_MS, most: MOST_CODES });
  }

  /** One address for each provider: an answer that comes to another's is no answer (RFC 9700 §4.4.2). */
  redirectUri(provider: string): string {
    return `${this.#deps.publicUrl()}/v1/login/callback/${provider}`;
  }

  async beginConsole(provider: string, returnTo: string): Promise<Begun | Denial> {
    const path = parseReturnPath(returnTo);
    if (path === undefined) return deny("bad-request", { detail: "`returnTo` is no page of the console" });
    const browser = this.#flows.newBrowser();
    const begun = await this.#begin(provider, { kind: "console", browser: browser.hash, returnTo: path });
    return isDenial(begun) ? begun : { ...begun, browser: browser.secret };
  }

  async beginLink(by: Authenticated, provider: string, returnTo: string): Promise<Begun | Denial> {
    const path = parseReturnPath(returnTo);
    if (path === undefined) return deny("bad-request", { detail: "`returnTo` is no page of the console" });
    const token = parseId("tok", by.credential);
    if (token === undefined || by.login === undefined)
      return deny("not-permitted", { detail: "this needs a login", next: "sallyport login" });
    const refused = await this.#deps.refuseChange(by, "linking an identity");
    if (refused) return refused;
    const browser = this.#flows.newBrowser();
    const link = { kind: "link", browser: browser.hash, returnTo: path, user: by.principal.name, token } as const;
    const begun = await this.#begin(provider, link);
    return isDenial(begun) ? begun : { ...begun, browser: browser.secret };
  }

  beginProgram(provider: string, { port, state, challenge }: { port: number; state: string; challenge: string }): Promise<Begun | Denial> {
    return this.#begin(provider, { kind: "program", port, state, challenge });
  }

  async #begin(provider: string, beginner: Beginner): Promise<Begun | Denial> {
    try {
      const flow = this.#flows.begin(provider, beginner);
      const url = await this.#deps.providers.use(provider, (each) => each.authorizationUrl(this.redirectUri(provider), flow));
      return { url: url.href, expiresAt: this.#deps.clock.now() + FLOW_MS };
    } catch (thrown) {
      return this.#denial(thrown);
    }
  }

  /** Untrusted: the query, as the browser brought it. `browser`: the cookie it came with. */
  async finish(provider: string, query: URLSearchParams, browser: string | undefined, context: LoginContext): Promise<Finished> {
    const flow = this.#flows.take(query.get("state") ?? "");
    if (flow === undefined) return this.#failed(undefined, deny("login-lapsed"), "no such login is under way", context);
    const { beginner } = flow;
    if (flow.provider !== provider)
      return this.#failed(flow, deny("login-lapsed"), "the answer came to another provider's address", context);
    if (beginner.kind !== "program" && !isSameBrowser(beginner, browser)) {
      return this.#failed(flow, deny("login-lapsed"), "another browser began it", context);
    }
    const told = await this.#ask(flow, query);
    if ("denial" in told) return this.#failed(flow, told.denial, told.reason, context);
    return beginner.kind === "link" ? this.#link(flow, beginner, told, context) : this.#logIn(flow, beginner, told, context);
  }

  async #ask(flow: Flow, query: URLSearchParams): Promise<(Told & { settings: ProviderSettings }) | { denial: Denial; reason: string }> {
    try {
      const callback = new URL(`${this.redirectUri(flow.provider)}?${query.toString()}`);
      return await this.#deps.providers.use(flow.provider, async (provider, settings) => {
        const told = await provider.finish(callback, flow);
        // Fails closed: whom nobody can ask about again would keep what they have for as long as they like.
        if (told.keep === undefined) return { denial: deny("provider-refused", { detail: NO_REFRESH }), reason: NO_REFRESH };
        return { ...told, settings };
      });
    } catch (thrown) {
      const denial = this.#denial(thrown);
      // What exactly did not convince is for the log.
      const { detail, ...shown } = denial;
      return { denial: shown, reason: `${denial.code}: ${detail ?? ""}` };
    }
  }

  async #logIn(
    flow: Flow,
    beginner: Exclude<Beginner, { kind: "link" }>,
    { settings, ...told }: Told & { settings: ProviderSettings },
    context: LoginContext,
  ): Promise<Finished> {
    const user = await this.#deps.links.userOf(settings, told);
    if ("reason" in user) return this.#failed(flow, deny("no-account"), user.reason, context);
    await this.#deps.watch.told(user, settings, told);
    if (beginner.kind === "program") {
      const code = this.#codes.put({ user, told, provider: settings.name, challenge: beginner.challenge });
      return { kind: "elsewhere", location: loopback(beginner, { code }) };
    }
    const login = await this.#make(user, settings.name, told, context);
    if (isDenial(login)) return this.#failed(flow, deny("no-account"), "disabled meanwhile", context);
    return { kind: "console", login, location: beginner.returnTo };
  }

  async #link(
    flow: Flow,
    { user, token, returnTo }: Extract<Beginner, { kind: "link" }>,
    { settings, ...told }: Told & { settings: ProviderSettings },
    context: LoginContext,
  ): Promise<Finished> {
    const login = await this.#deps.store.findToken(token);
    const isOver = login === undefined || login.revokedAt !== undefined || login.expiresAt <= this.#deps.clock.now();
    if (isOver) return this.#failed(flow, deny("login-lapsed"), "the login it began from is over", context);
    const linked = await this.#deps.links.link({ name: user }, user, { provider: settings.name, subject: told.subject }, "self");
    if (isDenial(linked)) return this.#failed(flow, linked, `not linked: ${linked.code}`, context);
    await this.#deps.watch.told(linked, settings, told);
    return { kind: "elsewhere", location: returnTo };
  }

  /** The program's half: what the callback sent to loopback, and the verifier that never left the program. */
  async redeem(code: string, verifier: string, context: LoginContext): Promise<MadeLogin | Denial> {
    // Taken before it is looked at: one try.
    const proven = this.#codes.take(code);
    if (proven === undefined || !provesChallenge(verifier, proven.challenge)) {
      const reason = proven === undefined ? "no such code" : "the code is another program's";
      this.#deps.record.failed({ method: "oidc", context, claimed: proven?.user.name, reason });
      return deny("login-lapsed");
    }
    return this.#make(proven.user, proven.provider, proven.told, context);
  }

  async #make(user: User, provider: string, { session, factors }: Told, context: LoginContext): Promise<MadeLogin | Denial> {
    const event = loginOk(user, "oidc", context);
    const ok: AuditEvent = { ...event, body: { ...event.body, provider } } as AuditEvent;
    const login = { method: "oidc", provider, remote: context.remote, factors, ...(session !== undefined && { session }) } as const;
    const made = await this.#deps.tokens.createLogin(user, { ttlMs: LOGIN_TTL_MS, ...login }, [ok], await this.#deps.priorityOf(user));
    if (isDenial(made)) return made;
    return { user, token: made.secret, id: made.token.id, expiresAt: made.token.expiresAt };
  }

  #failed(flow: Flow | undefined, denial: Denial, reason: string, context: LoginContext): Finished {
    this.#deps.record.failed({ method: "oidc", context, claimed: undefined, reason });
    const { code } = denial;
    if (flow?.beginner.kind === "program") return { kind: "elsewhere", location: loopback(flow.beginner, { error: code }) };
    if (flow?.beginner.kind === "link") return { kind: "elsewhere", location: withError(flow.beginner.returnTo, code) };
    const query = new URLSearchParams({ error: code, ...(flow && { provider: flow.provider, returnTo: flow.beginner.returnTo }) });
    return { kind: "elsewhere", location: `/login?${query.toString()}` };
  }

  #denial(thrown: unknown): Denial {
    const { code, detail } = asGateError(thrown);
    if (code === "internal") throw thrown;
    return deny(code, detail === undefined ? {} : { detail });
  }
}

const NO_REFRESH = "it gave nothing to ask about you again with: its settings need a refresh token (the scope `offline_access`)";

/** Somebody who is logged in stays so; the page they come back to says why nothing was linked. */
function withError(returnTo: string, code: string): string {
  const url = new URL(returnTo, "http://gate.invalid");
  url.searchParams.set("error", code);
  return url.pathname + url.search + url.hash;
}

/** RFC 8252 §7.3. Nothing in it but the port is the program's to choose. */
function loopback({ port, state }: Extract<Beginner, { kind: "program" }>, answer: Readonly<Record<string, string>>): string {
  return `http://127.0.0.1:${port}/?${new URLSearchParams({ ...answer, state }).toString()}`;
}
