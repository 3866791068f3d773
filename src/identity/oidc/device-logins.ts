/**
 * Logging in on a machine without a browser, as RFC 8628: the machine shows a short code, its person types it into the
 * console, where they are logged in, and the machine is given a login of theirs.
 *
 * Untrusted, and the danger of this flow: a code that somebody else's machine shows, sent to a person with a story. So the
 * console tells where the machine is before it is approved, guessing codes is slowed down, and the login ends no later than
 * the one it was approved with.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { AuditLog } from "../../audit/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName, TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Secret } from "../../kernel/secret.ts";
import { loginOk, type LoginContext } from "../authenticator.ts";
import { isDenial } from "../denial.ts";
import type { Authenticated, User } from "../model.ts";
import type { IdentityStore } from "../port.ts";
import type { TokenIssuer } from "../token-issuer.ts";
import { OneTime } from "./one-time.ts";

export const DEVICE_MS = 10 * 60_000;
/** More than one address is let begin within DEVICE_MS (its share is 240 a minute): alone it pushes out nobody else's. */
const MOST = 8_192;
/** RFC 8628 §3.5. */
const INTERVAL_MS = 3_000;
const MORE_MS = 2_000;
/** Wrong codes of one person within DEVICE_MS. */
const WRONG_CODES = 10;
/** RFC 8628 §6.1: no vowels, so that no word comes out, and nothing that looks like something else. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

export interface DeviceBegun {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  readonly intervalMs: number;
}

export type DevicePoll =
  | { readonly state: "waiting" | "slow-down"; readonly intervalMs: number }
  | { readonly state: "denied" | "expired" }
  | { readonly state: "done"; readonly user: User; readonly token: Secret; readonly expiresAt: number };

export interface DeviceAsked {
  readonly userCode: string;
  readonly remote: string;
  readonly startedAt: number;
}

interface Waiting extends DeviceAsked {
  intervalMs: number;
  polledAt: number;
  decided?: "denied" | { readonly user: PrincipalName; readonly by: TokenId };
}

export interface DeviceDeps {
  readonly store: IdentityStore;
  readonly tokens: TokenIssuer;
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly random: Random;
  /** What giving a login away takes: a factor, or a login, of just now. */
  readonly refuseChange: (by: Authenticated, what: string) => Promise<Denial | undefined>;
}

export class DeviceLogins {
  readonly #deps: DeviceDeps;
  readonly #byDevice: OneTime<Waiting>;
  readonly #byUser: OneTime<Waiting>;
  readonly #wrong = new Map<PrincipalName, { count: number; readonly until: number }>();

  constructor(deps: DeviceDeps) {
    this.#deps = deps;
    this.#byDevice = new OneTime(deps, { ttlMs: DEVICE_MS, most: MOST });
    this.#byUser = new OneTime(deps, { ttlMs: DEVICE_MS, most: MOST });
  }

  begin({ remote }: LoginContext): DeviceBegun {
    const { clock } = this.#deps;
    const userCode = this.#userCode();
    const waiting: Waiting = { userCode, remote, startedAt: clock.now(), intervalMs: INTERVAL_MS, polledAt: -Infinity };
    const deviceCode = this.#byDevice.put(waiting);
    this.#byUser.putUnder(userCode, waiting);
    return { deviceCode, userCode, expiresAt: waiting.startedAt + DEVICE_MS, intervalMs: INTERVAL_MS };
  }

  /** What somebody is about to approve. Untrusted: the code, as a person typed it. */
  find(by: Authenticated, typed: string): DeviceAsked | Denial {
    const waiting = this.#find(by, typed);
    if (isDenial(waiting)) return waiting;
    const { userCode, remote, startedAt } = waiting;
    return { userCode, remote, startedAt };
  }

