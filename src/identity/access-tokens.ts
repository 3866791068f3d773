/**
 * Access tokens: passwords and certificates that live for minutes and open one target under one grant, for clients that
 * can show nothing else, as databases' do. One may be made for a request that waits for its approval: it says who
 * comes and for what, and opens nothing before there is a grant.
 *
 * Passwords are proven by SCRAM (RFC 5802), where the salt is told before it is known which password will be shown: all of a
 * person's tokens share one salt, made from their name, which somebody who does not exist has as well. What is stored is
 * a verifier, which opens nothing.
 *
 * A certificate is proven by TLS, and is one that was issued for this very token: what it says about who, what for and how
 * long is what is stored with the token, by which it is also revoked.
 */
import { createHash, createHmac, X509Certificate } from "node:crypto";
import type { AuditEvent } from "../audit/event.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId, parseId, type PrincipalName, type TokenId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { Secret } from "../kernel/secret.ts";
import { deriveVerifier } from "../wire/postgres/scram.ts";
import { encodePem } from "../wire/x509/certificate.ts";
import { notAuthenticated, type LoginContext, type LoginRecord } from "./authenticator.ts";
import type { Authorities } from "./authority.ts";
import { parseClientKey } from "./client-key.ts";
import { isDenial } from "./denial.ts";
import type { AccessProof, AccessUse, Authenticated, Token, User } from "./model.ts";
import { findClaimed } from "./password-login.ts";
import type { IdentityStore, SecretStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import { summarizeToken, useOf, type TokenSummary } from "./token-issuer.ts";
import { newTokenText } from "./tokens.ts";

export const ACCESS_TTL_MS = 30 * 60_000;
const MIN_TTL_MS = 1000;
/** Each is tried at a login. */
const MAX_ACTIVE = 64;
const SALT_KEY = "identity/scram-salt";
const SALT_BYTES = 16;
/** RFC 7677 §4 asks for at least this many; the passwords are 256 random bits, which no number of them makes harder to guess. */
const ITERATIONS = 4096;

export type AccessDraft = AccessUse & {
  /** Epoch milliseconds; never later than the grant's end, which who calls knows. */
  readonly expiresAt: number;
};

export type DatabaseAuthority = Pick<Authorities, "issueDatabase" | "databaseCertificate">;

/** Whose it is and what for; the success is for the caller to record. */
export interface CheckedAccess {
  readonly user: User;
  readonly token: Token;
  readonly access: AccessUse;
}

/** What a server of SCRAM says first, and what it compares the proof with. */
export interface ScramChallenge {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly candidates: readonly { readonly token: TokenId; readonly storedKey: Buffer; readonly serverKey: Buffer }[];
}

export class AccessTokens {
  readonly #store: IdentityStore;
  readonly #record: LoginRecord;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #authority: DatabaseAuthority;
  #saltKey = new Secret<Buffer>(Buffer.alloc(0));

  constructor(deps: {
    store: IdentityStore;
    record: LoginRecord;
    serial: Serial;
    clock: Clock;
    random: Random;
    databaseAuthority: DatabaseAuthority;
  }) {
    this.#store = deps.store;
    this.#record = deps.record;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#authority = deps.databaseAuthority;
  }

  async load(secrets: SecretStore): Promise<void> {
    const stored = await secrets.find(SALT_KEY);
    this.#saltKey = stored ?? new Secret(this.#random.bytes(32));
    if (!stored) await secrets.put(SALT_KEY, this.#saltKey, []);
  }

  /** For oneself. That the grant or request is one's own and covers the target is checked by who calls, and again when it is used. */
  create(by: Authenticated, draft: AccessDraft): Promise<{ token: TokenSummary; secret: Secret } | Denial> {
    return this.#make(by, draft, "password", async ({ text }) => {
      const verifier = await deriveVerifier(text.reveal(), this.#saltOf(by.principal.name), ITERATIONS);
      const scram = { storedKey: verifier.storedKey.toString("base64"), serverKey: verifier.serverKey.toString("base64") };
      return { proof: { scram }, events: [], made: { secret: text } };
    });
  }

  /** As `create`, for a key whose private half the gate never sees. `publicKey`: untrusted, SubjectPublicKeyInfo in DER. `certificate`: PEM. */
  async certify(by: Authenticated, draft: AccessDraft, publicKey: Buffer): Promise<{ token: TokenSummary; certificate: string } | Denial> {
    const key = parseClientKey(publicKey);
    if (isDenial(key)) return key;
    return this.#make(by, draft, "certificate", async ({ ttlMs }) => {
      const { name: person } = by.principal;
      const under = draft.grant ?? draft.request;
      const { certificate, event } = await this.#authority.issueDatabase({ publicKey: key, person, target: draft.target, under, ttlMs });
      return {
        proof: { certificate: digestOf(certificate) },
        events: [{ ...event, ...useOf(draft) }],
        made: { certificate: encodePem("CERTIFICATE", certificate) },
      };
    });
  }

  /** Untrusted: `claimed` may be anybody. Tells nothing about who exists: the salt follows from the name alone. */
  async challenge(claimed: string): Promise<ScramChallenge> {
    const candidates = (await this.#live(claimed)).flatMap(({ id, access }) =>
      access?.scram
        ? [
            {
              token: id,
              storedKey: Buffer.from(access.scram.storedKey, "base64"),
              serverKey: Buffer.from(access.scram.serverKey, "base64"),
            },
          ]
        : [],
    );
    return { salt: this.#saltOf(claimed), iterations: ITERATIONS, candidates };
  }

  /** After SCRAM has shown which token the client holds; `undefined`: none. */
  async check(claimed: string, proven: TokenId | undefined, context: LoginContext): Promise<CheckedAccess | Denial> {
    const token = proven && (await this.#store.findToken(proven));
    return this.#admit(claimed, token || undefined, "token", context);
  }

  /**
   * After TLS has shown that the client holds the key of `certificate` (DER). `undefined`: it is none of the gate's making,
   * as those are that clients show to every server, and proves nothing.
   */
  async checkCertificate(claimed: string, certificate: Buffer, context: LoginContext): Promise<CheckedAccess | Denial | undefined> {
    if (!isIssuedBy(certificate, this.#authority.databaseCertificate)) return undefined;
    const user = await findClaimed(this.#store, claimed);
    const digest = digestOf(certificate);
    const token = user && (await this.#recent(user.name)).find(({ access }) => access?.certificate === digest);
    return this.#admit(claimed, token, "certificate", context);
  }

  async #admit(
    claimed: string,
    token: Token | undefined,
    method: "token" | "certificate",
    context: LoginContext,
  ): Promise<CheckedAccess | Denial> {
    const user = await findClaimed(this.#store, claimed);
    const fail = (reason: string): Denial => {
      this.#record.failed({ method, context, claimed: user?.name, reason });
      return notAuthenticated();
    };
    if (user === undefined || !token?.access || token.user !== user.name) return fail(user ? `wrong ${method}` : "unknown user");
    // The handshake takes a while: what ended meanwhile opens nothing.
    if (!this.#isLive(token)) return fail("expired");
    if (user.disabled !== undefined) return fail("disabled");
    return { user, token, access: useOf(token.access) };
  }

  #make<Made extends object>(
    by: Authenticated,
    draft: AccessDraft,
    what: "password" | "certificate",
    prove: (fresh: { text: Secret; ttlMs: number }) => Promise<{ proof: AccessProof; events: readonly AuditEvent[]; made: Made }>,
  ): Promise<({ token: TokenSummary } & Made) | Denial> {
    return this.#serial.run(async () => {
      const { name } = by.principal;
      const now = this.#clock.now();
      const expiresAt = Math.min(draft.expiresAt, now + ACCESS_TTL_MS);
      // Fails closed: `NaN` is no time either.
      if (!(expiresAt >= now + MIN_TTL_MS)) return deny("bad-request", { detail: "an access token lives between a second and 30 minutes" });
      if ((await this.#live(name)).length >= MAX_ACTIVE) {
        return deny("wrong-state", { detail: `"${name}" has ${MAX_ACTIVE} access tokens; they end by themselves within 30 minutes` });
      }
      const id = newId("tok", this.#random);
      const { text, hash } = newTokenText(id, this.#random);
      const { proof, events, made } = await prove({ text, ttlMs: expiresAt - now });
      const use = useOf(draft);
      const token: Token = {
        id,
        user: name,
        name: `${what} for ${use.target}`,
        hash,
        scopes: [],
        createdAt: now,
        expiresAt,
        type: "access",
        madeAt: by.remote,
        access: { ...use, ...proof },
        ...madeWith(by),
      };
      const body = { user: name, token: id, name: token.name, scopes: [], expiresAt };
      await this.#store.saveToken(token, [{ kind: "token.created", principal: name, ...use, body }, ...events]);
      return { token: summarizeToken(token), ...made };
    });
  }

  async #live(claimed: string): Promise<readonly Token[]> {
    const user = await findClaimed(this.#store, claimed);
    return user ? (await this.#recent(user.name)).filter((token) => token.type === "access" && this.#isLive(token)) : [];
  }

  /** All that can live still, and not the thousands before them. */
  #recent(user: PrincipalName): Promise<readonly Token[]> {
    return this.#store.listTokens(user, this.#clock.now() - ACCESS_TTL_MS);
  }

  #isLive(token: Token): boolean {
    return token.revokedAt === undefined && token.expiresAt > this.#clock.now();
  }

  #saltOf(claimed: PrincipalName | string): Buffer {
    return createHmac("sha256", this.#saltKey.reveal()).update(claimed).digest().subarray(0, SALT_BYTES);
  }
}

function digestOf(certificate: Buffer): string {
  return createHash("sha256").update(certificate).digest("hex");
}

/** Untrusted: `certificate`. Whether it still is what it says is not asked here. */
function isIssuedBy(certificate: Buffer, authority: Buffer): boolean {
  try {
    const [shown, own] = [new X509Certificate(certificate), new X509Certificate(authority)];
    return shown.checkIssued(own) && shown.verify(own.publicKey);
  } catch {
    // It does not read as a certificate.
    return false;
  }
}

/** `undefined` for what came without a token, as with a key. */
function madeWith({ login, credential }: Authenticated): Pick<Token, "madeWith"> {
  const id = login ?? parseId("tok", credential);
  return id === undefined ? {} : { madeWith: id };
}
