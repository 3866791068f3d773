/**
 * Second factors: what a person keeps beside a password or a key, and what a login has shown of it.
 *
 * Owns: passkeys (WebAuthn), codes of authenticator apps (RFC 6238), recovery codes, and `step-up`: adding what was shown, with
 * its time, to the token of the login. A passkey alone is a login as well.
 * Never: says what a factor is needed for (policy/ and access/ do), or makes the token of a login.
 *
 * Invariants:
 * - What was shown counts for the login it was shown with, and no other; only tokens of type `login` carry factors.
 * - A challenge is good for one purpose, one person and one login, once, for five minutes. A code is taken once.
 * - Changing what somebody has takes a factor shown within FRESH_MS; where there is none yet, a login within FRESH_MS. So neither a
 *   stolen cookie nor a token that leaked adds a factor, or takes one away. The same goes for what outlives a login: keys, tokens.
 * - Nothing stored opens a door but the secrets of apps, which are sealed: public keys, and hashes of random codes.
 * - What was refused looks the same whatever the reason; the reason is in the log.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { AuditLog } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { newId, type FactorId, type PrincipalName, type TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import { ANY_FACTOR, requireFactor, type FactorKind, type ShownFactor, type StepUp } from "../../kernel/step-up.ts";
import type { LoginContext, LoginRecord } from "../authenticator.ts";
import { isDenial } from "../denial.ts";
import type { Authenticated, Token } from "../model.ts";
import type { IdentityStore, SecretStore } from "../port.ts";
import type { Serial } from "../serial.ts";
import type { TokenIssuer } from "../token-issuer.ts";
import type { Actor, Users } from "../users.ts";
import { Challenges } from "./challenges.ts";
import { Codes, type NewTotp } from "./codes.ts";
import { GuessLimit } from "./guess-limit.ts";
import { StepUpLinks, type ShownLink, type StepUpLink } from "./links.ts";
import { summarizeFactor, type Factor, type FactorSummary, type RecoveryCodes } from "./model.ts";
import { Passkeys, type CreationOptions, type RequestOptions, type ShownPasskey } from "./passkeys.ts";
import type { FactorStore } from "./port.ts";
import { newRecoveryCodes } from "./recovery.ts";
import type { RelyingParty } from "./relying-party.ts";
import { ShownFactors } from "./shown-factors.ts";
import type { AssertionAnswer, RegistrationAnswer } from "./webauthn.ts";

/** How long ago a factor, or a login without one, may be to change what somebody has. */
export const FRESH_MS = 10 * 60_000;
export const RESET_TTL_MS = 3_600_000;
const MAX_FACTORS = 20;
const RESET_NAME = "reset";

export interface FactorDeps {
  readonly store: IdentityStore;
  readonly factors: FactorStore;
  readonly secrets: SecretStore;
  readonly record: LoginRecord;
  readonly log: Pick<AuditLog, "append">;
  readonly serial: Serial;
  readonly users: Users;
  readonly tokens: TokenIssuer;
  /** Of the gate's public address; absent: passkeys cannot be used. */
  readonly party: () => RelyingParty | undefined;
  /** What authenticator apps call the gate. */
  readonly gateName: string;
  /** Whether the configuration lets this person have, or hold, a role that takes a second factor. */
  readonly demandsFactor: (user: PrincipalName) => boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is shown for a step-up: one of them. */
export type FactorProof =
  | { readonly kind: "passkey"; readonly answer: AssertionAnswer }
  | { readonly kind: "totp"; readonly code: string }
  | { readonly kind: "recovery"; readonly code: Secret };

/** What somebody could show now. */
export interface StepUpOffer {
  readonly shown: readonly ShownFactor[];
  readonly kinds: readonly FactorKind[];
  readonly passkey?: RequestOptions;
}

export class Factors {
  readonly #deps: FactorDeps;
  readonly #passkeys: Passkeys;
  readonly #codes: Codes;
  readonly #links: StepUpLinks;
  readonly #shown: ShownFactors;

