/**
 * Passkeys: made for a person, and shown by them. A passkey shows possession and, since the person is verified by the
 * authenticator each time, the person: so it is a login and a second factor at once.
 */
import { createHmac } from "node:crypto";
import type { AuditEvent } from "../../audit/event.ts";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { newId, type PrincipalName, type TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { Secret } from "../../kernel/secret.ts";
import { notAuthenticated, type LoginContext, type LoginRecord } from "../authenticator.ts";
import { isDenial } from "../denial.ts";
import type { SecretStore } from "../port.ts";
import { CHALLENGE_TTL_MS, type Challenges, type ChallengeUse } from "./challenges.ts";
import type { Passkey } from "./model.ts";
import type { FactorStore } from "./port.ts";
import type { RelyingParty } from "./relying-party.ts";
import {
  ALGORITHMS,
  claimedChallenge,
  verifyAssertion,
  verifyRegistration,
  type AssertionAnswer,
  type RegistrationAnswer,
} from "./webauthn.ts";

const HANDLE_KEY = "identity/passkey-handles";

/** PublicKeyCredentialCreationOptionsJSON: what a browser is asked to make. */
export interface CreationOptions {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly { readonly type: "public-key"; readonly alg: number }[];
  readonly timeout: number;
  readonly attestation: "none";
  readonly excludeCredentials: readonly Descriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: "required";
    readonly requireResidentKey: true;
    readonly userVerification: "required";
  };
}

/** PublicKeyCredentialRequestOptionsJSON: what a browser is asked to show. Without `allowCredentials`: any passkey of the gate. */
export interface RequestOptions {
  readonly rpId: string;
  readonly challenge: string;
  readonly timeout: number;
  readonly userVerification: "required";
  readonly allowCredentials: readonly Descriptor[];
}

interface Descriptor {
  readonly type: "public-key";
  readonly id: string;
  readonly transports: readonly string[];
}

/** Whom a passkey that convinced belongs to. */
export interface ShownPasskey {
  readonly user: PrincipalName;
  readonly passkey: Passkey;
}

export class Passkeys {
  readonly #store: FactorStore;
  readonly #record: LoginRecord;
  readonly #challenges: Challenges;
  readonly #party: () => RelyingParty | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  #handleKey = new Secret<Buffer>(Buffer.alloc(0));

