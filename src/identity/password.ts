/**
 * Password hashes: argon2id (RFC 9106) as PHC strings that carry their parameters, so that raising them later leaves
 * old hashes readable and `needsRehash` says which to replace at the next login.
 *
 *   $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt, base64 without padding>$<hash, the same>
 *
 * Fails closed: a stored string that is not exactly this, or asks for absurd work, verifies as false.
 */
import { argon2, timingSafeEqual, type Argon2Parameters } from "node:crypto";
import type { Random } from "../kernel/random.ts";
import type { Secret } from "../kernel/secret.ts";

export interface HashCost {
  /** KiB */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, second recommended option; above OWASP's minimum. About 0.13 s on one core. */
export const HASH_COST: HashCost = { memory: 65_536, passes: 3, lanes: 4 };

/** What a stored hash may ask for at most: a row from elsewhere must not be able to exhaust the machine. */
const MAX_COST: HashCost = { memory: 1_048_576, passes: 16, lanes: 16 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

interface ParsedHash {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export async function hashPassword(password: Secret, random: Random, cost: HashCost = HASH_COST): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, cost);
  return encode({ cost, salt, hash });
}

/** The same work whatever the outcome, as long as the string is a hash of ours. */
export async function verifyPassword(password: Secret, phc: string): Promise<boolean> {
  const parsed = parsePasswordHash(phc);
  if (parsed === undefined) return false;
  const hash = await derive(password, parsed.salt, parsed.hash.length, parsed.cost);
  return timingSafeEqual(hash, parsed.hash);
}

/** True when the hash was made with less work than is asked for now. */
export function needsRehash(phc: string, wanted: HashCost = HASH_COST): boolean {
  const cost = parsePasswordHash(phc)?.cost;
  return cost === undefined || cost.memory < wanted.memory || cost.passes < wanted.passes || cost.lanes < wanted.lanes;
}

/** A hash that no password opens, of the same cost: what is verified for a user who does not exist. */
export function dummyHash(random: Random, cost: HashCost = HASH_COST): string {
  return encode({ cost, salt: random.bytes(SALT_BYTES), hash: random.bytes(HASH_BYTES) });
}

const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parsePasswordHash(phc: string): ParsedHash | undefined {
  const match = PHC.exec(phc);
  if (match === null) return undefined;
  const [, memory = "", passes = "", lanes = "", salt = "", hash = ""] = match;
  const cost = { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  if (cost.memory > MAX_COST.memory || cost.passes > MAX_COST.passes || cost.lanes > MAX_COST.lanes) return undefined;
  if (cost.memory < 8 * cost.lanes) return undefined;
  return { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function encode({ cost, salt, hash }: ParsedHash): string {
  const text = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${text(salt)}$${text(hash)}`;
}

function derive(password: Secret, nonce: Buffer, tagLength: number, cost: HashCost): Promise<Buffer> {
  return argon2id({
    // The form that typed text is compared in: two keyboards may compose the same letter differently.
    message: Buffer.from(password.reveal().normalize("NFC"), "utf8"),
    nonce,
    tagLength,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.lanes,
  });
}

/** RFC 9106's function itself, on the thread pool. */
export function argon2id(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
