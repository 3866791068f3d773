import type { Clock } from "../kernel/clock.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { notAuthenticated, type LoginContext, type LoginRecord, type TokenProof } from "./authenticator.ts";
import type { Token, User } from "./model.ts";
import { hasShown } from "./workload/bound.ts";
import type { IdentityStore } from "./port.ts";
import { parseToken, tokenMatches } from "./tokens.ts";

/** Tokens: 32 random bytes cannot be guessed, so failures are recorded but slow nobody down. */
export class TokenCheck {
  readonly #store: IdentityStore;
  readonly #record: LoginRecord;
  readonly #clock: Clock;

  constructor(deps: { store: IdentityStore; record: LoginRecord; clock: Clock }) {
    this.#store = deps.store;
    this.#record = deps.record;
    this.#clock = deps.clock;
  }

  async check(proof: TokenProof, context: LoginContext): Promise<{ user: User; token: Token } | Denial> {
    const fail = (reason: string, claimed?: string): Denial => {
      this.#record.failed({ method: "token", context, claimed, reason });
      return notAuthenticated();
    };
    const parsed = parseToken(proof.token);
    if (parsed === undefined) return fail("malformed");
    const token = await this.#store.findToken(parsed.id);
    if (!tokenMatches(parsed, token)) return fail("unknown token");
    // A password for a database that leaks is no key to the gate.
    if (token.type === "access") return fail("an access token", token.user);
    if (token.revokedAt !== undefined) return fail("revoked", token.user);
    if (!hasShown(token, context)) return fail("without the certificate that it is bound to", token.user);
    // Only who holds the whole token learns that it was one.
    if (token.expiresAt <= this.#clock.now()) {
      fail("expired", token.user);
      return deny("token-expired");
    }
    const user = await this.#store.findUser(token.user);
    if (user === undefined) return fail("unknown user");
    if (user.disabled !== undefined) return fail("disabled", user.name);
    return { user, token };
  }
}
