import { createCipheriv, createDecipheriv } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secret } from "../../kernel/secret.ts";

/** Wraps data keys under a key this code never sees. `context` says what the key is for; unwrapping needs the same one. */
export interface KeyWrap {
  readonly keyId: string;
  wrap(key: Buffer, context: string): Promise<Buffer> | Buffer;
  /** Throws when the key was wrapped under another key or context, or was altered. */
  unwrap(wrapped: Buffer, context: string): Promise<Buffer> | Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Over a 32-byte key in memory: AES-256-GCM, nonce ‖ ciphertext ‖ tag, the context as additional data. */
export function aesKeyWrap(keyId: string, key: Secret<Uint8Array>, random: Random): KeyWrap {
  return {
    keyId,
    wrap: (dataKey, context) => {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key.reveal(), nonce).setAAD(Buffer.from(context, "utf8"));
      return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    },
    unwrap: (wrapped, context) => {
      if (wrapped.length <= NONCE_BYTES + TAG_BYTES) throw new GateError("wrong-state", "the wrapped key is too short");
      const cipher = createDecipheriv("aes-256-gcm", key.reveal(), wrapped.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context, "utf8")).setAuthTag(wrapped.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([cipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]);
      } catch (cause) {
        throw new GateError("wrong-state", `the recording's key was not wrapped by "${keyId}"`, { cause });
      }
    },
  };
}
