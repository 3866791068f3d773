/** Logins under way: what ties the provider's answer to who began it. In memory, for ten minutes, each used once. */
import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { TokenId, PrincipalName } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { hashMatches, hashSecret } from "../tokens.ts";
import { OneTime } from "./one-time.ts";
import type { FlowSecrets } from "./provider.ts";

export const FLOW_MS = 10 * 60_000;
const MOST_FLOWS = 8_192;

/** Who began it, and so who may finish it. `browser`: SHA-256 of what only that browser holds, in a cookie. */
export type Beginner =
  | { readonly kind: "console"; readonly browser: string; readonly returnTo: string }
  | { readonly kind: "link"; readonly browser: string; readonly returnTo: string; readonly user: PrincipalName; readonly token: TokenId }
  /** A program on the person's machine that listens on loopback (RFC 8252 §7.3) and holds the verifier of `challenge`. */
  | { readonly kind: "program"; readonly port: number; readonly state: string; readonly challenge: string };

export interface Flow extends FlowSecrets {
  readonly provider: string;
  readonly beginner: Beginner;
}

export class Flows {
  readonly #random: Random;
  readonly #waiting: OneTime<Flow>;

  constructor(deps: { clock: Clock; random: Random }) {
    this.#random = deps.random;
    this.#waiting = new OneTime(deps, { ttlMs: FLOW_MS, most: MOST_FLOWS });
  }

  begin(provider: string, beginner: Beginner): FlowSecrets {
    const flow = { provider, beginner, state: this.#secret(), nonce: this.#secret(), verifier: this.#secret() };
    this.#waiting.putUnder(flow.state, flow);
    return flow;
  }

  /** Gone with the first answer, whatever comes of it. Untrusted: `state`. */
  take(state: string): Flow | undefined {
    return this.#waiting.take(state);
  }

  /** What the browser that begins a flow keeps. */
  newBrowser(): { secret: Secret; hash: string } {
    const secret = this.#secret();
    return { secret: new Secret(secret), hash: hashSecret(secret) };
  }

  #secret(): string {
    return this.#random.bytes(32).toString("base64url");
  }
}

/** Constant time. */
export function isSameBrowser(beginner: { readonly browser: string }, shown: string | undefined): boolean {
  return hashMatches(new Secret(shown ?? ""), beginner.browser) && shown !== undefined;
}

/** RFC 7636 §4.6, S256; constant time. */
export function provesChallenge(verifier: string, challenge: string): boolean {
  const made = createHash("sha256").update(verifier).digest("base64url");
  return hashMatches(new Secret(made), hashSecret(challenge));
}
