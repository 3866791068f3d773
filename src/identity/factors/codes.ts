/**
 * Codes that a person types: of an authenticator app (RFC 6238), and the one-time ones from paper. Each is taken once: what was
 * taken is in the store before anybody acts on it, and two that come at the same moment cannot both be.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { newId, type FactorId, type PrincipalName } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { Secret } from "../../kernel/secret.ts";
import type { LoginContext, LoginRecord } from "../authenticator.ts";
import type { SecretStore } from "../port.ts";
import type { GuessLimit } from "./guess-limit.ts";
import type { RecoveryCodes, TotpFactor } from "./model.ts";
import type { FactorStore } from "./port.ts";
import { typedCode, withoutCode } from "./recovery.ts";
import { encodeBase32, findStep, otpauthUri, SECRET_BYTES } from "./totp.ts";

/** As long as somebody takes to scan a code and type six digits. */
const PENDING_MS = 10 * 60_000;

/** A secret that waits for the first code made with it. */
interface Pending {
  readonly secret: Secret<Buffer>;
  /** Clock.elapsed. */
  readonly until: number;
}

export interface NewTotp {
  /** For people who type it. */
  readonly secret: Secret;
  /** For the QR code. Holds the secret. */
  readonly uri: Secret;
}

export class Codes {
  readonly #store: FactorStore;
  readonly #secrets: SecretStore;
  readonly #record: LoginRecord;
  readonly #limit: GuessLimit;
  readonly #issuer: string;
  readonly #clock: Clock;
  readonly #random: Random;
  /** One a person. */
  readonly #pending = new Map<PrincipalName, Pending>();

  constructor(deps: {
    factors: FactorStore;
    secrets: SecretStore;
    record: LoginRecord;
    limit: GuessLimit;
    issuer: string;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.factors;
    this.#secrets = deps.secrets;
    this.#record = deps.record;
    this.#limit = deps.limit;
    this.#issuer = deps.issuer;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** A new secret, shown this once; it counts for nothing before a code made with it was typed. */
  startTotp(user: PrincipalName): NewTotp {
    const secret = this.#random.bytes(SECRET_BYTES);
    this.#pending.set(user, { secret: new Secret(secret), until: this.#clock.elapsed() + PENDING_MS });
    const uri = otpauthUri(secret, { issuer: this.#issuer, account: user });
    return { secret: new Secret(encodeBase32(secret)), uri: new Secret(uri) };
  }

  async confirmTotp(
    { user, name }: { user: PrincipalName; name: string },
    code: string,
    event: (factor: TotpFactor) => AuditEvent,
  ): Promise<TotpFactor | Denial> {
    const pending = this.#pending.get(user);
    if (pending === undefined || pending.until <= this.#clock.elapsed()) {
      return deny("wrong-state", { detail: "no authenticator app is being set up; start again" });
    }
    const throttled = this.#limit.admit(user);
    if (throttled) return throttled;
    const now = this.#clock.now();
    const lastStep = findStep(pending.secret.reveal(), code, now, -1);
    if (lastStep === undefined) return deny("bad-request", { detail: "this is not the code that the app shows now; is its clock right?" });
    this.#limit.succeeded(user);
    this.#pending.delete(user);
    const factor: TotpFactor = {
      id: newId("fac", this.#random),
      kind: "totp",
      user,
      version: 1,
      name,
      addedAt: now,
      usedAt: now,
      lastStep,
    };
    // The secret first: without its factor it opens nothing, a factor without its secret could not be shown.
    await this.#secrets.put(secretName(factor.id), pending.secret, []);
    await this.#store.saveFactor(factor, [event(factor)]);
    return factor;
  }

  /** No copy of it stays. */
  async forget(id: FactorId): Promise<void> {
    await this.#secrets.remove(secretName(id), []);
  }

  /** Untrusted: `code`. The factor it is of, used up. */
  async showTotp(user: PrincipalName, code: string, context: LoginContext): Promise<TotpFactor | Denial> {
    const fail = (reason: string): Denial => this.#fail("totp", user, context, reason);
    const throttled = this.#limit.admit(user);
    if (throttled) {
      fail("throttled");
      return throttled;
    }
    const now = this.#clock.now();
    let used = false;
    for (const factor of await this.#store.listFactors(user)) {
      if (factor.kind !== "totp") continue;
      const secret = await this.#secrets.find(secretName(factor.id));
      if (secret === undefined) continue;
      const step = findStep(secret.reveal(), code, now, factor.lastStep);
      used ||= step === undefined && findStep(secret.reveal(), code, now, -1) !== undefined;
      if (step === undefined) continue;
      const shown: TotpFactor = { ...factor, version: factor.version + 1, lastStep: step, usedAt: now };
      if (!(await this.#save(shown))) return fail("a code used already");
      this.#limit.succeeded(user);
      return shown;
    }
    return fail(used ? "a code used already" : "a wrong code");
  }

  /** Untrusted: `typed`. */
  async showRecovery(user: PrincipalName, typed: Secret, context: LoginContext): Promise<RecoveryCodes | Denial> {
    const fail = (reason: string): Denial => this.#fail("recovery-code", user, context, reason);
    const code = typedCode(typed);
    if (code === undefined) return fail("malformed");
    const kept = (await this.#store.listFactors(user)).find((factor) => factor.kind === "recovery");
    const hashes = kept && withoutCode(kept.hashes, code);
    if (kept === undefined || hashes === undefined) return fail("a wrong code");
    const now = this.#clock.now();
    if (kept.expiresAt !== undefined && kept.expiresAt <= now) return fail("a code that has expired");
    const shown: RecoveryCodes = { ...kept, version: kept.version + 1, hashes, usedAt: now };
    return (await this.#save(shown)) ? shown : fail("a code used at the same moment");
  }

  /** `false`: somebody else changed it first, so the code may be used up. */
  async #save(factor: TotpFactor | RecoveryCodes): Promise<boolean> {
    try {
      await this.#store.saveFactor(factor, []);
      return true;
    } catch (error) {
      if (error instanceof GateError && error.code === "conflict") return false;
      throw error;
    }
  }

  #fail(method: "totp" | "recovery-code", user: PrincipalName, context: LoginContext, reason: string): Denial {
    this.#record.failed({ method, context, claimed: user, reason });
    return deny("factor-refused");
  }
}

function secretName(id: FactorId): string {
  return `identity/totp/${id}`;
}
