/**
 * One key exchange, from two KEXINITs to shared keys (RFC 4253 §7 and §8):
 *
 *   client                          server
 *   KEXINIT          ⇄             KEXINIT          negotiate()
 *   KEX…_INIT e      →                              method.initiate / respond
 *                    ←  KEX…_REPLY K_S, f, signature of H
 *   NEWKEYS          ⇄             NEWKEYS          by the transport
 *
 * H = HASH(V_C, V_S, I_C, I_S, K_S, e, f, K): whatever either side saw otherwise makes the signature wrong.
 */
import { createHash } from "node:crypto";
import { asGateError, GateError } from "../../../kernel/errors.ts";
import type { KeyExchangeMethod, ValueEncoding } from "../algorithms/key-exchange.ts";
import type { KeySource } from "../algorithms/key-derivation.ts";
import { parsePresentedKey, type PresentedKey } from "../algorithms/presented-key.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { verifySignature } from "../keys/public-key.ts";
import type { KeySigner } from "../keys/signer.ts";
import { TransportFailure } from "./failure.ts";
import type { Negotiated } from "./kexinit.ts";
import { DISCONNECT, SSH_MSG_KEX_INIT_VALUE, SSH_MSG_KEX_REPLY_VALUE } from "./messages.ts";

/** What both sides sent before the exchange, in the order of the exchange hash. */
export interface Transcript {
  readonly clientVersion: string;
  readonly serverVersion: string;
  readonly clientInit: Buffer;
  readonly serverInit: Buffer;
}

export type SharedKeys = Omit<KeySource, "sessionId">;

/** The server's whole part: takes the INIT message, gives the REPLY message and the keys. */
export async function answerKeyExchange(
  negotiated: Negotiated,
  transcript: Transcript,
  hostKeys: readonly KeySigner[],
  payload: Buffer,
): Promise<{ reply: Buffer; keys: SharedKeys }> {
  const { method } = negotiated;
  const hostKey = hostKeys.find((key) => key.algorithms.includes(negotiated.hostKey));
  if (hostKey === undefined) throw new GateError("internal", "no host key for the algorithm that was agreed on");
  const reader = startMessage(payload, SSH_MSG_KEX_INIT_VALUE);
  const init = readValue(reader, method.values);
  reader.end();
  const { reply, secret } = agree(() => method.respond(init));
  const keys = hashExchange(method, transcript, { hostKey: hostKey.blob, init, reply, secret });
  const signature = await hostKey.sign(keys.exchangeHash, negotiated.hostKey);
  const message = new Writer(1024).byte(SSH_MSG_KEX_REPLY_VALUE).string(hostKey.blob);
  return { reply: writeValue(message, method.values, reply).string(signature).toBuffer(), keys };
}

/** The client's part: makes the INIT message, later takes the REPLY message and gives the keys. */
export class KeyExchangeRequest {
  readonly message: Buffer;
  readonly #negotiated: Negotiated;
  readonly #transcript: Transcript;
  readonly #own: ReturnType<KeyExchangeMethod["initiate"]>;

  constructor(negotiated: Negotiated, transcript: Transcript) {
    this.#negotiated = negotiated;
    this.#transcript = transcript;
    this.#own = negotiated.method.initiate();
    const message = new Writer(1400).byte(SSH_MSG_KEX_INIT_VALUE);
    this.message = writeValue(message, negotiated.method.values, this.#own.init).toBuffer();
  }

  /** The signature has been verified when this returns; whether the host key is the right one is for the caller to decide. */
  finish(payload: Buffer): { hostKey: PresentedKey; keys: SharedKeys } {
    const { method, hostKey: algorithm } = this.#negotiated;
    const reader = startMessage(payload, SSH_MSG_KEX_REPLY_VALUE);
    const blob = reader.readString();
    const reply = readValue(reader, method.values);
    const signature = reader.readString();
    reader.end();
    const hostKey = parsePresentedKey(algorithm, blob);
    const secret = agree(() => this.#own.finish(reply));
    const keys = hashExchange(method, this.#transcript, { hostKey: blob, init: this.#own.init, reply, secret });
    if (!verifySignature(hostKey.key, keys.exchangeHash, signature, hostKey.signatureAlgorithm)) {
      throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, "the host's signature of the key exchange is wrong");
    }
    return { hostKey, keys };
  }
}

/** RFC 4253 §8, RFC 5656 §4: the hash both sides compute, and the secret as it goes into key derivation. */
export function hashExchange(
  method: KeyExchangeMethod,
  transcript: Transcript,
  values: { hostKey: Buffer; init: Buffer; reply: Buffer; secret: Buffer },
): SharedKeys {
  const encodedSecret = writeValue(new Writer(values.secret.length + 5), method.secret, values.secret).toBuffer();
  const writer = new Writer(8192)
    .string(Buffer.from(transcript.clientVersion, "latin1"))
    .string(Buffer.from(transcript.serverVersion, "latin1"))
    .string(transcript.clientInit)
    .string(transcript.serverInit)
    .string(values.hostKey);
  writeValue(writer, method.values, values.init);
  writeValue(writer, method.values, values.reply);
  const exchangeHash = createHash(method.hash).update(writer.raw(encodedSecret).toBuffer()).digest();
  values.secret.fill(0);
  return { hash: method.hash, encodedSecret, exchangeHash };
}

function startMessage(payload: Buffer, type: number): Reader {
  const reader = new Reader(payload);
  if (reader.readByte() !== type) throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "a key exchange message is out of order");
  return reader;
}

function agree<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const error = asGateError(thrown);
    throw new TransportFailure(DISCONNECT.KEY_EXCHANGE_FAILED, error.detail ?? error.message, { cause: thrown });
  }
}

function readValue(reader: Reader, encoding: ValueEncoding): Buffer {
  return encoding === "mpint" ? reader.readMpint() : reader.readString();
}

function writeValue(writer: Writer, encoding: ValueEncoding, value: Buffer): Writer {
  return encoding === "mpint" ? writer.mpint(value) : writer.string(value);
}
