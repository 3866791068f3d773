/**
 * The text of a token, made so that secret scanners recognise it and can tell a real one from a look-alike:
 *
 *   sp_<10 characters: its id without "tok-">_<43 characters: 32 random bytes, base64url><7 characters: checksum>
 *
 * The checksum is CRC-32 over everything before it, in base 36. It proves nothing; the store keeps SHA-256 of the
 * 43 characters and nothing that would open a door.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { parseId, type TokenId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import type { Token, TokenScope } from "./model.ts";

const FORM = /^sp_([0-9a-hjkmnp-tv-z]{10})_([A-Za-z0-9_-]{43})([0-9a-z]{7})$/;
const SECRET_BYTES = 32;
const NO_HASH = "0".repeat(64);

export interface ParsedToken {
  readonly id: TokenId;
  readonly secret: Secret;
}

/** The text to give away once, and the hash to keep. */
export function newTokenText(id: TokenId, random: Random): { text: Secret; hash: string } {
  const secret = random.bytes(SECRET_BYTES).toString("base64url");
  const body = `sp_${id.slice("tok-".length)}_${secret}`;
  return { text: new Secret(body + checksum(body)), hash: hashSecret(secret) };
}

/** Untrusted: `undefined` unless the text has exactly the form, its checksum included. */
export function parseToken(text: string): ParsedToken | undefined {
  const [, id, secret = "", check] = FORM.exec(text) ?? [];
  if (check !== checksum(text.slice(0, -7))) return undefined;
  const parsed = parseId("tok", `tok-${id}`);
  return parsed && { id: parsed, secret: new Secret(secret) };
}

/** Constant time, and the same work where there is no such token. */
export function tokenMatches(parsed: ParsedToken, stored: Token | undefined): stored is Token {
  return hashMatches(parsed.secret, stored?.hash) && stored !== undefined;
}

/** SHA-256 (hex). Enough for secrets of 160 random bits and more, which cannot be guessed; never for passwords. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Constant time. `undefined` stands for "there is none" and never matches. */
export function hashMatches(secret: Secret, stored: string | undefined): boolean {
  const equal = timingSafeEqual(Buffer.from(hashSecret(secret.reveal()), "hex"), Buffer.from(stored ?? NO_HASH, "hex"));
  return equal && stored !== undefined;
}

/**
 * What the bearer may do: the owner's permissions of this moment, cut down to the scopes. `undefined` (no token): all of
 * them. `self` adds no permission: it opens routes about one's own requests, which need none.
 */
export function effectivePermissions<P extends string>(owner: ReadonlySet<P>, scopes: readonly TokenScope[] | undefined): ReadonlySet<P> {
  if (scopes === undefined || scopes.includes("all")) return owner;
  return new Set([...owner].filter((permission) => scopes.includes(permission)));
}

function checksum(body: string): string {
  return crc32(body).toString(36).padStart(7, "0");
}
