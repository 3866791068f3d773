/**
 * Which user an identity at a provider is. Only (provider, subject) says so, and only a link makes it: at the first login,
 * where the provider may create users and the name is nobody's, or by an explicit step of the user or an administrator.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { LinkedIdentity, User } from "../model.ts";
import type { IdentityStore } from "../port.ts";
import type { Serial } from "../serial.ts";
import { FIRST_VERSION, type Actor, type Users } from "../users.ts";
import type { ProviderSettings, Told } from "./provider.ts";

/** Nobody here: what to tell nobody but the log. */
export interface Nobody {
  readonly reason: string;
}

export interface LinkDeps {
  readonly store: IdentityStore;
  readonly users: Users;
  readonly serial: Serial;
  readonly clock: Clock;
  /** Whether the configuration speaks of somebody by this name: what it gives them, nobody takes by being called so elsewhere. */
  readonly isNamed: (name: string) => boolean;
}

export class Links {
  readonly #deps: LinkDeps;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  /** Whose it is; made now, where the provider may make users. */
  userOf(settings: ProviderSettings, told: Told): Promise<User | Nobody> {
    const { store, serial } = this.#deps;
    return serial.run(async () => {
      const known = await store.findUserByIdentity(settings.name, told.subject);
      if (known !== undefined) return known.disabled === undefined ? known : { reason: `"${known.name}" is disabled` };
      const stranger = `nobody is linked to subject "${told.subject}" of "${settings.name}"`;
      if (!settings.create) return { reason: stranger };
      return told.user === undefined
        ? { reason: `${stranger}, and its name is none here` }
        : this.#create(settings, told, told.user, stranger);
    });
  }

  async #create(settings: ProviderSettings, { subject }: Told, name: string, stranger: string): Promise<User | Nobody> {
    const { store, users, clock, isNamed } = this.#deps;
    if ((await users.refuseName(name)) !== undefined) return { reason: `${stranger}, and the name "${name}" is taken` };
    if (isNamed(name)) return { reason: `${stranger}, and the configuration names "${name}": an administrator links them` };
    const now = clock.now();
    const identity: LinkedIdentity = { provider: settings.name, subject, linkedAt: now };
    const user: User = { name: name as PrincipalName, version: FIRST_VERSION, type: "human", createdAt: now, identities: [identity] };
    await store.saveUser(user, [
      { kind: "user.created", principal: user.name, body: { user: name, type: "human" } },
      linked(user.name, user.name, identity, "first-login"),
    ]);
    return user;
  }

  /** `how`: by the user's own login at the provider, or by an administrator who names the subject. */
  link(
    actor: Actor,
    name: PrincipalName,
    to: { provider: string; subject: string },
    how: "self" | "administrator",
  ): Promise<User | Denial> {
    const { store, users, serial, clock } = this.#deps;
    return serial.run(async () => {
      const user = await users.find(actor, name);
      if ("allowed" in user) return user;
      if (user.disabled !== undefined || user.type !== "human")
        return deny("wrong-state", { detail: `"${name}" is no person who logs in` });
      const owner = await store.findUserByIdentity(to.provider, to.subject);
      if (owner !== undefined)
        return owner.name === name ? owner : deny("already-exists", { detail: "this identity is somebody's already" });
      const { identities = [] } = user;
      if (identities.some(({ provider }) => provider === to.provider)) {
        return deny("already-exists", { detail: `"${name}" is linked to another identity of "${to.provider}"` });
      }
      const identity: LinkedIdentity = { ...to, linkedAt: clock.now() };
      const next: User = { ...user, version: user.version + 1, identities: [...identities, identity] };
      await store.saveUser(next, [linked(actor.name, name, identity, how)]);
      return next;
    });
  }

  unlink(actor: Actor, name: PrincipalName, provider: string): Promise<LinkedIdentity | Denial> {
    const { store, users, serial } = this.#deps;
    return serial.run(async () => {
      const user = await users.find(actor, name);
      if ("allowed" in user) return user;
      const { identities = [], ...rest } = user;
      const identity = identities.find((each) => each.provider === provider);
      if (identity === undefined) return deny("not-found", { detail: `identity of "${name}" at "${provider.slice(0, 64)}"` });
      const left = identities.filter((each) => each !== identity);
      const next: User = { ...rest, version: user.version + 1, ...(left.length > 0 && { identities: left }) };
      const body = { user: name, provider, subject: identity.subject };
      await store.saveUser(next, [{ kind: "user.unlinked", principal: actor.name, body }]);
      return identity;
    });
  }

  /** The provider's word about somebody changed: that it ended, or that it vouches for them again. */
  mark(name: PrincipalName, provider: string, ended: LinkedIdentity["ended"], events: readonly AuditEvent[]): Promise<void> {
    const { store, serial } = this.#deps;
    return serial.run(async () => {
      const user = await store.findUser(name);
      if (user?.identities?.some((each) => each.provider === provider) !== true) return;
      const identities = user.identities.map((each) => {
        if (each.provider !== provider) return each;
        const { ended: before, ...rest } = each;
        return ended === undefined ? rest : { ...rest, ended: before ?? ended };
      });
      await store.saveUser({ ...user, version: user.version + 1, identities }, events, "reserved");
    });
  }
}

function linked(
  by: PrincipalName,
  user: PrincipalName,
  { provider, subject }: LinkedIdentity,
  how: "first-login" | "self" | "administrator",
): AuditEvent {
  return { kind: "user.linked", principal: by, body: { user, provider, subject, how } };
}
