/**
 * Ciphers and MACs, as two tables: RFC 4344 (aes-ctr), RFC 6668 (hmac-sha2), PROTOCOL (gcm and -etm as OpenSSH names them).
 * A cipher with a tag of its own takes no MAC.
 */
export interface CipherSpec {
  readonly openssl: "aes-128-gcm" | "aes-256-gcm" | "aes-128-ctr" | "aes-192-ctr" | "aes-256-ctr";
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly authenticated: boolean;
}

/** Best first. */
export const CIPHERS: Readonly<Record<string, CipherSpec>> = {
  "aes128-gcm@openssh.com": { openssl: "aes-128-gcm", keyBytes: 16, ivBytes: 12, authenticated: true },
  "aes256-gcm@openssh.com": { openssl: "aes-256-gcm", keyBytes: 32, ivBytes: 12, authenticated: true },
  "aes128-ctr": { openssl: "aes-128-ctr", keyBytes: 16, ivBytes: 16, authenticated: false },
  "aes192-ctr": { openssl: "aes-192-ctr", keyBytes: 24, ivBytes: 16, authenticated: false },
  "aes256-ctr": { openssl: "aes-256-ctr", keyBytes: 32, ivBytes: 16, authenticated: false },
};

export interface MacSpec {
  readonly hash: "sha256" | "sha512";
  /** Bytes of the key and of the tag. */
  readonly bytes: number;
  /** The tag covers what is sent (encrypt-then-MAC) rather than the plaintext. */
  readonly overCiphertext: boolean;
}

/** Best first. */
export const MACS: Readonly<Record<string, MacSpec>> = {
  "hmac-sha2-256-etm@openssh.com": { hash: "sha256", bytes: 32, overCiphertext: true },
  "hmac-sha2-512-etm@openssh.com": { hash: "sha512", bytes: 64, overCiphertext: true },
  "hmac-sha2-256": { hash: "sha256", bytes: 32, overCiphertext: false },
  "hmac-sha2-512": { hash: "sha512", bytes: 64, overCiphertext: false },
};
