import type { Clock } from "../../kernel/clock.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { GitHubProvider } from "./github-provider.ts";
import { OpenIdProvider } from "./openid-provider.ts";
import type { Provider, ProviderSettings } from "./provider.ts";

export interface ProviderHealth {
  readonly name: string;
  /** Nobody was asked about yet: `undefined`. */
  readonly ok: boolean | undefined;
  readonly detail: string;
}

/** The providers of the configuration in force, each opened once for as long as its settings stay, and how they answer. */
export class Providers {
  readonly #settings: () => ReadonlyMap<string, ProviderSettings>;
  readonly #clock: Clock;
  readonly #opened = new Map<string, { readonly settings: ProviderSettings; readonly provider: Provider }>();
  readonly #troubles = new Map<string, { readonly since: number; readonly detail: string } | "none">();

  constructor(settings: () => ReadonlyMap<string, ProviderSettings>, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  list(): readonly ProviderSettings[] {
    return [...this.#settings().values()];
  }

  find(name: string): ProviderSettings | undefined {
    return this.#settings().get(name);
  }

  /** Throws what `work` throws; whether the provider answered is remembered. Throws `not-found` for a name nobody configured. */
  async use<T>(name: string, work: (provider: Provider, settings: ProviderSettings) => Promise<T>): Promise<T> {
    const settings = this.find(name);
    if (settings === undefined) throw new GateError("not-found", `identity provider "${name.slice(0, 64)}"`);
    try {
      const result = await work(this.#open(settings), settings);
      this.#troubles.set(name, "none");
      return result;
    } catch (thrown) {
      const { code, detail = "no answer" } = asGateError(thrown);
      if (code !== "provider-unreachable") this.#troubles.set(name, "none");
      else {
        const before = this.#troubles.get(name);
        const since = before === undefined || before === "none" ? this.#clock.now() : before.since;
        this.#troubles.set(name, { since, detail });
      }
      throw thrown;
    }
  }

  health(): readonly ProviderHealth[] {
    return this.list().map(({ name }) => {
      const trouble = this.#troubles.get(name);
      if (trouble === undefined) return { name, ok: undefined, detail: "not asked yet" };
      if (trouble === "none") return { name, ok: true, detail: "it answers" };
      const minutes = Math.floor((this.#clock.now() - trouble.since) / 60_000);
      return { name, ok: false, detail: `not reached for ${minutes} min: ${trouble.detail}` };
    });
  }

  #open(settings: ProviderSettings): Provider {
    const known = this.#opened.get(settings.name);
    if (known?.settings === settings) return known.provider;
    const provider = settings.kind === "oidc" ? new OpenIdProvider(settings, this.#clock) : new GitHubProvider(settings);
    this.#opened.set(settings.name, { settings, provider });
    return provider;
  }
}
