/**
 * Key exchange methods, as one table. A method turns two public values into a shared secret and knows nothing of
 * packets, host keys or hashes over them: `transport/key-exchange.ts` does that.
 *
 * Untrusted: `reply` and `init` come from a peer that has not shown who it is. Every method refuses a value that is not
 * of the right length or not a point or number of its group, with GateError("protocol-error").
 */
import { ECDH_NISTP256, ECDH_NISTP384, ECDH_NISTP521, X25519 } from "./kex-ecdh.ts";
import { GROUP14_SHA256, GROUP16_SHA512 } from "./kex-dh.ts";
import { MLKEM768_X25519 } from "./kex-mlkem.ts";

/** How a value is written into messages and into the exchange hash. */
export type ValueEncoding = "string" | "mpint";

export interface KeyExchangeMethod {
  readonly hash: "sha256" | "sha384" | "sha512";
  /** Encoding of the two public values. */
  readonly values: ValueEncoding;
  /** Encoding of the shared secret K. */
  readonly secret: ValueEncoding;
  /** The client's half: its public value, and what to do with the server's. */
  initiate(): { readonly init: Buffer; finish(reply: Buffer): Buffer };
  /** The server's half, in one step. */
  respond(init: Buffer): { readonly reply: Buffer; readonly secret: Buffer };
}

/** Best first. The names are those of RFC 5656, 8731, 8268 and draft-ietf-sshm-mlkem-hybrid-kex. */
export const KEY_EXCHANGES: Readonly<Record<string, KeyExchangeMethod>> = {
  "mlkem768x25519-sha256": MLKEM768_X25519,
  "curve25519-sha256": X25519,
  "curve25519-sha256@libssh.org": X25519,
  "ecdh-sha2-nistp256": ECDH_NISTP256,
  "ecdh-sha2-nistp384": ECDH_NISTP384,
  "ecdh-sha2-nistp521": ECDH_NISTP521,
  "diffie-hellman-group16-sha512": GROUP16_SHA512,
  "diffie-hellman-group14-sha256": GROUP14_SHA256,
};
