/**
 * ID tokens of workloads (OpenID Connect Core §2; JWT, RFC 7519), by the rules of RFC 8725: the algorithm is ours to choose, the
 * issuer and audience are exact, and what was signed as something else than an ID token is none.
 */
import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { ALGORITHMS } from "../oidc/published-keys.ts";
import type { IdTokenSettings } from "./workload.ts";

/** A token of a large organisation has 2 KiB. */
export const MAX_TOKEN_LENGTH = 16 * 1024;
/** How far an issuer's clock may be ahead of ours. Nothing is added to a token's end: a login must not outlive it. */
const SKEW_MS = 30_000;
const MAX_ID_LENGTH = 1_024;
/** OpenID Connect Core §2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
/** RFC 7515 §4.1.9: of an ID token nothing, or this. `at+jwt` (RFC 9068) and `logout+jwt` say that they are something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, "jwt", "application/jwt"]);

/** Says in its message what about a token does not convince: for the log, and without anything that only the token says. */
export class UnconvincingToken extends Error {}

export interface IdToken {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: JWTPayload;
  /** Unix milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Which token it is, the same however it is written: SHA-256 (hex). */
  readonly spentAs: string;
}

/** Untrusted. Whose it says it is; everything that costs nothing to find out is looked at first, so that keys are fetched for no nonsense. */
export function readIssuer(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) refuse("it is too long");
  const [{ alg, typ, crit }, { iss }] = decode(token);
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) refuse("its algorithm is none of those that are taken");
  if (!TYPES.has(typeof typ === "string" ? typ.toLowerCase() : typ)) refuse("its `typ` is not an ID token's");
  if (crit !== undefined) refuse("it demands what nobody here understands (`crit`)");
  if (typeof iss !== "string" || iss === "") refuse("it names no issuer");
  return iss;
}

/** `issuer`: whose keys these are. `now`: Unix milliseconds. */
export async function verifyIdToken(token: string, keys: JWTVerifyGetKey, issuer: string, now: number): Promise<IdToken> {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    algorithms: [...ALGORITHMS],
    requiredClaims: ["exp", "iat", "sub", "aud"],
    clockTolerance: SKEW_MS / 1000,
    currentDate: new Date(now),
  }).catch((cause: unknown) => {
    const { code } = cause as { code?: unknown };
    throw new UnconvincingToken(typeof code === "string" ? code : "its signature could not be verified", { cause });
  });
  const { sub, jti, exp = 0, iat = 0, typ, events } = payload;
  if (typeof sub !== "string" || !SUBJECT.test(sub)) refuse("it names nobody (`sub`)");
  if (jti !== undefined && (typeof jti !== "string" || jti === "" || jti.length > MAX_ID_LENGTH)) refuse("its `jti` is no text");
  // What some issuers write in place of the header's: their access tokens say `Bearer`.
  if (typ !== undefined && typ !== "ID") refuse("its claim `typ` is not an ID token's");
  if (events !== undefined) refuse("it is a token of events");
  if (exp * 1000 <= now) refuse("it has expired");
  if (iat * 1000 > now + SKEW_MS) refuse("it is of the future");
  return { issuer, subject: sub, claims: payload, issuedAt: iat * 1000, expiresAt: exp * 1000, spentAs: spentAs(token, issuer, jti) };
}

/** Why it is not the workload of this mapping; `undefined`: it is. */
export function mismatch({ issuer, claims, issuedAt }: IdToken, settings: IdTokenSettings, now: number): string | undefined {
  if (issuer !== settings.issuer) return "it is of another issuer";
  // A token that is also meant for somebody else is one that somebody else may hold.
  const { aud } = claims;
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (only !== settings.audience) return "it is meant for somebody else (`aud`)";
  if (now - issuedAt > settings.maxAgeMs) return "it was issued too long ago";
  const other = Object.entries(settings.claims).find(([name, wanted]) => findClaim(claims, name) !== wanted);
  return other && `its claim "${other[0]}" is another`;
}

/** By its whole name, and else by a path: `kubernetes.io.namespace` is `namespace` in `kubernetes.io`, which has a dot itself. */
function findClaim(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  for (const [first, inner] of Object.entries(claims)) {
    const isWithin = name.startsWith(`${first}.`) && typeof inner === "object" && inner !== null && !Array.isArray(inner);
    if (isWithin) return findClaim(inner as JWTPayload, name.slice(first.length + 1));
  }
  return undefined;
}

/** What is signed can be written in one way only, a signature in several. */
function spentAs(token: string, issuer: string, jti: string | undefined): string {
  const which = jti === undefined ? ["text", token.slice(0, token.lastIndexOf("."))] : ["jti", jti];
  return createHash("sha256")
    .update(JSON.stringify([issuer, ...which]))
    .digest("hex");
}

function decode(token: string): [ReturnType<typeof decodeProtectedHeader>, JWTPayload] {
  try {
    return [decodeProtectedHeader(token), decodeJwt(token)];
  } catch (cause) {
    throw new UnconvincingToken("it is no signed token", { cause });
  }
}

function refuse(why: string): never {
  throw new UnconvincingToken(why);
}