  constructor(deps: FactorDeps) {
    this.#shown = new ShownFactors(deps);
    this.#deps = deps;
    this.#passkeys = new Passkeys({ ...deps, challenges: new Challenges(deps) });
    this.#links = new StepUpLinks({ ...deps, passkeys: this.#passkeys });
    this.#codes = new Codes({ ...deps, limit: new GuessLimit(deps.clock), issuer: deps.gateName });
  }

  load(): Promise<void> {
    return this.#passkeys.load(this.#deps.secrets);
  }

  async list(user: PrincipalName): Promise<readonly FactorSummary[]> {
    return (await this.#deps.factors.listFactors(user)).map(summarizeFactor);
  }

  /** Changing by what somebody comes in takes what changing their factors does: a stolen cookie makes itself no way in that stays. */
  async refuseChange(by: Authenticated, what: string): Promise<Denial | undefined> {
    const login = await this.#requireOwnChange(by, what);
    return isDenial(login) ? login : undefined;
  }

  /**
   * A key, or a token for scripts, stays when the login is over that made it: that takes what changing factors does. Who comes with
   * something else than a person's own login is judged by what that is.
   */
  async refuseLasting(by: Authenticated, what: string): Promise<Denial | undefined> {
    return by.principal.type === "human" && by.login !== undefined ? this.refuseChange(by, what) : undefined;
  }

  // — Adding —

  async startPasskey(by: Authenticated): Promise<CreationOptions | Denial> {
    const login = await this.#requireAdding(by, "adding a passkey");
    return isDenial(login) ? login : this.#passkeys.startRegistration(login.user, login.id);
  }

  /** Untrusted: `answer`. The person was verified as it was made, so it counts as shown. */
  finishPasskey(by: Authenticated, name: string, answer: RegistrationAnswer, context: LoginContext): Promise<FactorSummary | Denial> {
    return this.#deps.serial.run(async () => {
      const login = await this.#requireAdding(by, "adding a passkey");
      if (isDenial(login)) return login;
      const about = { user: login.user, login: login.id, name };
      const passkey = await this.#passkeys.register(about, answer, context, added);
      return isDenial(passkey) ? passkey : this.#added(login, passkey, context);
    });
  }

  async startTotp(by: Authenticated): Promise<NewTotp | Denial> {
    const login = await this.#requireAdding(by, "adding an authenticator app");
    return isDenial(login) ? login : this.#codes.startTotp(login.user);
  }

