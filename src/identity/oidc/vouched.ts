/**
 * Whom the providers vouch for at this moment, and in which groups: in memory, so that every decision can ask.
 *
 * Invariant, fails closed: somebody with identities whom no provider vouches for comes in by nothing: no key, certificate,
 * token, password or passkey. Owners do, by a password or passkey of the gate's own (service.ts).
 */
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { ourGroups } from "./claims.ts";

/** How long a provider that cannot be reached is believed what it said last. */
export const LAST_KNOWN_MS = 8 * 3_600_000;

export interface Vouch {
  readonly user: PrincipalName;
  readonly provider: string;
  readonly subject: string;
  /** By the provider's names. */
  groups: readonly string[];
  /** When the provider said so, by elapsed time. */
  toldAt: number;
  /** When it is asked again, by elapsed time. */
  nextAt: number;
  /** Why the provider does not vouch for them any more. */
  ended?: string;
  /** Announced already that it was not heard from for too long. */
  lapsed?: boolean;
  asking?: Promise<void>;
}

interface Mapping {
  readonly groups: Readonly<Record<string, string>>;
}

export class Vouched {
  readonly #providers: () => ReadonlyMap<string, Mapping>;
  readonly #clock: Clock;
  readonly #of = new Map<PrincipalName, Vouch[]>();

  /** `providers`: those of the configuration in force. */
  constructor(providers: () => ReadonlyMap<string, Mapping>, clock: Clock) {
    this.#providers = providers;
    this.#clock = clock;
  }

  all(): readonly Vouch[] {
    return [...this.#of.values()].flat();
  }

  find(user: PrincipalName, provider: string): Vouch | undefined {
    return this.#of.get(user)?.find((each) => each.provider === provider);
  }

  of(user: PrincipalName): readonly Vouch[] {
    return this.#of.get(user) ?? [];
  }

  put(vouch: Vouch): void {
    this.remove(vouch.user, vouch.provider);
    this.#of.set(vouch.user, [...this.of(vouch.user), vouch]);
  }

  remove(user: PrincipalName, provider: string): void {
    const rest = this.of(user).filter((each) => each.provider !== provider);
    if (rest.length === 0) this.#of.delete(user);
    else this.#of.set(user, rest);
  }

  /** Groups here, from every provider that vouches for them. */
  groupsOf(user: PrincipalName): readonly string[] {
    return [...new Set(this.of(user).flatMap((vouch) => this.groupsBy(vouch)))];
  }

  groupsBy(vouch: Vouch): readonly string[] {
    const provider = this.#providers().get(vouch.provider);
    return provider === undefined || this.#refusal(vouch) !== undefined ? [] : ourGroups(vouch.groups, provider.groups);
  }

  /** Who is in which group by a provider. */
  members(): ReadonlyMap<string, readonly PrincipalName[]> {
    const members = new Map<string, PrincipalName[]>();
    for (const user of this.#of.keys()) {
      for (const group of this.groupsOf(user)) members.set(group, [...(members.get(group) ?? []), user]);
    }
    return members;
  }

  /** `undefined`: nobody of elsewhere stands behind them, or somebody still does. */
  refusalOf(user: PrincipalName): Denial | undefined {
    const refusals = this.of(user).map((vouch) => this.#refusal(vouch));
    return refusals.includes(undefined) ? undefined : refusals[0];
  }

  /** For what came by this provider alone. */
  refusalBy(user: PrincipalName, provider: string): Denial | undefined {
    const vouch = this.find(user, provider);
    return vouch === undefined ? deny("provider-ended", { detail: `not by "${provider}"` }) : this.#refusal(vouch);
  }

  isLapsed({ toldAt }: Vouch): boolean {
    return this.#clock.elapsed() - toldAt >= LAST_KNOWN_MS;
  }

  #refusal(vouch: Vouch): Denial | undefined {
    const { provider, ended } = vouch;
    if (!this.#providers().has(provider)) return deny("provider-ended", { detail: `"${provider}" is no provider of this gate any more` });
    if (ended !== undefined) return deny("provider-ended", { detail: `"${provider}": ${ended}` });
    return this.isLapsed(vouch) ? deny("provider-unreachable", { detail: `"${provider}", for too long` }) : undefined;
  }
}
