/**
 * OpenSSH certificates (PROTOCOL.certkeys): what they say, and how they are made. Whether to believe one is decided in
 * `verify-certificate.ts`.
 *
 *   string  type, e.g. "ssh-ed25519-cert-v01@openssh.com"
 *   string  nonce
 *           fields of the public key
 *   uint64  serial
 *   uint32  1 = user, 2 = host
 *   string  key id
 *   string  valid principals, each a string
 *   uint64  valid after, uint64 valid before            seconds since 1970; before is exclusive
 *   string  critical options, string extensions         pairs (string name, string data), names ascending, each once
 *   string  reserved
 *   string  public key of the CA
 *   string  signature of everything above
 */
import { GateError } from "../../../kernel/errors.ts";
import type { Random } from "../../../kernel/random.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { findCertifiedType, findSignatureAlgorithm, KEY_TYPES, type KeyType } from "./key-types.ts";
import { parsePublicKey, readKeyFields, type PublicKey } from "./public-key.ts";
import type { KeySigner } from "./signer.ts";

export const SSH_CERT_TYPE_USER = 1;
export const SSH_CERT_TYPE_HOST = 2;
export type CertificateKind = "user" | "host";

const MAX_CERTIFICATE_BYTES = 65_536;
const MAX_PRINCIPALS = 256;
const MAX_OPTIONS = 64;

export interface Certificate {
  readonly blob: Buffer;
  /** The certified key, as a plain key. */
  readonly publicKey: PublicKey;
  readonly serial: bigint;
  readonly type: CertificateKind;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since the Unix epoch; valid while validAfter ≤ now < validBefore. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** Name → value; options without a value have "". */
  readonly criticalOptions: ReadonlyMap<string, string>;
  readonly extensions: ReadonlyMap<string, string>;
  readonly ca: PublicKey;
  readonly signature: Buffer;
  /** What the signature covers, a view into `blob`. */
  readonly signed: Buffer;
}

/** Untrusted: the content means nothing before `verifyCertificate` said ok. Throws GateError("protocol-error"). */
export function parseCertificate(blob: Buffer): Certificate {
  if (blob.length > MAX_CERTIFICATE_BYTES) throw new GateError("protocol-error", "a certificate is too long");
  const own = Buffer.from(blob);
  const reader = new Reader(own);
  const keyType = findCertifiedType(reader.readString().toString("latin1"));
  if (keyType === undefined) throw new GateError("protocol-error", "the type of a certificate is not supported");
  reader.readString();
  const publicKey = readCertifiedKey(reader, own, keyType);
  const serial = reader.readUint64();
  const type = kindOf(reader.readUint32());
  const keyId = reader.readUtf8();
  const principals = readPrincipals(reader.readString());
  const [validAfter, validBefore] = [reader.readUint64(), reader.readUint64()];
  const criticalOptions = readOptions(reader.readString());
  const extensions = readOptions(reader.readString());
  reader.readString();
  // A certificate of a certificate is no key, so a chain is refused here (PROTOCOL.certkeys: "chained certificates").
  const ca = parsePublicKey(reader.readString());
  const signed = own.subarray(0, own.length - reader.remaining);
  const signature = reader.readString();
  reader.end();
  return {
    blob: own,
    publicKey,
    serial,
    type,
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions,
    extensions,
    ca,
    signature,
    signed,
  };
}

function readCertifiedKey(reader: Reader, blob: Buffer, type: KeyType): PublicKey {
  const start = blob.length - reader.remaining;
  const { keyObject, application } = readKeyFields(reader, type);
  const fields = blob.subarray(start, blob.length - reader.remaining);
  return { type, blob: new Writer(fields.length + 64).string(type).raw(fields).toBuffer(), keyObject, application };
}

function kindOf(value: number): CertificateKind {
  if (value === SSH_CERT_TYPE_USER) return "user";
  if (value === SSH_CERT_TYPE_HOST) return "host";
  throw new GateError("protocol-error", "a certificate is neither for a user nor for a host");
}

function readPrincipals(packed: Buffer): string[] {
  const reader = new Reader(packed);
  const principals: string[] = [];
  while (reader.remaining > 0) {
    if (principals.length === MAX_PRINCIPALS) throw new GateError("protocol-error", "a certificate has too many principals");
    principals.push(reader.readUtf8());
  }
  return principals;
}

function readOptions(packed: Buffer): Map<string, string> {
  const reader = new Reader(packed);
  const options = new Map<string, string>();
  let previous: Buffer | undefined;
  while (reader.remaining > 0) {
    if (options.size === MAX_OPTIONS) throw new GateError("protocol-error", "a certificate has too many options");
    const raw = reader.readString();
    // Ascending order also means that no name comes twice.
    if (previous !== undefined && Buffer.compare(previous, raw) >= 0) {
      throw new GateError("protocol-error", "a certificate's options are out of order");
    }
    previous = raw;
    options.set(raw.toString("latin1"), readOptionData(reader.readString()));
  }
  return options;
}

/** A value is a string inside of the data; a flag has no data at all. */
function readOptionData(data: Buffer): string {
  if (data.length === 0) return "";
  const reader = new Reader(data);
  const value = reader.readUtf8();
  reader.end();
  return value;
}

export interface CertificateRequest {
  /** Blob of the key to certify, a plain one. */
  readonly publicKey: Buffer;
  readonly serial: bigint;
  readonly type: CertificateKind;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since the Unix epoch. */
  readonly validAfter: number | bigint;
  readonly validBefore: number | bigint;
  readonly criticalOptions?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, string>>;
  readonly ca: KeySigner;
  readonly random: Random;
}

/** The blob of a new certificate. Refuses one for nobody: without principals it would be valid for everybody. */
export async function issueCertificate(request: CertificateRequest): Promise<Buffer> {
  const key = parsePublicKey(request.publicKey);
  const [validAfter, validBefore] = [BigInt(request.validAfter), BigInt(request.validBefore)];
  if (request.principals.length === 0) throw new GateError("bad-request", "a certificate needs at least one principal");
  if (validAfter >= validBefore) throw new GateError("bad-request", "a certificate must end after it starts");
  const [algorithm = ""] = request.ca.algorithms;
  if (findSignatureAlgorithm(algorithm) !== algorithm) throw new GateError("bad-request", "the CA has no algorithm to sign with");

  const principals = new Writer();
  for (const principal of request.principals) principals.string(principal);
  const typeLength = 4 + key.blob.readUInt32BE(0);
  const writer = new Writer(1024)
    .string(KEY_TYPES[key.type].certificate)
    .string(request.random.bytes(32))
    .raw(key.blob.subarray(typeLength))
    .uint64(request.serial)
    .uint32(request.type === "user" ? SSH_CERT_TYPE_USER : SSH_CERT_TYPE_HOST)
    .string(request.keyId)
    .string(principals.toBuffer())
    .uint64(validAfter)
    .uint64(validBefore)
    .string(encodeOptions(request.criticalOptions ?? {}))
    .string(encodeOptions(request.extensions ?? {}))
    .string("")
    .string(request.ca.blob);
  const signed = Buffer.from(writer.toBuffer());
  const signature = await request.ca.sign(signed, algorithm);
  return new Writer(signed.length + signature.length + 4).raw(signed).string(signature).toBuffer();
}

function encodeOptions(options: Readonly<Record<string, string>>): Buffer {
  const writer = new Writer();
  for (const name of Object.keys(options).sort()) {
    const value = options[name] ?? "";
    writer.string(name).string(value === "" ? "" : new Writer().string(value).toBuffer());
  }
  return writer.toBuffer();
}