  confirmTotp(by: Authenticated, name: string, code: string, context: LoginContext): Promise<FactorSummary | Denial> {
    return this.#deps.serial.run(async () => {
      const login = await this.#requireAdding(by, "adding an authenticator app");
      if (isDenial(login)) return login;
      const factor = await this.#codes.confirmTotp({ user: login.user, name }, code, added);
      return isDenial(factor) ? factor : this.#added(login, factor, context);
    });
  }

  /** In place of those there are. Shown this once. */
  makeRecoveryCodes(by: Authenticated): Promise<readonly Secret[] | Denial> {
    return this.#deps.serial.run(async () => {
      const login = await this.#requireAdding(by, "making recovery codes");
      if (isDenial(login)) return login;
      const held = await this.#deps.factors.listFactors(login.user);
      if (!held.some(isProper))
        return deny("wrong-state", { detail: "recovery codes stand in for a passkey or an app; there is none yet" });
      const { codes, hashes } = newRecoveryCodes(this.#deps.random);
      await this.#putCodes(held, this.#newCodes(login.user, "recovery codes", hashes), (factor) => [added(factor)]);
      return codes;
    });
  }

  // — Changing —

  rename(by: Authenticated, id: FactorId, name: string): Promise<FactorSummary | Denial> {
    return this.#deps.serial.run(async () => {
      const factor = (await this.#deps.factors.listFactors(by.principal.name)).find((each) => each.id === id);
      if (factor === undefined) return deny("not-found", { detail: `factor "${id}"` });
      const renamed: Factor = { ...factor, version: factor.version + 1, name };
      const { user } = factor;
      await this.#deps.factors.saveFactor(renamed, [{ kind: "factor.renamed", principal: user, body: { user, factor: id, name } }]);
      return summarizeFactor(renamed);
    });
  }

  /** One's own. With the last passkey or app, what stands in for it goes too. */
  remove(by: Authenticated, id: FactorId): Promise<FactorSummary | Denial> {
    return this.#deps.serial.run(async () => {
      const login = await this.#requireOwnChange(by, "removing a second factor");
      if (isDenial(login)) return login;
      const held = await this.#deps.factors.listFactors(login.user);
      const factor = held.find((each) => each.id === id);
      if (factor === undefined) return deny("not-found", { detail: `factor "${id}"` });
      const left = held.filter((each) => each.id !== id);
      const last = isProper(factor) && !left.some(isProper);
      if (last && this.#deps.demandsFactor(login.user)) {
        return deny("wrong-state", { detail: "a role of yours takes a second factor, and this is the last; add another first" });
      }
      await this.#removeAll(last ? held : [factor], (each) => removed(login.user, each));
      return summarizeFactor(factor);
    });
  }

  /**
   * By an administrator, for somebody who has lost theirs: all of them go, what is logged in as that person ends, and one code, good
   * once, is all that adds a new one. Without it, whoever knows the password could come first.
   */
  reset(actor: Actor, name: PrincipalName): Promise<{ readonly code: Secret; readonly expiresAt: number } | Denial> {
    return this.#deps.serial.run(async () => {
      if (actor.name === name)
        return deny("not-permitted", { detail: "one's own factors are reset by somebody else", rule: "own factors" });
      const user = await this.#deps.users.find(actor, name);
      if (isDenial(user)) return user;
      if (user.type !== "human") return deny("wrong-state", { detail: `"${name}" is no person` });
      return this.#reset(actor.name, name, "administrator");
    });
  }

  /** Only for a call that came from the machine's console. */
  resetAtConsole(name: PrincipalName): Promise<{ readonly code: Secret; readonly expiresAt: number }> {
    return this.#deps.serial.run(() => this.#reset("gate", name, "machine-console"));
  }

  // — Showing —

  async startStepUp(by: Authenticated): Promise<StepUpOffer | Denial> {
    const login = await this.#requireLogin(by);
    if (isDenial(login)) return login;
    const held = await this.#deps.factors.listFactors(login.user);
    const kinds = [...new Set(held.filter((each) => each.kind !== "recovery" || each.hashes.length > 0).map(({ kind }) => kind))];
    const passkey = kinds.includes("passkey") ? await this.#passkeys.startStepUp(login.user, login.id) : undefined;
    // A gate whose address passkeys do not know still takes the other factors.
    const shown = login.token.login?.factors ?? [];
    if (isDenial(passkey)) return { shown, kinds: kinds.filter((kind) => kind !== "passkey") };
    return { shown, kinds, ...(passkey && { passkey }) };
  }

  /** Untrusted: `proof`. What the login has shown, with this. */
  async finishStepUp(by: Authenticated, proof: FactorProof, context: LoginContext): Promise<readonly ShownFactor[] | Denial> {
    const login = await this.#requireLogin(by);
    if (isDenial(login)) return login;
    const factor = await this.#show(login, proof, context);
    if (isDenial(factor)) return factor;
    return this.#deps.serial.run(() => this.#shown.countLogin(login, factor, context));
  }

  startLogin(): RequestOptions | Denial {
    return this.#passkeys.startLogin();
  }

  /** Untrusted: `answer`. Who it is; the token is for who calls to make. */
  showForLogin(answer: AssertionAnswer, context: LoginContext): Promise<ShownPasskey | Denial> {
    return this.#passkeys.show(answer, { purpose: "login" }, context);
  }

  // — At a prompt —

  /** Which of these kinds somebody could show at the prompt of a program: a code typed, or a passkey behind a link. */
  async kindsAt({ principal }: Authenticated, wanted: readonly FactorKind[]): Promise<readonly FactorKind[]> {
    const held = await this.#deps.factors.listFactors(principal.name);
    const kinds = new Set<FactorKind>(held.map(({ kind }) => kind));
    if (isDenial(this.#passkeys.requireParty())) kinds.delete("passkey");
    return wanted.filter((kind) => kinds.has(kind));
  }

  /** Untrusted: `code`. What counts for `by` from now on. */
  async showCode(
    by: Authenticated,
    kind: "totp" | "recovery",
    code: Secret,
    context: LoginContext,
  ): Promise<readonly ShownFactor[] | Denial> {
    const { name } = by.principal;
    const factor =
      kind === "totp"
        ? await this.#codes.showTotp(name, code.reveal().trim(), context)
        : await this.#codes.showRecovery(name, code, context);
    return isDenial(factor) ? factor : this.#shown.countFor(by, factor, context);
  }

  /** Somebody waits for a passkey to be shown in a browser; then it counts for `by`. The caller disposes of it, or lets it end by itself. */
  openLink(by: Authenticated, what: string, context: LoginContext): StepUpLink | Denial {
    return this.#links.open(by.principal.name, { what, remote: by.remote }, (passkey) => this.#shown.countFor(by, passkey, context));
  }

  /** As `openLink`, for a login: it asks again whether it was shown. */
  async openOwnLink(by: Authenticated, what: string, context: LoginContext): Promise<StepUpLink | Denial> {
    const login = await this.#requireLogin(by);
    return isDenial(login) ? login : this.openLink(by, what, context);
  }

  findLink(id: string): Promise<ShownLink | Denial> {
    return this.#links.find(id);
  }

  /** Untrusted: both. Who waited. */
  finishLink(id: string, answer: AssertionAnswer, context: LoginContext): Promise<PrincipalName | Denial> {
    return this.#links.finish(id, answer, context);
  }

  /** What was shown with this key of somebody, from there, as long as a login would last. */
  shownWith(by: Authenticated): readonly ShownFactor[] {
    return this.#shown.withKey(by);
  }

  /** As a passkey, for this connection, and as `shownWith` for a key of somebody's own. */
  countSecurityKey(by: Authenticated, context: LoginContext): Promise<readonly ShownFactor[]> {
    return this.#shown.countHere(by, { kind: "passkey", id: by.credential }, context);
  }

  tick(): void {
    this.#links.tick();
  }

  async #show(login: OwnLogin, proof: FactorProof, context: LoginContext): Promise<Factor | Denial> {
    switch (proof.kind) {
      case "passkey": {
        const shown = await this.#passkeys.show(proof.answer, { purpose: "step-up", user: login.user, login: login.id }, context);
        return isDenial(shown) ? shown : shown.passkey;
      }
      case "totp":
        return this.#codes.showTotp(login.user, proof.code, context);
      case "recovery":
        return this.#codes.showRecovery(login.user, proof.code, context);
    }
  }

  async #added(login: OwnLogin, factor: Factor, context: LoginContext): Promise<FactorSummary | Denial> {
    const counted = await this.#shown.countLogin(login, factor, context);
    return isDenial(counted) ? counted : summarizeFactor(factor);
  }

  /** Keys, certificates, personal and access tokens carry no factors: what is shown with one of them would count for nothing. */
  async #requireLogin({ principal, login, scopes }: Authenticated): Promise<OwnLogin | Denial> {
    const token = login && scopes !== undefined ? await this.#deps.store.findToken(login) : undefined;
    if (token?.type !== "login" || token.login === undefined || token.user !== principal.name) {
      return deny("not-permitted", { detail: "second factors are shown and changed by a login", next: "sallyport login" });
    }
    return { id: token.id, user: principal.name, token };
  }

  async #requireAdding(by: Authenticated, what: string): Promise<OwnLogin | Denial> {
    const login = await this.#requireOwnChange(by, what);
    if (isDenial(login)) return login;
    const held = await this.#deps.factors.listFactors(login.user);
    return held.length < MAX_FACTORS ? login : deny("wrong-state", { detail: `there are ${MAX_FACTORS} second factors already` });
  }

  /** With what was shown as of now: somebody else may have added a first factor since the call was admitted. */
  async #requireOwnChange(by: Authenticated, what: string): Promise<OwnLogin | Denial> {
    if (by.principal.type !== "human") return deny("not-permitted", { detail: "second factors are people's" });
    const login = await this.#requireLogin(by);
    if (isDenial(login)) return login;
    const held = await this.#deps.factors.listFactors(login.user);
    const now = this.#deps.clock.now();
    if (held.length > 0) return requireFactor(CHANGE, login.token.login?.factors, now, { for: what }) ?? login;
    if (now - (login.token.login?.provenAt ?? login.token.createdAt) <= FRESH_MS) return login;
    return deny("step-up-needed", {
      detail: `without a second factor, ${what} takes a login of the last ten minutes`,
      next: "sallyport login",
    });
  }

  async #reset(by: string, name: PrincipalName, how: "administrator" | "machine-console"): Promise<{ code: Secret; expiresAt: number }> {
    const held = await this.#deps.factors.listFactors(name);
    const { codes, hashes } = newRecoveryCodes(this.#deps.random);
    const [code] = codes;
    if (code === undefined) throw new TypeError("no code");
    const expiresAt = this.#deps.clock.now() + RESET_TTL_MS;
    const stand = { ...this.#newCodes(name, RESET_NAME, hashes.slice(0, 1)), expiresAt };
    const body = { user: name, removed: held.map(({ id }) => id), expiresAt, how };
    await this.#putCodes(held, stand, () => [{ kind: "factors.reset", principal: by, body }], true);
    this.#shown.forget(name);
    await this.#deps.tokens.revokeAll({ name: by as PrincipalName }, name, "second factors were reset", ({ type }) => type === "login");
    return { code, expiresAt };
  }

  #newCodes(user: PrincipalName, name: string, hashes: readonly string[]): RecoveryCodes {
    return { id: newId("fac", this.#deps.random), kind: "recovery", user, version: 1, name, addedAt: this.#deps.clock.now(), hashes };
  }

  /** The new ones first: in between there are more factors, never fewer. */
  async #putCodes(
    held: readonly Factor[],
    codes: RecoveryCodes,
    events: (factor: RecoveryCodes) => readonly AuditEvent[],
    all = false,
  ): Promise<void> {
    await this.#deps.factors.saveFactor(codes, events(codes));
    await this.#removeAll(
      held.filter((each) => all || each.kind === "recovery"),
      (each) => removed(codes.user, each),
    );
  }

  async #removeAll(factors: readonly Factor[], event: (factor: Factor) => AuditEvent): Promise<void> {
    if (factors.length === 0) return;
    await this.#deps.factors.removeFactors(
      factors.map(({ id }) => id),
      factors.map(event),
    );
    for (const { kind, id } of factors) if (kind === "totp") await this.#codes.forget(id);
  }
}

interface OwnLogin {
  readonly id: TokenId;
  readonly user: PrincipalName;
  readonly token: Token;
}

const CHANGE: StepUp = { kinds: ANY_FACTOR, withinMs: FRESH_MS };

function isProper({ kind }: Factor): boolean {
  return kind !== "recovery";
}

function added({ user, id, kind, name }: Factor): AuditEvent {
  return { kind: "factor.added", principal: user, body: { user, factor: id, kind, name } };
}

function removed(by: PrincipalName, { user, id, kind }: Factor): AuditEvent {
  return { kind: "factor.removed", principal: by, body: { user, factor: id, kind } };
}
