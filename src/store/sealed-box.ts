import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "../kernel/random.ts";
import type { Secret } from "../kernel/secret.ts";

/**
 * AES-256-GCM with a random 96-bit nonce: nonce || ciphertext || tag(16). `context` is authenticated and says what the
 * box is for, so that one box never passes for another. A key seals far fewer than 2^32 boxes.
 */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function seal(key: Secret<Buffer>, context: string, value: Uint8Array, random: Random): Buffer {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.reveal(), nonce);
  cipher.setAAD(Buffer.from(context, "utf8"));
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

/** `undefined` when key, context or a single bit are not those it was sealed with. */
export function unseal(key: Secret<Buffer>, context: string, box: Uint8Array): Buffer | undefined {
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const bytes = Buffer.from(box);
  const decipher = createDecipheriv("aes-256-gcm", key.reveal(), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
