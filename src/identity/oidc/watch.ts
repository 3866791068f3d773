/**
 * Everybody who lives on a provider's word is asked about again, at least every `refresh`: groups are read anew, and who
 * is not vouched for any more is put out. That a provider cannot be reached changes nothing for eight hours.
 *
 * Owns: when who is asked, and what follows from the answer. Invariants:
 * - one question about somebody at a time; at most CONCURRENT questions under way; each has a deadline (bounded-fetch.ts);
 * - what takes something away holds at once, also where it cannot be written down.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { Clock } from "../../kernel/clock.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Changes } from "../changes.ts";
import type { Token, User } from "../model.ts";
import type { IdentityStore } from "../port.ts";
import { LOGIN_TTL_MS, type TokenIssuer } from "../token-issuer.ts";
import { ourGroups } from "./claims.ts";
import type { KeptTokens } from "./kept.ts";
import type { Links } from "./links.ts";
import type { ProviderSettings, Told } from "./provider.ts";
import type { Providers } from "./providers.ts";
import type { Vouch, Vouched } from "./vouched.ts";

const CONCURRENT = 8;
/** Somebody is asked about a little early, each at another moment. */
const EARLY = 0.25;

export interface WatchDeps {
  readonly store: IdentityStore;
  readonly kept: KeptTokens;
  readonly providers: Providers;
  readonly vouched: Vouched;
  readonly links: Links;
  readonly tokens: TokenIssuer;
  readonly changes: Changes;
  /** Has a session that runs, however it was opened. */
  readonly isLive: (user: PrincipalName) => boolean;
  readonly onFault: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
}

export class ProviderWatch {
  readonly #deps: WatchDeps;
  #running = 0;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** At the start of the gate: what was said before it stopped, as old as it is. */
  async load(): Promise<void> {
    const { store, kept, vouched, clock } = this.#deps;
    for (const user of await store.listUsers()) {
      for (const { provider, subject, ended } of user.identities ?? []) {
        const told = await kept.find(user.name, provider);
        // Linked by an administrator, and not seen since: nobody vouched for them, and nobody stopped.
        if (told === undefined && ended === undefined) continue;
        const age = told === undefined ? Infinity : Math.max(0, clock.now() - told.toldAt);
        const toldAt = clock.elapsed() - age;
        vouched.put({
          user: user.name,
          provider,
          subject,
          groups: told?.groups ?? [],
          toldAt,
          nextAt: this.#next(provider, toldAt),
          ...(ended && { ended: ended.reason }),
        });
      }
    }
  }

