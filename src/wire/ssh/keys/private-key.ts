/**
 * Private key files of OpenSSH ("openssh-key-v1", PROTOCOL.key), without a passphrase: what `ssh-keygen -N ''` writes
 * and `ssh -i` reads.
 *
 *   byte[15] "openssh-key-v1\0"
 *   string   cipher "none", string kdf "none", string kdf options ""
 *   uint32   number of keys, 1
 *   string   public key blob
 *   string   private section: uint32 check, uint32 the same check, string type, fields, string comment,
 *            padding 1, 2, 3, … to a multiple of 8
 *
 * Never put a key's content into an error: errors reach logs.
 */
import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import type { Random } from "../../../kernel/random.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { isKeyType, requireCurve, type KeyType } from "./key-types.ts";
import { parsePublicKey, publicKeyBlob } from "./public-key.ts";

const MAGIC = Buffer.from("openssh-key-v1\0", "latin1");
const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
/** Text of a 16384-bit RSA key with room for a comment. */
const MAX_TEXT = 32_768;
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

export interface PrivateKeyFile {
  readonly privateKey: KeyObject;
  readonly publicBlob: Buffer;
  readonly comment: string;
}

export function generateEd25519(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

/** Throws GateError("bad-request") when the text is not one unencrypted key whose two halves belong together. */
export function parsePrivateKey(text: string): PrivateKeyFile {
  const trimmed = text.trim();
  const [begin, end] = [trimmed.startsWith(BEGIN), trimmed.endsWith(END)];
  if (!begin || !end || trimmed.length > MAX_TEXT) throw new GateError("bad-request", "this is not a private key file of OpenSSH");
  const base64 = trimmed.slice(BEGIN.length, -END.length).replaceAll(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new GateError("bad-request", "the text of the private key file is damaged");
  try {
    return readFile(Buffer.from(base64, "base64"));
  } catch (error) {
    if (error instanceof GateError && error.code === "protocol-error") {
      throw new GateError("bad-request", `the private key file is damaged or not supported: ${error.detail ?? ""}`);
    }
    throw error;
  }
}

function readFile(bytes: Buffer): PrivateKeyFile {
  const reader = new Reader(bytes);
  if (!reader.readRaw(MAGIC.length).equals(MAGIC)) throw new GateError("protocol-error", "it does not start as one");
  const [cipher, kdf] = [reader.readUtf8(), reader.readUtf8()];
  reader.readString();
  if (cipher !== "none" || kdf !== "none") {
    throw new GateError("bad-request", "the private key file has a passphrase, which is not supported");
  }
  if (reader.readUint32() !== 1) throw new GateError("protocol-error", "it does not hold exactly one key");
  const publicKey = parsePublicKey(reader.readString());
  const section = new Reader(reader.readString());
  reader.end();

  if (section.readUint32() !== section.readUint32()) throw new GateError("protocol-error", "its check numbers differ");
  const type = section.readString().toString("latin1");
  if (!isKeyType(type) || type !== publicKey.type) throw new GateError("protocol-error", "the types of its halves differ");
  const privateKey = readPrivateFields(section, type);
  const comment = section.readUtf8();
  if (!section.rest().every((byte, index) => byte === index + 1)) throw new GateError("protocol-error", "its padding is wrong");
  if (!publicKeyBlob(createPublicKey(privateKey)).equals(publicKey.blob)) {
    throw new GateError("protocol-error", "its private half does not belong to its public half");
  }
  return { privateKey, publicBlob: publicKey.blob, comment };
}

function readPrivateFields(reader: Reader, type: KeyType): KeyObject {
  if (type === "ssh-ed25519") {
    // string public key, string (seed ‖ public key)
    const publicHalf = reader.readString();
    const both = reader.readString();
    if (both.length !== 64 || !both.subarray(32).equals(publicHalf)) throw new GateError("protocol-error", "its Ed25519 key is not whole");
    return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, both.subarray(0, 32)]), format: "der", type: "pkcs8" });
  }
  if (type === "ssh-rsa") return readRsaFields(reader);
  if (type.startsWith("sk-")) throw new GateError("protocol-error", "the private half of a FIDO key stays in its authenticator");
  // string curve name, string point, mpint d. The point is computed again from d, not believed.
  const curve = requireCurve(type);
  reader.readString();
  reader.readString();
  const d = leftPad(reader.readMpint(), curve.size);
  const ecdh = createECDH(curve.openssl);
  try {
    ecdh.setPrivateKey(d);
  } catch {
    throw new GateError("protocol-error", "its number is outside of the curve's range");
  }
  const point = ecdh.getPublicKey();
  const jwk = {
    kty: "EC",
    crv: curve.jwk,
    x: point.subarray(1, 1 + curve.size).toString("base64url"),
    y: point.subarray(1 + curve.size).toString("base64url"),
    d: d.toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** mpint n, e, d, iqmp, p, q */
function readRsaFields(reader: Reader): KeyObject {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.readMpint()) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  const [wideP, wideQ] = [toBigInt(p), toBigInt(q)];
  if (wideP < 3n || wideQ < 3n || wideP * wideQ !== toBigInt(n)) throw new GateError("protocol-error", "its primes are wrong");
  const text = (value: Buffer): string => value.toString("base64url");
  const crt = (prime: bigint): string => text(fromBigInt(toBigInt(d) % (prime - 1n)));
  const jwk = { kty: "RSA", n: text(n), e: text(e), d: text(d), p: text(p), q: text(q), dp: crt(wideP), dq: crt(wideQ), qi: text(qi) };
  try {
    return createPrivateKey({ key: jwk, format: "jwk" });
  } catch {
    throw new GateError("protocol-error", "its RSA key is not valid");
  }
}

/** The text of a key file, ending in a newline. Write it with mode 0600. Throws GateError("bad-request") for other kinds of keys. */
export function encodePrivateKey(key: KeyObject, comment: string, random: Random): string {
  const publicBlob = publicKeyBlob(createPublicKey(key));
  const check = random.bytes(4);
  const section = new Writer(2048).raw(check).raw(check);
  writePrivateFields(section, key, publicBlob);
  const unpadded = section.string(comment.replaceAll(/\p{Cc}+/gu, " ")).toBuffer();
  const padding = Buffer.from(Array.from({ length: (8 - (unpadded.length % 8)) % 8 }, (_, index) => index + 1));

  const file = new Writer(4096)
    .raw(MAGIC)
    .string("none")
    .string("none")
    .string("")
    .uint32(1)
    .string(publicBlob)
    .string(Buffer.concat([unpadded, padding]))
    .toBuffer();
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return `${[BEGIN, ...lines, END].join("\n")}\n`;
}

function writePrivateFields(writer: Writer, key: KeyObject, publicBlob: Buffer): void {
  const jwk = key.export({ format: "jwk" });
  const field = (value: string | undefined): Buffer => Buffer.from(value ?? "", "base64url");
  if (jwk.kty === "RSA") {
    writer.string("ssh-rsa");
    for (const value of [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q]) writer.mpint(field(value));
    return;
  }
  // Type and public fields stand in the blob in the order that the private section wants them.
  writer.raw(publicBlob);
  if (jwk.kty === "OKP") writer.string(Buffer.concat([field(jwk.d), field(jwk.x)]));
  else writer.mpint(field(jwk.d));
}

function leftPad(bytes: Buffer, size: number): Buffer {
  if (bytes.length > size) throw new GateError("protocol-error", "a number is too long for its curve");
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString("hex")}`);
}

function fromBigInt(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