  /** By somebody who is logged in, for themselves; once, and on record first. */
  async decide(by: Authenticated, typed: string, approved: boolean): Promise<DeviceAsked | Denial> {
    const { principal, login } = by;
    if (login === undefined) return deny("not-permitted", { detail: "this needs a login", next: "sallyport login" });
    // Somebody else may have sent them the code: a yes is worth what the login is, so it is no matter of one click.
    const refused = approved ? await this.#deps.refuseChange(by, "letting a machine in") : undefined;
    if (refused) return refused;
    const waiting = this.#find(by, typed);
    if (isDenial(waiting)) return waiting;
    this.#byUser.take(waiting.userCode);
    const { userCode, remote, startedAt } = waiting;
    await this.#deps.log.append([{ kind: "login.device-decided", principal: principal.name, body: { remote, approved } }]);
    waiting.decided = approved ? { user: principal.name, by: login } : "denied";
    return { userCode, remote, startedAt };
  }

  async poll(deviceCode: string, context: LoginContext): Promise<DevicePoll> {
    const waiting = this.#byDevice.peek(deviceCode);
    if (waiting === undefined) return { state: "expired" };
    const now = this.#deps.clock.elapsed();
    const tooSoon = now - waiting.polledAt < waiting.intervalMs;
    waiting.polledAt = now;
    if (tooSoon) {
      waiting.intervalMs += MORE_MS;
      return { state: "slow-down", intervalMs: waiting.intervalMs };
    }
    const { decided } = waiting;
    if (decided === undefined) return { state: "waiting", intervalMs: waiting.intervalMs };
    this.#byDevice.take(deviceCode);
    return decided === "denied" ? { state: "denied" } : this.#make(decided, context);
  }

  async #make({ user: name, by }: { user: PrincipalName; by: TokenId }, context: LoginContext): Promise<DevicePoll> {
    const { store, tokens, clock } = this.#deps;
    const [user, from] = [await store.findUser(name), await store.findToken(by)];
    const left = from === undefined || from.revokedAt !== undefined ? 0 : from.expiresAt - clock.now();
    // A login makes no successor that outlives it.
    if (user === undefined || from?.login === undefined || left < 60_000) return { state: "denied" };
    const { provider, session, factors, provenAt = from.createdAt } = from.login;
    const event = loginOk(user, "device", context, by);
    const ok = { ...event, body: { ...event.body, ...(provider !== undefined && { provider }) } } as AuditEvent;
    // Who it is was proven then: a login made of one that somebody got hold of is no fresh one, which could add a factor.
    const login = { method: "device", remote: context.remote, provenAt, factors, ...(provider !== undefined && { provider }) } as const;
    const made = await tokens.createLogin(user, { ttlMs: left, ...login, ...(session !== undefined && { session }) }, [ok]);
    if (isDenial(made)) return { state: "denied" };
    return { state: "done", user, token: made.secret, expiresAt: made.token.expiresAt };
  }

  #find({ principal: { name } }: Authenticated, typed: string): Waiting | Denial {
    const now = this.#deps.clock.elapsed();
    for (const [who, { until }] of this.#wrong) if (until <= now) this.#wrong.delete(who);
    const wrong = this.#wrong.get(name) ?? { count: 0, until: now + DEVICE_MS };
    if (wrong.count >= WRONG_CODES) return deny("too-many-attempts", { detail: "codes that no machine shows" });
    const code = typed
      .toUpperCase()
      .replaceAll(/[^A-Z]/g, "")
      .slice(0, 16);
    const waiting = this.#byUser.peek(`${code.slice(0, 4)}-${code.slice(4)}`);
    if (waiting !== undefined) return waiting;
    this.#wrong.set(name, { ...wrong, count: wrong.count + 1 });
    return deny("not-found", { detail: "no machine shows this code; it may be older than ten minutes" });
  }

  /** 20⁸: uniform, by throwing away what would favour the first letters. */
  #userCode(): string {
    let code = "";
    while (code.length < 8) {
      const byte = this.#deps.random.bytes(1)[0] ?? 255;
      if (byte < 240) code += LETTERS[byte % LETTERS.length];
    }
    return `${code.slice(0, 4)}-${code.slice(4)}`;
  }
}