  /** Every second. Resolves when the questions that are due were begun, not when they are answered. */
  async tick(): Promise<void> {
    const { vouched, clock, changes } = this.#deps;
    const now = clock.elapsed();
    for (const vouch of vouched.all()) {
      if (vouch.ended === undefined && vouched.isLapsed(vouch) && vouch.lapsed !== true) {
        vouch.lapsed = true;
        changes.announce({ user: vouch.user, what: "provider-ended" });
      }
      if (vouch.ended !== undefined || vouch.asking !== undefined || vouch.nextAt > now) continue;
      if (this.#running >= CONCURRENT) return;
      if (await this.#isWatched(vouch)) this.#ask(vouch).catch(this.#deps.onFault);
      else vouch.nextAt = now + this.#refreshMs(vouch.provider);
    }
  }

  /** Before somebody comes in by something else than the provider's own login: on the word of at most `refresh` ago. */
  async freshen(user: PrincipalName): Promise<void> {
    const { vouched, clock } = this.#deps;
    const now = clock.elapsed();
    await Promise.all(
      vouched.of(user).map(async (vouch) => {
        if (vouch.ended !== undefined) return;
        const dueAt = vouch.toldAt + this.#refreshMs(vouch.provider);
        if (now >= dueAt) return this.#ask(vouch);
        vouch.nextAt = Math.min(vouch.nextAt, dueAt);
        return vouch.asking;
      }),
    );
  }

  /** A login at the provider: what it says now holds from here on. Durable when it resolves. */
  async told(user: User, settings: ProviderSettings, told: Told): Promise<void> {
    const { vouched } = this.#deps;
    const before = vouched.find(user.name, settings.name);
    // A question that is under way must not put an older refresh token in the place of this one.
    await (before === undefined
      ? this.#begin(user, settings, told, before)
      : this.#alone(before, () => this.#begin(user, settings, told, before)));
  }

  async #begin({ name: user }: User, settings: ProviderSettings, told: Told, before: Vouch | undefined): Promise<void> {
    const { vouched, kept, clock, links, changes } = this.#deps;
    const provider = settings.name;
    const old = before === undefined ? [] : vouched.groupsBy(before);
    const groups = mapped(told.groups, settings);
    if (told.keep) await kept.put(user, provider, { keep: told.keep, toldAt: clock.now(), groups });
    const event = groupsChanged(user, provider, old, ourGroups(groups, settings.groups));
    if (before?.ended !== undefined || event) await links.mark(user, provider, undefined, event ? [event] : []);
    const toldAt = clock.elapsed();
    vouched.put({ user, provider, subject: told.subject, groups, toldAt, nextAt: this.#next(provider, toldAt) });
    if (event) changes.announce({ user, what: "groups-changed" });
  }

  /** The provider does not vouch for them any more: everything that came by it ends. */
  async end(vouch: Vouch, reason: string, how: "provider" | "provider-logout"): Promise<void> {
    const { vouched, kept, links, clock, changes } = this.#deps;
    const { user, provider } = vouch;
    const old = vouched.groupsBy(vouch);
    // Cut first, by what is in memory: that it can be written down must not decide whether somebody is out.
    vouch.ended = reason;
    vouch.groups = [];
    try {
      changes.announce({ user, what: "provider-ended" });
    } finally {
      const events: AuditEvent[] = [{ kind: "user.provider-ended", principal: "gate", body: { user, provider, reason } }];
      const changed = groupsChanged(user, provider, old, []);
      await links.mark(user, provider, { at: clock.now(), reason }, changed ? [...events, changed] : events);
      await this.endLogins(user, provider, how);
      await kept.remove(user, provider);
    }
  }

  /** Logins by this provider; `which`: only some of them. */
  async endLogins(
    user: PrincipalName,
    provider: string,
    how: "provider" | "provider-logout" | "unlinked",
    which: (token: Token) => boolean = () => true,
  ): Promise<number> {
    return this.#deps.tokens.endLogins(user, how, (token) => token.login?.provider === provider && which(token));
  }

  #ask(vouch: Vouch): Promise<void> {
    return vouch.asking ?? this.#alone(vouch, () => this.#askNow(vouch));
  }

  #alone(vouch: Vouch, work: () => Promise<void>): Promise<void> {
    this.#running += 1;
    const asking: Promise<void> = (vouch.asking ?? Promise.resolve()).catch(() => undefined).then(work);
    const done = asking.finally(() => {
      this.#running -= 1;
      if (vouch.asking === done) delete vouch.asking;
    });
    vouch.asking = done;
    return done;
  }

  async #askNow(vouch: Vouch): Promise<void> {
    const { providers, kept, clock } = this.#deps;
    const { user, provider, subject } = vouch;
    // Whoever was removed from the configuration is out already; there is nobody to ask.
    const settings = providers.find(provider);
    const held = settings && (await kept.find(user, provider));
    if (settings === undefined || held === undefined) {
      vouch.nextAt = clock.elapsed() + this.#refreshMs(provider);
      return;
    }
    try {
      const told = await providers.use(provider, (each) => each.again(held.keep, subject));
      await this.#learn(vouch, settings, told, held.keep);
    } catch (thrown) {
      const { code, detail } = asGateError(thrown);
      if (code === "provider-ended") return this.end(vouch, detail ?? "it says that the login is over", "provider");
      // A form of claims that cannot be read names no groups; that nobody answers says nothing.
      if (code === "provider-refused")
        return this.#learn(vouch, settings, { subject, user: undefined, groups: [], factors: [] }, held.keep);
      vouch.nextAt = clock.elapsed() + this.#refreshMs(provider) / 2;
      if (code === "internal") throw thrown;
    }
  }

  async #learn(vouch: Vouch, settings: ProviderSettings, told: Told, held: Secret): Promise<void> {
    const { vouched, kept, clock, links, changes } = this.#deps;
    const { user, provider } = vouch;
    const old = vouched.groupsBy(vouch);
    const groups = mapped(told.groups, settings);
    // First: a refresh token that was used up must not be the one that is kept.
    await kept.put(user, provider, { keep: told.keep ?? held, toldAt: clock.now(), groups });
    vouch.groups = groups;
    vouch.toldAt = clock.elapsed();
    vouch.nextAt = this.#next(provider, vouch.toldAt);
    delete vouch.lapsed;
    const event = groupsChanged(user, provider, old, vouched.groupsBy(vouch));
    if (event === undefined) return;
    try {
      changes.announce({ user, what: "groups-changed" });
    } finally {
      await links.mark(user, provider, undefined, [event]);
    }
  }

  async #isWatched({ user, provider }: Vouch): Promise<boolean> {
    if (this.#deps.isLive(user)) return true;
    const now = this.#deps.clock.now();
    const tokens = await this.#deps.store.listTokens(user, now - LOGIN_TTL_MS);
    return tokens.some(({ login, revokedAt, expiresAt }) => login?.provider === provider && revokedAt === undefined && expiresAt > now);
  }

  #refreshMs(provider: string): number {
    return this.#deps.providers.find(provider)?.refreshMs ?? 60_000;
  }

  #next(provider: string, toldAt: number): number {
    const early = (this.#deps.random.bytes(1)[0] ?? 0) / 255;
    return toldAt + this.#refreshMs(provider) * (1 - EARLY * early);
  }
}

/** What is not mapped is not kept either. */
function mapped(theirs: readonly string[], { groups }: ProviderSettings): readonly string[] {
  return theirs.filter((group) => Object.hasOwn(groups, group));
}

function groupsChanged(user: string, provider: string, old: readonly string[], now: readonly string[]): AuditEvent | undefined {
  if (old.join() === now.join()) return undefined;
  return { kind: "user.groups-changed", principal: "gate", body: { user, provider, old, now } };
}
