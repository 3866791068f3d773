/**
 * Challenges for WebAuthn, made so that nothing has to be kept for those who only ask for one:
 *
 *   16 random bytes | 6 bytes: until when, Clock.elapsed in ms | 16 bytes: HMAC-SHA-256 over both and what it is for
 *
 * The key is of this process, so a challenge does not outlive it. A challenge that convinced once is remembered until its
 * end: only successes take memory, and those are people's.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName, TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";

export const CHALLENGE_TTL_MS = 5 * 60_000;
const NONCE_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 16;

/** What a challenge may be answered for. One that was made for anything else is no challenge. */
export type ChallengeUse =
  | { readonly purpose: "login" }
  | { readonly purpose: "register" | "step-up"; readonly user: PrincipalName; readonly login: TokenId }
  | { readonly purpose: "link"; readonly user: PrincipalName; readonly link: string };

export class Challenges {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Buffer;
  /** Challenge → Clock.elapsed at which it ends by itself; in the order of use. */
  readonly #used = new Map<string, number>();

  constructor({ clock, random }: { clock: Clock; random: Random }) {
    this.#clock = clock;
    this.#random = random;
    this.#key = random.bytes(32);
  }

  /** base64url. */
  make(use: ChallengeUse): string {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUIntBE(this.#clock.elapsed() + CHALLENGE_TTL_MS, 0, TIME_BYTES);
    const open = Buffer.concat([this.#random.bytes(NONCE_BYTES), time]);
    return Buffer.concat([open, this.#mac(open, use)]).toString("base64url");
  }

  /** Untrusted: `undefined` when it is one of this gate's, for this use, in time and unused; else why not, for the log. */
  refuse(challenge: string, use: ChallengeUse): string | undefined {
    const bytes = Buffer.from(challenge, "base64url");
    // Compared as text too: base64url that is not in its one form would be a second name for a used challenge.
    if (bytes.length !== NONCE_BYTES + TIME_BYTES + MAC_BYTES || bytes.toString("base64url") !== challenge) return "not a challenge";
    const open = bytes.subarray(0, NONCE_BYTES + TIME_BYTES);
    if (!timingSafeEqual(bytes.subarray(open.length), this.#mac(open, use))) return "a challenge for something else";
    if (open.readUIntBE(NONCE_BYTES, TIME_BYTES) <= this.#clock.elapsed()) return "an old challenge";
    return this.#used.has(challenge) ? "a challenge used already" : undefined;
  }

  /** After everything else convinced. `false`: another answer to it came first. */
  use(challenge: string): boolean {
    const now = this.#clock.elapsed();
    for (const [old, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(old);
    }
    if (this.#used.has(challenge)) return false;
    this.#used.set(challenge, now + CHALLENGE_TTL_MS);
    return true;
  }

  #mac(open: Buffer, use: ChallengeUse): Buffer {
    return createHmac("sha256", this.#key)
      .update(open)
      .update(JSON.stringify(boundTo(use)))
      .digest()
      .subarray(0, MAC_BYTES);
  }
}

function boundTo(use: ChallengeUse): readonly string[] {
  if (use.purpose === "login") return [use.purpose];
  return [use.purpose, use.user, use.purpose === "link" ? use.link : use.login];
}