  constructor(deps: {
    factors: FactorStore;
    record: LoginRecord;
    challenges: Challenges;
    party: () => RelyingParty | undefined;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.factors;
    this.#record = deps.record;
    this.#challenges = deps.challenges;
    this.#party = deps.party;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  async load(secrets: SecretStore): Promise<void> {
    const stored = await secrets.find(HANDLE_KEY);
    this.#handleKey = stored ?? new Secret(this.#random.bytes(32));
    if (!stored) await secrets.put(HANDLE_KEY, this.#handleKey, []);
  }

  async startRegistration(user: PrincipalName, login: TokenId): Promise<CreationOptions | Denial> {
    const party = this.requireParty();
    if (isDenial(party)) return party;
    return {
      rp: { id: party.id, name: party.name },
      user: { id: this.#handleOf(user), name: user, displayName: user },
      challenge: this.#challenges.make({ purpose: "register", user, login }),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      timeout: CHALLENGE_TTL_MS,
      attestation: "none",
      // An authenticator that holds one of them makes no second one.
      excludeCredentials: (await this.#ofUser(user)).map(describe),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    };
  }

  /** Untrusted: `answer`. */
  async register(
    { user, login, name }: { user: PrincipalName; login: TokenId; name: string },
    answer: RegistrationAnswer,
    context: LoginContext,
    event: (passkey: Passkey) => AuditEvent,
  ): Promise<Passkey | Denial> {
    const party = this.requireParty();
    if (isDenial(party)) return party;
    const challenge = this.#challengeOf(answer.response.clientDataJSON, { purpose: "register", user, login });
    const made = "reason" in challenge ? challenge : await verifyRegistration(answer, party, challenge.text);
    const refused = "reason" in made ? made.reason : this.#spend(challenge);
    if ("reason" in made || refused !== undefined) {
      this.#record.failed({ method: "passkey", context, claimed: user, reason: `registration: ${refused}` });
      return deny("factor-refused", { detail: "this passkey could not be registered; start again" });
    }
    const passkey: Passkey = {
      id: newId("fac", this.#random),
      kind: "passkey",
      user,
      version: 1,
      name,
      addedAt: this.#clock.now(),
      ...made,
    };
    try {
      await this.#store.saveFactor(passkey, [event(passkey)]);
    } catch (error) {
      if (error instanceof GateError && error.code === "already-exists") return deny("already-exists", { detail: "this passkey" });
      throw error;
    }
    return passkey;
  }

  /** For whoever comes: the same for everybody, and nobody is looked up. */
  startLogin(): RequestOptions | Denial {
    return this.#ask({ purpose: "login" }, []);
  }

  async startStepUp(user: PrincipalName, login: TokenId): Promise<RequestOptions | Denial> {
    return this.#ask({ purpose: "step-up", user, login }, await this.#ofUser(user));
  }

  async startLink(user: PrincipalName, link: string): Promise<RequestOptions | Denial> {
    return this.#ask({ purpose: "link", user, link }, await this.#ofUser(user));
  }

  /**
   * Untrusted: `answer`. The passkey it was made with, its counter gone on; every reason against it is for the log only. Where `use`
   * names a person, it must be theirs.
   */
  async show(answer: AssertionAnswer, use: ChallengeUse, context: LoginContext): Promise<ShownPasskey | Denial> {
    const party = this.requireParty();
    if (isDenial(party)) return party;
    const passkey = await this.#store.findPasskey(answer.id);
    const fail = (reason: string): Denial => {
      this.#record.failed({ method: "passkey", context, claimed: use.purpose === "login" ? passkey?.user : use.user, reason });
      return use.purpose === "login" ? notAuthenticated() : deny("factor-refused");
    };
    const challenge = this.#challengeOf(answer.response.clientDataJSON, use);
    if ("reason" in challenge) return fail(challenge.reason);
    if (passkey === undefined) return fail("unknown passkey");
    if (use.purpose !== "login" && passkey.user !== use.user) return fail("somebody else's passkey");
    const handle = answer.response.userHandle;
    // A passkey that logs in says whose it is; one that was asked for by its id may leave that out (WebAuthn §7.2 step 6).
    if (handle === undefined ? use.purpose === "login" : handle !== this.#handleOf(passkey.user)) return fail("made for somebody else");
    const verified = await verifyAssertion(answer, party, challenge.text, passkey);
    if ("reason" in verified) return fail(verified.reason);
    if (wentBack(passkey.counter, verified.counter)) {
      // Two devices with one key, or an old answer: WebAuthn §6.1.1.
      return fail(`its counter went back from ${passkey.counter} to ${verified.counter}: it may have been copied`);
    }
    const spent = this.#spend(challenge);
    if (spent !== undefined) return fail(spent);
    const used: Passkey = { ...passkey, version: passkey.version + 1, counter: verified.counter, usedAt: this.#clock.now() };
    try {
      await this.#store.saveFactor(used, []);
    } catch (error) {
      if (error instanceof GateError && error.code === "conflict") return fail("used or removed at the same moment");
      throw error;
    }
    return { user: used.user, passkey: used };
  }

  requireParty(): RelyingParty | Denial {
    return (
      this.#party() ??
      deny("not-supported", {
        detail: "passkeys, by a gate whose public address (gate.public.url) is no https://<name> and not http://localhost",
      })
    );
  }

  #ask(use: ChallengeUse, passkeys: readonly Passkey[]): RequestOptions | Denial {
    const party = this.requireParty();
    if (isDenial(party)) return party;
    return {
      rpId: party.id,
      challenge: this.#challenges.make(use),
      timeout: CHALLENGE_TTL_MS,
      userVerification: "required",
      allowCredentials: passkeys.map(describe),
    };
  }

  #challengeOf(clientDataJSON: string, use: ChallengeUse): { readonly text: string } | { readonly reason: string } {
    const text = claimedChallenge(clientDataJSON);
    if (text === undefined) return { reason: "malformed" };
    const reason = this.#challenges.refuse(text, use);
    return reason === undefined ? { text } : { reason };
  }

  #spend(challenge: { readonly text: string } | { readonly reason: string }): string | undefined {
    if ("reason" in challenge) return challenge.reason;
    return this.#challenges.use(challenge.text) ? undefined : "a challenge used already";
  }

  async #ofUser(user: PrincipalName): Promise<readonly Passkey[]> {
    return (await this.#store.listFactors(user)).filter((factor) => factor.kind === "passkey");
  }

  /** What authenticators know a person by: the same for all their passkeys, and no name (WebAuthn §14.6.1). */
  #handleOf(user: PrincipalName): string {
    return createHmac("sha256", this.#handleKey.reveal()).update(user).digest("base64url");
  }
}

function describe({ credential, transports }: Passkey): Descriptor {
  return { type: "public-key", id: credential, transports };
}

/** 0 on both sides: an authenticator that does not count. */
function wentBack(before: number, after: number): boolean {
  return (before > 0 || after > 0) && after <= before;
}
