/**
 * An authenticator in software (WebAuthn §6): one P-256 key, which a test may make lie in every way that an attacker's would. CBOR is
 * written by hand, so that what is tested is not also what makes the test.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What it is asked to make, as far as it looks. */
export interface Creation {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
}

export interface Request {
  readonly rpId: string;
  readonly challenge: string;
}

/** Each is what an honest one would not do. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly present?: boolean;
  readonly verified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly id?: string;
  /** COSE algorithm the key says it is for. */
  readonly alg?: number;
  /** Attestation statement in place of `none`. */
  readonly attestation?: { readonly fmt: string; readonly statement: Buffer };
  readonly signWith?: KeyObject;
}

export class SoftwarePasskey {
  readonly credential = randomBytes(32).toString("base64url");
  readonly #key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #origin: string;
  #handle = "";
  #counter: number;

  /** `counter`: 0 never counts, as most passkeys of telephones. */
  constructor(origin: string, { counter = 0 }: { counter?: number } = {}) {
    this.#origin = origin;
    this.#counter = counter;
  }

  get privateKey(): KeyObject {
    return this.#key.privateKey;
  }

  /** `navigator.credentials.create`. */
  create(options: Creation, lies: Lies = {}) {
    this.#handle = options.user.id;
    const client = this.#clientData("webauthn.create", options.challenge, lies);
    const id = Buffer.from(this.credential, "base64url");
    const length = Buffer.from([id.length >> 8, id.length & 0xff]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, this.#coseKey(lies.alg ?? -7)]);
    const data = Buffer.concat([this.#head(lies.rpId ?? options.rp.id, 0x40, lies), attested]);
    const { fmt, statement } = lies.attestation ?? { fmt: "none", statement: Buffer.from([0xa0]) };
    const object = Buffer.concat([
      Buffer.from([0xa3]),
      textItem("fmt"),
      textItem(fmt),
      textItem("attStmt"),
      statement,
      textItem("authData"),
      bytesItem(data),
    ]);
    return {
      id: lies.id ?? this.credential,
      response: { clientDataJSON: client.toString("base64url"), attestationObject: object.toString("base64url"), transports: ["internal"] },
    };
  }

  /** `navigator.credentials.get`. */
  get(options: Request, lies: Lies = {}) {
    const client = this.#clientData("webauthn.get", options.challenge, lies);
    const data = this.#head(lies.rpId ?? options.rpId, 0, lies);
    const signed = Buffer.concat([data, createHash("sha256").update(client).digest()]);
    return {
      id: lies.id ?? this.credential,
      response: {
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: sign("sha256", signed, lies.signWith ?? this.#key.privateKey).toString("base64url"),
        userHandle: lies.userHandle ?? this.#handle,
      },
    };
  }

  #clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.#origin,
        crossOrigin: lies.crossOrigin ?? false,
        ...(lies.topOrigin !== undefined && { topOrigin: lies.topOrigin }),
      }),
    );
  }

  /** Authenticator data, §6.1: hash of the domain | flags | counter. */
  #head(rpId: string, more: number, { present = true, verified = true, counter }: Lies): Buffer {
    if (this.#counter > 0) this.#counter += 1;
    const tail = Buffer.alloc(5);
    tail.writeUInt8((present ? 0x01 : 0) | (verified ? 0x04 : 0) | more, 0);
    tail.writeUInt32BE(counter ?? this.#counter, 1);
    return Buffer.concat([createHash("sha256").update(rpId).digest(), tail]);
  }

  /** COSE_Key (RFC 9053 §7.1): {1: 2, 3: alg, -1: 1, -2: x, -3: y}. */
  #coseKey(alg: number): Buffer {
    const { x = "", y = "" } = this.#key.publicKey.export({ format: "jwk" });
    const [pointX, pointY] = [bytesItem(Buffer.from(x, "base64url")), bytesItem(Buffer.from(y, "base64url"))];
    const start = Buffer.from([0xa5, 0x01, 0x02, 0x03]);
    return Buffer.concat([start, intItem(alg), Buffer.from([0x20, 0x01, 0x21]), pointX, Buffer.from([0x22]), pointY]);
  }
}

/** RFC 8949 §3: major types 0 to 3. */
function intItem(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value);
}

export function textItem(text: string): Buffer {
  return Buffer.concat([head(3, text.length), Buffer.from(text)]);
}

export function bytesItem(bytes: Buffer): Buffer {
  return Buffer.concat([head(2, bytes.length), bytes]);
}

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
