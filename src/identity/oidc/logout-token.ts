/**
 * OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6: a signed JWT with `iss`, `aud`, `iat`, `jti`, `events` holding
 * exactly the logout event, `sub` or `sid` or both, and no `nonce`, so that an ID token can never be one.
 */
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { GateError } from "../../kernel/errors.ts";
import type { LogoutNotice } from "./provider.ts";
import { ALGORITHMS } from "./published-keys.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** A notice that is older arrives too late to be told from a repetition. */
export const NOTICE_MS = 120_000;
const SKEW_MS = 30_000;

export interface LogoutExpectations {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly clientId: string;
  /** Unix milliseconds. */
  readonly now: number;
}

export async function parseLogoutToken(token: string, { keys, issuer, clientId, now }: LogoutExpectations): Promise<LogoutNotice> {
  const { payload } = await verify(token, { keys, issuer, clientId, now });
  const { sub, sid, jti, iat = 0, events, nonce } = payload;
  const sent = iat * 1000;
  if (nonce !== undefined) refuse("it holds a nonce");
  if (typeof events !== "object" || events === null || !isObject((events as JWTPayload)[EVENT])) refuse("it is no logout token");
  if (!isText(jti)) refuse("it has no `jti`");
  if (sub !== undefined && !isText(sub)) refuse("its `sub` is no text");
  if (sid !== undefined && !isText(sid)) refuse("its `sid` is no text");
  if (sub === undefined && sid === undefined) refuse("it names neither somebody nor a session");
  if (sent > now + SKEW_MS || sent < now - NOTICE_MS) refuse("it is not of now");
  return {
    id: jti,
    forgetAt: sent + NOTICE_MS + SKEW_MS,
    ...(sub !== undefined && { subject: sub }),
    ...(sid !== undefined && { session: sid }),
  };
}

async function verify(token: string, { keys, issuer, clientId, now }: LogoutExpectations): Promise<{ payload: JWTPayload }> {
  try {
    return await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      algorithms: [...ALGORITHMS],
      requiredClaims: ["iat", "jti", "events"],
      clockTolerance: SKEW_MS / 1000,
      currentDate: new Date(now),
    });
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    throw new GateError("provider-refused", typeof code === "string" ? code : "its keys could not be read", { cause });
  }
}

function refuse(why: string): never {
  throw new GateError("provider-refused", why);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 255;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
