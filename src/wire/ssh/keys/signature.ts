/**
 * Signature blobs (RFC 4253 §6.6, 5656 §3.1.2, 8332 §3, 8709 §6):
 *
 *   string  signature format ("ssh-ed25519", "rsa-sha2-512", …)
 *   string  signature
 *
 * and for FIDO keys (PROTOCOL.u2f) after it: byte flags, uint32 counter.
 */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import type { Curve } from "./key-types.ts";

export interface SignatureBlob {
  readonly format: string;
  readonly signature: Buffer;
  /** What a FIDO authenticator asserts; `undefined` for other keys. */
  readonly authenticator: { readonly flags: number; readonly counter: number } | undefined;
}

/** Throws GateError("protocol-error") for anything but exactly one signature. */
export function parseSignature(blob: Buffer): SignatureBlob {
  const reader = new Reader(blob);
  const format = reader.readString().toString("latin1");
  const signature = reader.readString();
  const authenticator = format.startsWith("sk-") ? { flags: reader.readByte(), counter: reader.readUint32() } : undefined;
  reader.end();
  return { format, signature, authenticator };
}

export function encodeSignature(format: string, signature: Uint8Array): Buffer {
  return new Writer(format.length + signature.length + 8).string(format).string(signature).toBuffer();
}

/** SSH's `mpint r, mpint s` → the fixed-width `r ‖ s` of IEEE P1363 that node:crypto takes. */
export function parseEcdsa(signature: Buffer, curve: Curve): Buffer {
  const reader = new Reader(signature);
  const [r, s] = [reader.readMpint(), reader.readMpint()];
  reader.end();
  if (r.length > curve.size || s.length > curve.size) throw new GateError("protocol-error", "a signature is too long for its curve");
  const fixed = Buffer.alloc(2 * curve.size);
  fixed.set(r, curve.size - r.length);
  fixed.set(s, 2 * curve.size - s.length);
  return fixed;
}

export function encodeEcdsa(fixed: Buffer, curve: Curve): Buffer {
  return new Writer(2 * curve.size + 16).mpint(fixed.subarray(0, curve.size)).mpint(fixed.subarray(curve.size)).toBuffer();
}
