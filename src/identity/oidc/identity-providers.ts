/** Everything about identity providers, put together: what the service of identities and the API stand on. */
import type { AuditLog, Priority } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { Denial } from "../../kernel/result.ts";
import type { LoginRecord } from "../authenticator.ts";
import type { Changes } from "../changes.ts";
import { isDenial } from "../denial.ts";
import type { Authenticated, LinkedIdentity, Token, User } from "../model.ts";
import type { IdentityStore, SecretStore } from "../port.ts";
import type { Serial } from "../serial.ts";
import type { TokenIssuer } from "../token-issuer.ts";
import type { Actor, Users } from "../users.ts";
import { Backchannel } from "./backchannel.ts";
import { DeviceLogins } from "./device-logins.ts";
import { KeptTokens } from "./kept.ts";
import { Links } from "./links.ts";
import { ProviderLogins } from "./provider-logins.ts";
import type { ProviderSettings, ProviderStep } from "./provider.ts";
import { Providers, type ProviderHealth } from "./providers.ts";
import type { Vouched } from "./vouched.ts";
import { ProviderWatch } from "./watch.ts";

/** What of it comes from outside identity/. */
export interface ProviderPorts {
  /** Of the configuration in force; an entry is the same object for as long as it does not change. */
  readonly settings: () => ReadonlyMap<string, ProviderSettings>;
  readonly vouched: Vouched;
  /** How browsers reach the gate, without a slash at its end. */
  readonly publicUrl: () => string;
  /** Whether the configuration speaks of somebody by this name. */
  readonly isNamed: (name: string) => boolean;
  /** Has a session that runs, however it was opened. */
  readonly isLive: (user: PrincipalName) => boolean;
  readonly onFault: (error: unknown) => void;
}

export interface ProviderDeps extends ProviderPorts {
  readonly store: IdentityStore;
  readonly secrets: SecretStore;
  readonly users: Users;
  readonly tokens: TokenIssuer;
  readonly record: LoginRecord;
  readonly log: Pick<AuditLog, "append">;
  readonly changes: Changes;
  readonly serial: Serial;
  /** Whether the login is too old, or has shown too little, to change by what its person comes in. */
  readonly refuseChange: (by: Authenticated, what: string) => Promise<Denial | undefined>;
  readonly priorityOf: (user: User) => Promise<Priority>;
  readonly clock: Clock;
  readonly random: Random;
}

export class IdentityProviders {
  readonly #vouched: Vouched;
  readonly #kept: KeptTokens;
  readonly #links: Links;
  readonly #providers: Providers;
  readonly #watch: ProviderWatch;
  readonly #changes: Changes;
  readonly #refuseChange: ProviderDeps["refuseChange"];
  readonly logins: ProviderLogins;
  readonly devices: DeviceLogins;
  readonly backchannel: Backchannel;

  constructor(deps: ProviderDeps) {
    const providers = new Providers(deps.settings, deps.clock);
    const links = new Links(deps);
    const kept = new KeptTokens(deps.secrets);
    const watch = new ProviderWatch({ ...deps, kept, providers, links });
    this.#vouched = deps.vouched;
    this.#changes = deps.changes;
    this.#refuseChange = deps.refuseChange;
    this.#kept = kept;
    this.#links = links;
    this.#providers = providers;
    this.#watch = watch;
    this.logins = new ProviderLogins({ ...deps, providers, links, watch });
    this.devices = new DeviceLogins(deps);
    this.backchannel = new Backchannel({ ...deps, providers, watch });
  }

  /** What providers said before the gate stopped. */
  load(): Promise<void> {
    return this.#watch.load();
  }

  /** Every second. */
  tick(): Promise<void> {
    return this.#watch.tick();
  }

  list(): readonly { readonly name: string; readonly kind: ProviderSettings["kind"] }[] {
    return this.#providers.list().map(({ name, kind }) => ({ name, kind }));
  }

  settings(): readonly ProviderSettings[] {
    return this.#providers.list();
  }

  health(): readonly ProviderHealth[] {
    return this.#providers.health();
  }

  test(name: string): Promise<readonly ProviderStep[]> {
    return this.#providers.use(name, (provider) => provider.test());
  }

  /** A provider is asked about them first where it was not for too long. */
  freshen(user: PrincipalName): Promise<void> {
    return this.#watch.freshen(user);
  }

  /** For keys, certificates and what tokens stand on them: whether a provider still stands behind their bearer. */
  refusalOf(user: PrincipalName): Denial | undefined {
    return this.#vouched.refusalOf(user);
  }

  /** A login that a provider proved is good while that provider vouches. */
  refusalOfToken({ user, login }: Pick<Token, "user" | "login">): Denial | undefined {
    return login?.provider === undefined ? this.#vouched.refusalOf(user) : this.#vouched.refusalBy(user, login.provider);
  }

  /** By an administrator, who knows the subject. They are vouched for at their first login by it. */
  async link(actor: Actor, user: PrincipalName, to: { provider: string; subject: string }): Promise<LinkedIdentity | Denial> {
    const linked = await this.#links.link(actor, user, to, "administrator");
    if (isDenial(linked)) return linked;
    const { subject, linkedAt } = linked.identities?.find(({ provider }) => provider === to.provider) ?? { ...to, linkedAt: 0 };
    return { provider: to.provider, subject, linkedAt };
  }

  /**
   * By the person. While the provider does not vouch for them the link stays: it is what keeps out the keys and tokens that
   * the provider stood behind. `isAdministrator`: may unlink anybody.
   */
  async unlinkOwn(by: Authenticated, provider: string, isAdministrator: boolean): Promise<LinkedIdentity | Denial> {
    const { name } = by.principal;
    const refused = await this.#refuseChange(by, "unlinking an identity");
    if (refused) return refused;
    const ended = this.#vouched.find(name, provider) && this.#vouched.refusalBy(name, provider);
    if (ended && !isAdministrator) return ended;
    return this.unlink({ name, ...(by.scopes && { scopes: by.scopes }) }, name, provider);
  }

  /** What came by it ends: logins, groups, and the sessions these carried. */
  async unlink(actor: Actor, user: PrincipalName, provider: string): Promise<LinkedIdentity | Denial> {
    const identity = await this.#links.unlink(actor, user, provider);
    if (isDenial(identity)) return identity;
    this.#vouched.remove(user, provider);
    this.#changes.announce({ user, what: "groups-changed" });
    await this.#watch.endLogins(user, provider, "unlinked");
    await this.#kept.remove(user, provider);
    return identity;
  }
}
