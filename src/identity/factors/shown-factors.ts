/**
 * What has been shown, and by which login: kept with the token of the login, where there is one; of a plain key in memory, for the
 * person with that key at that address; else for the connection alone. Each is an event before it counts.
 */
import type { AuditLog } from "../../audit/port.ts";
import { isSameAddress } from "../../kernel/address.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName, TokenId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { FactorKind, ShownFactor } from "../../kernel/step-up.ts";
import type { LoginContext } from "../authenticator.ts";
import type { Authenticated, Token } from "../model.ts";
import type { IdentityStore } from "../port.ts";
import type { Serial } from "../serial.ts";
import { LOGIN_TTL_MS } from "../token-issuer.ts";

/** Which of somebody's factors it was; of a security key, its fingerprint. */
interface Which {
  readonly kind: FactorKind;
  readonly id: string;
}

export class ShownFactors {
  readonly #store: IdentityStore;
  readonly #log: Pick<AuditLog, "append">;
  readonly #serial: Serial;
  readonly #clock: Clock;
  /** Person → credential → what, and where. Until the gate restarts; bounded by the keys that people have. */
  readonly #ofKeys = new Map<PrincipalName, Map<string, { readonly factors: readonly ShownFactor[]; readonly remote: string }>>();

  constructor(deps: { store: IdentityStore; log: Pick<AuditLog, "append">; serial: Serial; clock: Clock }) {
    this.#store = deps.store;
    this.#log = deps.log;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
  }

  /** For the login somebody came through, else as `countHere`. */
  async countFor(by: Authenticated, which: Which, context: LoginContext): Promise<readonly ShownFactor[] | Denial> {
    const { principal, login: id } = by;
    if (id === undefined) return this.countHere(by, which, context);
    return this.#serial.run(() => this.countLogin({ id, user: principal.name }, which, context));
  }

  /** For the key, where it is one, else for this connection alone. */
  async countHere(
    { principal, credential, method, remote, factors = [] }: Authenticated,
    { kind, id: factor }: Which,
    context: LoginContext,
  ): Promise<readonly ShownFactor[]> {
    const shown = withShown(factors, { kind, at: this.#clock.now() });
    const body = { kind, factor, login: credential, remote: context.remote };
    await this.#log.append([{ kind: "factor.shown", principal: principal.name, body }]);
    if (method === "publickey") {
      const keys = this.#ofKeys.get(principal.name) ?? new Map();
      this.#ofKeys.set(principal.name, keys.set(credential, { factors: shown, remote }));
    }
    return shown;
  }

  /** The newest of each kind. Read anew, since the login may have ended meanwhile. The caller holds `serial`. */
  async countLogin(
    { id, user }: { readonly id: TokenId; readonly user: PrincipalName },
    { kind, id: factor }: Which,
    { remote }: LoginContext,
  ): Promise<readonly ShownFactor[] | Denial> {
    const token = await this.#store.findToken(id);
    if (token?.login === undefined || token.revokedAt !== undefined) return deny("not-authenticated");
    const factors = withShown(token.login.factors, { kind, at: this.#clock.now() });
    const next: Token = { ...token, login: { ...token.login, factors } };
    const body = { kind, factor, login: id, remote };
    await this.#store.saveToken(next, [{ kind: "factor.shown", principal: user, body }]);
    return factors;
  }

  /** From elsewhere the key may be somebody else's by now. */
  withKey({ principal, credential, remote }: Authenticated): readonly ShownFactor[] {
    const kept = this.#ofKeys.get(principal.name)?.get(credential);
    if (kept === undefined || !isSameAddress(kept.remote, remote)) return [];
    const since = this.#clock.now() - LOGIN_TTL_MS;
    return kept.factors.filter(({ at }) => at > since);
  }

  /** What was shown with keys: the factors are gone. */
  forget(user: PrincipalName): void {
    this.#ofKeys.delete(user);
  }
}

function withShown(before: readonly ShownFactor[], shown: ShownFactor): readonly ShownFactor[] {
  return [...before.filter(({ kind }) => kind !== shown.kind), shown];
}
