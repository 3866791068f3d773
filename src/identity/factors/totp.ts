/** One-time codes by time (RFC 6238) as authenticator apps make them: HMAC-SHA-1, 30 seconds, six digits. Pure. */
import { createHmac } from "node:crypto";
import { secretsEqual } from "../../kernel/secret.ts";

export const STEP_MS = 30_000;
export const DIGITS = 6;
/** RFC 4226 §4: 160 bits, as long as the hash. */
export const SECRET_BYTES = 20;
/** Clocks of telephones are a little off: one step before and one after. */
const DRIFT_STEPS = 1;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function stepAt(now: number): number {
  return Math.floor(now / STEP_MS);
}

/** RFC 4226 §5.3 with a counter of time steps. */
export function codeAt(secret: Buffer, step: number, { digits = DIGITS, hash = "sha1" } = {}): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(hash, secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, "0");
}

/**
 * The step whose code it is, at most one off, and newer than the last that was taken: a code opens once, and never after a
 * newer one. Every step is compared in full, whichever matches.
 */
export function findStep(secret: Buffer, code: string, now: number, lastStep: number): number | undefined {
  const current = stepAt(now);
  let found: number | undefined;
  for (let step = current - DRIFT_STEPS; step <= current + DRIFT_STEPS; step += 1) {
    if (secretsEqual(codeAt(secret, step), code) && step > lastStep) found = step;
  }
  return found;
}

/** RFC 4648 §6 without padding, as apps want it typed. */
export function encodeBase32(bytes: Buffer): string {
  let [text, bits, held] = ["", 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >> bits) & 31];
    }
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31];
}

/** The Key URI format that authenticator apps read from a QR code. */
export function otpauthUri(secret: Buffer, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${encodeBase32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1000}`;
}
