/**
 * X.509 certificates (RFC 5280 §4), made: an authority's own, and for clients of TLS. Signed with ECDSA on P-256, which
 * every client of TLS knows. Reading and verifying them is OpenSSL's.
 *
 *   Certificate     ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
 *   TBSCertificate  ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject,
 *                                  subjectPublicKeyInfo, [3] extensions }
 */
import { createHash } from "node:crypto";
import { bitString, boolean, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "./der.ts";

const VERSION_3 = tagged(0, integer(Buffer.of(2)));
const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const ORGANIZATIONAL_UNIT = "2.5.4.11";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
const AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
/** RFC 5280 §4.1.2.5: for what has no well-defined end. */
const NO_END = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

export interface X509Authority {
  readonly commonName: string;
  /** SubjectPublicKeyInfo in DER, of a key on P-256. */
  readonly publicKey: Buffer;
  /** ECDSA with SHA-256 over `data`: `r ‖ s`, 32 bytes each. */
  sign(data: Buffer): Promise<Buffer>;
}

export interface ClientDraft {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  /** Positive, at most 20 bytes. */
  readonly serial: Buffer;
  readonly commonName: string;
  readonly organizationalUnit: string;
  /** Seconds since 1970, whole; both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What verifiers are told to trust. It signs certificates of clients and no further authority. DER. */
export function encodeAuthorityCertificate(authority: X509Authority): Promise<Buffer> {
  const name = nameOf([COMMON_NAME, authority.commonName]);
  const extensions = [
    extension(BASIC_CONSTRAINTS, "critical", sequence(boolean(true), integer(Buffer.of(0)))),
    // keyCertSign is bit 5.
    extension(KEY_USAGE, "critical", bitString(Buffer.of(0x04), 2)),
    extension(EXTENDED_KEY_USAGE, "critical", sequence(objectIdentifier(CLIENT_AUTH))),
    extension(SUBJECT_KEY_IDENTIFIER, "optional", octetString(keyIdentifier(authority.publicKey))),
  ];
  return signed(authority, Buffer.of(1), name, [0, NO_END], authority.publicKey, extensions);
}

/** For the client's side of TLS and nothing else. DER. */
export function encodeClientCertificate(authority: X509Authority, draft: ClientDraft): Promise<Buffer> {
  const { publicKey, serial, commonName, organizationalUnit, notBefore, notAfter } = draft;
  const name = nameOf([ORGANIZATIONAL_UNIT, organizationalUnit], [COMMON_NAME, commonName]);
  const extensions = [
    // No authority: of DEFAULT values DER writes nothing.
    extension(BASIC_CONSTRAINTS, "critical", sequence()),
    // digitalSignature is bit 0.
    extension(KEY_USAGE, "critical", bitString(Buffer.of(0x80), 7)),
    extension(EXTENDED_KEY_USAGE, "critical", sequence(objectIdentifier(CLIENT_AUTH))),
    extension(AUTHORITY_KEY_IDENTIFIER, "optional", sequence(tagged(0, keyIdentifier(authority.publicKey), "primitive"))),
  ];
  return signed(authority, serial, name, [notBefore, notAfter], publicKey, extensions);
}

export function encodePem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

async function signed(
  authority: X509Authority,
  serial: Buffer,
  subject: Buffer,
  [notBefore, notAfter]: readonly [number, number],
  publicKey: Buffer,
  extensions: readonly Buffer[],
): Promise<Buffer> {
  const tbs = sequence(
    VERSION_3,
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf([COMMON_NAME, authority.commonName]),
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    tagged(3, sequence(...extensions)),
  );
  const signature = await authority.sign(tbs);
  const half = signature.length / 2;
  // RFC 3279 §2.2.3: Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
  const value = sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
  return sequence(tbs, ECDSA_WITH_SHA256, bitString(value));
}

/** Name ::= SEQUENCE OF SET OF SEQUENCE { type, value } */
function nameOf(...attributes: readonly (readonly [type: string, value: string])[]): Buffer {
  return sequence(...attributes.map(([type, value]) => setOf(sequence(objectIdentifier(type), utf8String(value)))));
}

function extension(type: string, weight: "critical" | "optional", value: Buffer): Buffer {
  return sequence(objectIdentifier(type), ...(weight === "critical" ? [boolean(true)] : []), octetString(value));
}

/** RFC 5280 §4.2.1.2 leaves open how it is made; like its example, of the key alone. */
function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}
