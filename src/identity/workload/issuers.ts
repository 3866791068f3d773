/**
 * Where issuers of ID tokens publish their keys (OpenID Connect Discovery §4), and those keys. Anybody may send a token and so have
 * the gate ask: it asks only issuers that the configuration names, once for many, and after a failure not again at once.
 */
import type { JWTVerifyGetKey } from "jose";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { boundedFetch } from "../oidc/bounded-fetch.ts";
import { publishedKeys } from "../oidc/published-keys.ts";

/** What an issuer says of itself is read again after this; its keys as soon as one is unknown. */
const DISCOVERY_MS = 3_600_000;
/** For which an issuer that did not answer is not asked again. */
const PAUSE_MS = 5_000;

type BoundedFetch = ReturnType<typeof boundedFetch>;

interface Asked {
  readonly keys: Promise<JWTVerifyGetKey>;
  /** Clock.elapsed. */
  readonly at: number;
}

export class Issuers {
  readonly #clock: Clock;
  readonly #fetch: BoundedFetch;
  readonly #asked = new Map<string, Asked>();
  readonly #fetches = new Map<string, BoundedFetch>();

  constructor(clock: Clock, fetch: BoundedFetch = boundedFetch()) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** `issuer`: one of the configuration's. Throws `provider-unreachable` or `provider-refused`. */
  async keysOf(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#asked.get(issuer);
    if (known && this.#clock.elapsed() - known.at < DISCOVERY_MS) return known.keys;
    const asked = { keys: this.#discover(issuer), at: this.#clock.elapsed() };
    this.#asked.set(issuer, asked);
    try {
      return await asked.keys;
    } catch (thrown) {
      if (this.#asked.get(issuer) === asked) this.#asked.delete(issuer);
      throw thrown;
    }
  }

  /** Issuers that the configuration names no more. */
  forgetBut(issuers: ReadonlySet<string>): void {
    for (const held of [this.#asked, this.#fetches]) for (const issuer of held.keys()) if (!issuers.has(issuer)) held.delete(issuer);
  }

  async #discover(issuer: string): Promise<JWTVerifyGetKey> {
    const fetch = this.#fetchOf(issuer);
    const answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
      headers: { accept: "application/json" },
    });
    const described: unknown = await answer.json().catch(() => undefined);
    if (typeof described !== "object" || described === null) throw new GateError("provider-refused", "it does not describe itself");
    const { issuer: named, jwks_uri: address } = described as Record<string, unknown>;
    // Discovery §4.3: exactly; otherwise one issuer could speak for another.
    if (named !== issuer) throw new GateError("provider-refused", "it calls itself by another name");
    if (typeof address !== "string" || !isSafe(address, issuer)) throw new GateError("provider-refused", "it publishes no keys over https");
    return publishedKeys(address, fetch);
  }

  /** One for each issuer: its pause is for its description and its keys alike. */
  #fetchOf(issuer: string): BoundedFetch {
    const known = this.#fetches.get(issuer);
    if (known) return known;
    let failedAt = -Infinity;
    const fetch: BoundedFetch = async (url, init) => {
      if (this.#clock.elapsed() - failedAt < PAUSE_MS) throw new GateError("provider-unreachable", "it did not answer just now");
      try {
        const answer = await this.#fetch(url, init);
        if (answer.status !== 200) throw new GateError("provider-unreachable", `it answers ${answer.status}`);
        return answer;
      } catch (thrown) {
        failedAt = this.#clock.elapsed();
        if (thrown instanceof GateError) throw thrown;
        throw new GateError("provider-unreachable", "no answer", { cause: thrown });
      }
    };
    this.#fetches.set(issuer, fetch);
    return fetch;
  }
}

/** Over TLS; without it only where the issuer itself is on this machine. */
function isSafe(address: string, issuer: string): boolean {
  const url = URL.parse(address);
  if (url === null || url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return true;
  const isLoopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(url.hostname);
  return url.protocol === "http:" && issuer.startsWith("http:") && isLoopback;
}
