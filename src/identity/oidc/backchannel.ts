/** OpenID Connect Back-Channel Logout 1.0: the provider tells that a session, or everything of somebody, is over. */
import type { Clock } from "../../kernel/clock.ts";
import { asGateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { LoginContext, LoginRecord } from "../authenticator.ts";
import type { IdentityStore } from "../port.ts";
import type { Providers } from "./providers.ts";
import type { LogoutNotice } from "./provider.ts";
import type { Vouched } from "./vouched.ts";
import type { ProviderWatch } from "./watch.ts";

/** Notices remembered against being sent again; a provider that sends more within two minutes waits. */
const MOST = 16_384;

export interface BackchannelDeps {
  readonly store: IdentityStore;
  readonly providers: Providers;
  readonly watch: ProviderWatch;
  readonly vouched: Vouched;
  readonly record: LoginRecord;
  readonly clock: Clock;
}

export class Backchannel {
  readonly #deps: BackchannelDeps;
  /** `provider jti` → until when. */
  readonly #seen = new Map<string, number>();

  constructor(deps: BackchannelDeps) {
    this.#deps = deps;
  }

  /** Untrusted: anybody may send one; its signature decides. Resolves when what it ends has ended. */
  async receive(provider: string, token: string, context: LoginContext): Promise<undefined | Denial> {
    try {
      const notice = await this.#deps.providers.use(provider, (each) => each.parseLogout(token));
      const refusal = this.#remember(provider, notice);
      if (refusal) return this.#refuse(provider, refusal, context);
      await this.#end(provider, notice);
      return undefined;
    } catch (thrown) {
      const { code, detail } = asGateError(thrown);
      if (code !== "provider-refused" && code !== "provider-unreachable" && code !== "not-found" && code !== "not-supported") throw thrown;
      return this.#refuse(provider, deny(code === "provider-refused" ? "bad-request" : code, { detail: detail ?? "" }), context);
    }
  }

  async #end(provider: string, { subject, session }: LogoutNotice): Promise<void> {
    const { watch, vouched, store } = this.#deps;
    for (const vouch of vouched.all()) {
      if (vouch.provider !== provider || (subject !== undefined && vouch.subject !== subject)) continue;
      // With a session named only that one is over: the same person may have another, in another browser.
      if (session === undefined) await watch.end(vouch, "the provider says that they logged out", "provider-logout");
      else if ((await store.listTokens(vouch.user)).some(({ login }) => login?.provider === provider && login.session === session)) {
        await watch.endLogins(vouch.user, provider, "provider-logout", ({ login }) => login?.session === session);
      }
    }
  }

  #remember(provider: string, { id, forgetAt }: LogoutNotice): Denial | undefined {
    const now = this.#deps.clock.now();
    for (const [key, until] of this.#seen) if (until <= now) this.#seen.delete(key);
    const key = `${provider} ${id}`;
    if (this.#seen.has(key)) return deny("bad-request", { detail: "it was sent before" });
    if (this.#seen.size >= MOST) return deny("rate-limited", { detail: "too many notices" });
    this.#seen.set(key, forgetAt);
    return undefined;
  }

  #refuse(provider: string, denial: Denial, context: LoginContext): Denial {
    const reason = `logout notice of "${provider.slice(0, 64)}": ${denial.detail ?? denial.code}`;
    this.#deps.record.failed({ method: "oidc", context, claimed: undefined, reason });
    return denial;
  }
}
