/**
 * Key exchanges of one connection, first and later ones: who has sent what, and when keys change.
 *
 *   idle ─ start() or peer's KEXINIT ─► both KEXINITs ─► INIT/REPLY ─► our NEWKEYS sent ─┐
 *    ▲                                                          peer's NEWKEYS received ─┴─► idle
 *
 * Strict mode (PROTOCOL §1.10, "kex-strict-*-v00@openssh.com") is settled by the first exchange and stays.
 */
import { deriveKey, type KeyLetter } from "../algorithms/key-derivation.ts";
import { createOpener, createSealer, type DirectionKeys, type PacketOpener } from "../algorithms/packet-protection.ts";
import type { AlgorithmPreferences } from "../algorithms/preferences.ts";
import type { Random } from "../../../kernel/random.ts";
import { TransportFailure } from "./failure.ts";
import { answerKeyExchange, KeyExchangeRequest, type SharedKeys, type Transcript } from "./key-exchange.ts";
import { encodeKexInit, negotiate, offersExtInfo, offersStrict, parseKexInit, type Direction, type Negotiated } from "./kexinit.ts";
import { DISCONNECT, SSH_MSG_KEXINIT, SSH_MSG_NEWKEYS } from "./messages.ts";
import type { TransportOptions } from "./options.ts";
import type { PacketReader } from "./packet-reader.ts";
import type { PacketWriter } from "./packet-writer.ts";

const NEWKEYS = Buffer.of(SSH_MSG_NEWKEYS);
/** A KEXINIT is kept for the exchange hash: an honest one has about 1.5 KiB. */
const MAX_KEXINIT_BYTES = 32_768;

export class KeyExchanger {
  readonly #options: TransportOptions;
  readonly #offer: AlgorithmPreferences;
  readonly #random: Random;
  readonly #writer: PacketWriter;
  readonly #reader: PacketReader;
  readonly #ownVersion: string;
  #peerVersion = "";
  #ownInit: Buffer | undefined;
  #peerInit: Buffer | undefined;
  #negotiated: Negotiated | undefined;
  #request: KeyExchangeRequest | undefined;
  #answered = false;
  #dropNext = false;
  #sentNewKeys = false;
  #nextOpener: PacketOpener | undefined;
  /** Exchanges finished. */
  finished = 0;
  sessionId: Buffer | undefined;
  strict = false;
  /** The peer takes SSH_MSG_EXT_INFO. */
  peerTakesExtInfo = false;
  /** What was agreed on last. */
  agreed: Negotiated | undefined;

  constructor(
    options: TransportOptions,
    parts: { offer: AlgorithmPreferences; random: Random; writer: PacketWriter; reader: PacketReader; ownVersion: string },
  ) {
    this.#options = options;
    this.#offer = parts.offer;
    this.#random = parts.random;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#ownVersion = parts.ownVersion;
  }

  set peerVersion(version: string) {
    this.#peerVersion = version;
  }

  get active(): boolean {
    return this.#ownInit !== undefined || this.#peerInit !== undefined;
  }

