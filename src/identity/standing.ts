/**
 * Whether somebody who has proved who they are may come in, and still may later: what the identity provider says of them, or of
 * the person for whom an agent acts, and whether what they came with was taken away.
 */
import type { LoginMethod } from "../audit/events/identity.ts";
import { parseId, type PrincipalName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { refuseAlone } from "./agents.ts";
import type { Authenticated, Principal, Token } from "./model.ts";
import type { IdentityProviders } from "./oidc/identity-providers.ts";
import type { Directory, IdentityStore } from "./port.ts";
import type { WorkloadLogins } from "./workload/workload-logins.ts";

const CREDENTIAL_GONE = deny("locked", { detail: "the key, password or certificate that this session was opened with was removed" });

export interface StandingDeps {
  readonly store: IdentityStore;
  readonly directory: Directory;
  readonly holdings: { isOwner(name: PrincipalName): boolean };
  readonly providers: Pick<IdentityProviders, "freshen" | "refusalOf" | "refusalOfToken">;
  readonly workloads: Pick<WorkloadLogins, "refusalOf">;
}

export class Standing {
  readonly #deps: StandingDeps;

  constructor(deps: StandingDeps) {
    this.#deps = deps;
  }

  /** At a login by this. `by`: the token that what was shown was made with. The provider is asked first, where it was not of late. */
  async refuseLogin(method: LoginMethod, user: Parameters<Directory["principal"]>[0], by?: Pick<Token, "user" | "login">) {
    const { providers, directory } = this.#deps;
    await providers.freshen(user.name);
    if (by) return this.#ofToken(by) ?? (await this.#refuseAgent(directory.principal(user)));
    const own = method === "password" || method === "passkey";
    return (own ? this.#ofOwn(user.name) : providers.refusalOf(user.name)) ?? (await this.#refuseAgent(directory.principal(user)));
  }

  /** For checks long after the login. That what they came with has expired is no matter. */
  async refuseSince({ principal: { name, actsFor }, method, credential, access, login }: Authenticated): Promise<Denial | undefined> {
    const { store, providers } = this.#deps;
    const alone = actsFor && providers.refusalOf(actsFor.name);
    if (alone) return alone;
    if (method === "publickey") {
      const key = await store.findKey(credential);
      return key?.user === name ? providers.refusalOf(name) : CREDENTIAL_GONE;
    }
    // A certificate for databases is of a token, one for SSH may be of a login.
    const shown = method === "token" || access !== undefined ? parseId("tok", credential) : undefined;
    const tokens = await Promise.all([shown, login].flatMap((id) => (id === undefined ? [] : [store.findToken(id)])));
    if (tokens.some((token) => token === undefined || token.revokedAt !== undefined)) return CREDENTIAL_GONE;
    if (method === "password") return this.#ofOwn(name);
    const by = tokens.find((token) => token?.login !== undefined);
    return by ? this.#ofToken(by) : providers.refusalOf(name);
  }

  /**
   * By what the gate itself knows somebody by: who was put out at the provider does not come back by a password or passkey.
   * Owners do, so that somebody can when a provider is wrong or away.
   */
  #ofOwn(name: PrincipalName): Denial | undefined {
    return this.#deps.holdings.isOwner(name) ? undefined : this.#deps.providers.refusalOf(name);
  }

  #ofToken(token: Pick<Token, "user" | "login">): Denial | undefined {
    const changed = this.#deps.workloads.refusalOf(token);
    if (changed) return changed;
    const own = token.login !== undefined && token.login.provider === undefined;
    return own ? this.#ofOwn(token.user) : this.#deps.providers.refusalOfToken(token);
  }

  /** An agent is nobody without its person, whom a provider may have to vouch for. */
  async #refuseAgent(principal: Principal): Promise<Denial | undefined> {
    const { store, providers } = this.#deps;
    const { actsFor } = principal;
    if (actsFor) await providers.freshen(actsFor.name);
    return (await refuseAlone(principal, store)) ?? (actsFor && providers.refusalOf(actsFor.name));
  }
}
