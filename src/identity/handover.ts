/**
 * From the command line into a browser: whoever is logged in there opens the console without logging in again. The link
 * carries a code that is good once, for a minute; what it gives is a login of its own that ends when the one it came from
 * would have, and that has shown what that one has shown.
 *
 * Codes are kept in memory, hashed: a restart of the gate voids them.
 */
import type { AuditLog } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TokenId } from "../kernel/ids.ts";
import { parseId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { Secret } from "../kernel/secret.ts";
import { loginOk, notAuthenticated, type LoginContext, type LoginRecord } from "./authenticator.ts";
import { isDenial } from "./denial.ts";
import type { Authenticated, User } from "./model.ts";
import type { IdentityStore } from "./port.ts";
import type { TokenIssuer, TokenSummary } from "./token-issuer.ts";
import { hashSecret } from "./tokens.ts";

const HANDOVER_MS = 60_000;
const CODE_BYTES = 32;
/** One for each login, so that this many people can be on their way at once. */
const MAX_PENDING = 10_000;

interface Pending {
  readonly hash: string;
  /** Clock.elapsed. */
  readonly until: number;
}

export class Handovers {
  readonly #store: IdentityStore;
  readonly #tokens: TokenIssuer;
  readonly #record: LoginRecord;
  readonly #log: Pick<AuditLog, "append">;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pending = new Map<TokenId, Pending>();

  constructor(deps: {
    store: IdentityStore;
    tokens: TokenIssuer;
    record: LoginRecord;
    log: Pick<AuditLog, "append">;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.store;
    this.#tokens = deps.tokens;
    this.#record = deps.record;
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** A new code voids the one before. Only a login can be handed over: what was made to be narrow stays so. */
  async create(by: Authenticated): Promise<{ code: Secret; expiresInMs: number } | Denial> {
    const id = parseId("tok", by.credential);
    const token = id && (await this.#store.findToken(id));
    if (token?.type !== "login") return deny("not-permitted", { detail: "only a login opens the console", next: "sallyport login" });
    if (token.login?.workload) return deny("not-permitted", { detail: "the console is for people" });
    const now = this.#clock.elapsed();
    for (const [each, { until }] of this.#pending) if (until <= now) this.#pending.delete(each);
    if (this.#pending.size >= MAX_PENDING) return deny("too-many-connections", { detail: "consoles being opened" });
    const code = this.#random.bytes(CODE_BYTES).toString("base64url");
    await this.#log.append([{ kind: "handover.created", principal: token.user, body: { token: token.id } }]);
    this.#pending.set(token.id, { hash: hashSecret(code), until: now + HANDOVER_MS });
    return { code: new Secret(code), expiresInMs: HANDOVER_MS };
  }

  /** The code is void afterwards, whatever becomes of it. */
  async redeem(code: Secret, context: LoginContext): Promise<{ user: User; token: TokenSummary; secret: Secret } | Denial> {
    const fail = (reason: string, claimed?: string): Denial => {
      this.#record.failed({ method: "handover", context, claimed, reason });
      return notAuthenticated();
    };
    // Found by its hash: 256 random bits, of which nothing can be learned by timing.
    const hash = hashSecret(code.reveal());
    const [id, pending] = [...this.#pending].find(([, each]) => each.hash === hash) ?? [];
    if (id === undefined || pending === undefined) return fail("unknown code");
    this.#pending.delete(id);
    if (pending.until <= this.#clock.elapsed()) return fail("expired");
    const token = await this.#store.findToken(id);
    const user = token && (await this.#store.findUser(token.user));
    const ttlMs = (token?.expiresAt ?? 0) - this.#clock.now();
    if (!token?.login || !user || token.revokedAt !== undefined || ttlMs <= 0) return fail("the login has ended", user?.name);
    if (user.disabled !== undefined) return fail("disabled", user.name);
    // Where and when it was proven stays: a handover makes no login fresher, nor takes it to another address.
    const facts = { ...token.login, provenAt: token.login.provenAt ?? token.createdAt, ttlMs };
    const made = await this.#tokens.createLogin(user, facts, [loginOk(user, "handover", context, id)]);
    return isDenial(made) ? made : { user, ...made };
  }
}