  /** Nothing of the layers above may be sent: our KEXINIT is out, our NEWKEYS is not (§7.1); or there were no keys yet. */
  get blocksSending(): boolean {
    return (this.#ownInit !== undefined && !this.#sentNewKeys) || (this.finished === 0 && !this.#sentNewKeys);
  }

  /** The peer has sent its KEXINIT and not its NEWKEYS: only key exchange may come. */
  get peerInExchange(): boolean {
    return this.#peerInit !== undefined;
  }

  /** Sends our KEXINIT, unless one is out. */
  start(): void {
    if (this.#ownInit !== undefined) return;
    this.#ownInit = encodeKexInit(this.#options.role, this.#offer, this.#random.bytes(16), this.finished === 0);
    this.#writer.write(this.#ownInit);
  }

  /** Messages 20, 21 and 30–49. A promise: input must wait for it. Throws TransportFailure. */
  receive(type: number, payload: Buffer): Promise<void> | undefined {
    if (type === SSH_MSG_KEXINIT) return this.#receiveInit(payload);
    if (type === SSH_MSG_NEWKEYS) return this.#receiveNewKeys(payload);
    if (this.#negotiated === undefined || this.#answered) throw outOfOrder();
    if (this.#dropNext) {
      this.#dropNext = false;
      return undefined;
    }
    this.#answered = true;
    const [negotiated, transcript, message] = [this.#negotiated, this.#transcript(), Buffer.from(payload)];
    return this.#request === undefined ? this.#answer(negotiated, transcript, message) : this.#finish(this.#request, message);
  }

  #receiveInit(payload: Buffer): undefined {
    if (this.#peerInit !== undefined) throw outOfOrder();
    if (payload.length > MAX_KEXINIT_BYTES) throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "a KEXINIT is too long");
    this.start();
    this.#peerInit = Buffer.from(payload);
    const isClient = this.#options.role === "client";
    const peerRole = isClient ? "server" : "client";
    const peer = parseKexInit(this.#peerInit);
    const own = parseKexInit(this.#ownInit ?? Buffer.alloc(0));
    if (this.finished === 0) {
      this.strict = offersStrict(peer, peerRole);
      this.peerTakesExtInfo = offersExtInfo(peer, peerRole);
      if (this.strict && this.#reader.sequence !== 0) {
        throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "the first packet of a strict key exchange is not KEXINIT");
      }
    }
    this.#negotiated = isClient ? negotiate(own, peer, "client") : negotiate(peer, own, "server");
    this.#dropNext = this.#negotiated.dropGuess;
    if (!isClient) return;
    this.#request = new KeyExchangeRequest(this.#negotiated, this.#transcript());
    this.#writer.write(this.#request.message);
  }

  async #answer(negotiated: Negotiated, transcript: Transcript, payload: Buffer): Promise<void> {
    if (this.#options.role !== "server") throw outOfOrder();
    const { reply, keys } = await answerKeyExchange(negotiated, transcript, this.#options.hostKeys, payload);
    this.#writer.write(reply);
    this.#useKeys(negotiated, keys);
  }

  async #finish(request: KeyExchangeRequest, payload: Buffer): Promise<void> {
    const negotiated = this.#negotiated;
    if (this.#options.role !== "client" || negotiated === undefined) throw outOfOrder();
    const { hostKey, keys } = request.finish(payload);
    if (!(await this.#options.verifyHostKey(hostKey))) {
      const detail = `its key is ${hostKey.algorithm}`;
      throw new TransportFailure(DISCONNECT.HOST_KEY_NOT_VERIFIABLE, detail, { code: "target-untrusted" });
    }
    this.#useKeys(negotiated, keys);
  }

  /** Sends NEWKEYS, changes the outgoing keys, and keeps the incoming ones ready. */
  #useKeys(negotiated: Negotiated, keys: SharedKeys): void {
    const sessionId = (this.sessionId ??= keys.exchangeHash);
    const derive = (direction: Direction, [iv, key, mac]: readonly [KeyLetter, KeyLetter, KeyLetter]): DirectionKeys => ({
      iv: deriveKey({ ...keys, sessionId }, iv, direction.cipher.ivBytes),
      key: deriveKey({ ...keys, sessionId }, key, direction.cipher.keyBytes),
      macKey: deriveKey({ ...keys, sessionId }, mac, direction.mac?.bytes ?? 0),
    });
    const { toServer, toClient } = negotiated;
    const [toServerKeys, toClientKeys] = [derive(toServer, ["A", "C", "E"]), derive(toClient, ["B", "D", "F"])];
    keys.encodedSecret.fill(0);
    this.#writer.write(NEWKEYS);
    this.#sentNewKeys = true;
    if (this.#options.role === "server") {
      this.#writer.setSealer(createSealer(toClient.cipher, toClient.mac, toClientKeys), this.strict);
      this.#nextOpener = createOpener(toServer.cipher, toServer.mac, toServerKeys);
    } else {
      this.#writer.setSealer(createSealer(toServer.cipher, toServer.mac, toServerKeys), this.strict);
      this.#nextOpener = createOpener(toClient.cipher, toClient.mac, toClientKeys);
    }
  }

  #receiveNewKeys(payload: Buffer): undefined {
    if (this.#nextOpener === undefined || payload.length !== 1) throw outOfOrder();
    this.#reader.setOpener(this.#nextOpener, this.strict);
    this.agreed = this.#negotiated;
    this.#nextOpener = undefined;
    this.#ownInit = undefined;
    this.#peerInit = undefined;
    this.#negotiated = undefined;
    this.#request = undefined;
    this.#answered = false;
    this.#dropNext = false;
    this.#sentNewKeys = false;
    this.finished += 1;
  }

  #transcript(): Transcript {
    const [own, peer] = [this.#ownInit ?? Buffer.alloc(0), this.#peerInit ?? Buffer.alloc(0)];
    return this.#options.role === "client"
      ? { clientVersion: this.#ownVersion, serverVersion: this.#peerVersion, clientInit: own, serverInit: peer }
      : { clientVersion: this.#peerVersion, serverVersion: this.#ownVersion, clientInit: peer, serverInit: own };
  }
}

function outOfOrder(): TransportFailure {
  return new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "a key exchange message is out of order");
}
