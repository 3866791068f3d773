/**
 * The SSH transport layer (RFC 4253) without I/O, for either role.
 *
 * Owns: version exchange, packets, key exchange and re-exchange, strict key exchange, EXT_INFO, DISCONNECT, IGNORE,
 * DEBUG, UNIMPLEMENTED and pings. Bytes come in by `receive` and go out by `options.output`; payloads of the layers above come
 * out at `onPayload` and go in by `send`.
 *
 * Never: opens a socket, starts a timer, knows a user, a channel or a policy. Deadlines are the owner's: `phase` shows how far it got.
 *
 * Invariants:
 *  - Nothing of a layer above passes in either direction before the first key exchange is finished.
 *  - Between our KEXINIT and our NEWKEYS only messages of the key exchange are sent (§7.1); others wait, in bounded number.
 *  - Between the peer's KEXINIT and NEWKEYS nothing but key exchange is taken; in strict mode and the first exchange,
 *    nothing else at all, and sequence numbers start at zero with each NEWKEYS.
 *  - While something asynchronous decides (signing, the host key) input is held, in order.
 *  - After the first failure or DISCONNECT nothing is sent, delivered or reported any more.
 */
import { asGateError, GateError } from "../../../kernel/errors.ts";
import { systemRandom } from "../../../kernel/random.ts";
import { DEFAULT_ALGORITHMS, offeredHostKeys, requireKnownAlgorithms, USER_SIGNATURE_ALGORITHMS } from "../algorithms/preferences.ts";
import { BufferPool } from "../../../kernel/buffer-pool.ts";
import { encodeServerExtensions, NO_EXTENSIONS, parseExtensions, type PeerExtensions } from "./ext-info.ts";
import { describeReason, TransportFailure } from "./failure.ts";
import { KeyAge } from "./key-age.ts";
import { KeyExchanger } from "./key-exchanger.ts";
import * as msg from "./messages.ts";
import { DEFAULT_REKEY_LIMITS, describeExchange, type TransportEvents, type TransportOptions, type TransportPhase } from "./options.ts";
import { PacketReader } from "./packet-reader.ts";
import { PacketWriter } from "./packet-writer.ts";
import { SendQueue } from "./send-queue.ts";
import { encodeVersion, VersionReader } from "./version-exchange.ts";

/** RFC 4253 §6.1: what everybody must take. Before the user is known, nobody needs more. */
const MAX_PACKET_UNAUTHENTICATED = 35_000;
/** As OpenSSH. */
const MAX_PACKET_AUTHENTICATED = 262_144;
/** Input held while something asynchronous decides: above the first figure the owner is told to stop reading, above the second it is over. */
const HELD_PAUSE_BYTES = 65_536;
const HELD_MAX_BYTES = 4_194_304;
/** Re-exchanges that a peer without a user may ask for: each costs us a signature. */
const MAX_REKEYS_UNAUTHENTICATED = 4;

export class Transport {
  /** Takes the payloads of the layers above, numbers 5, 6 and 50–191; set by whichever layer is on. May throw a GateError, which ends the connection. The payload is valid during the call. */
  onPayload: (payload: Buffer) => void = () => {
    throw new TransportFailure(msg.DISCONNECT.PROTOCOL_ERROR, "a message came before anybody asked for it");
  };
  readonly role: "server" | "client";
  readonly #events: TransportEvents;
  readonly #keyAge: KeyAge;
  readonly #schedule: (flush: () => void) => void;
  readonly #flushNow = (): void => this.flush();
  readonly #writer: PacketWriter;
  readonly #reader = new PacketReader(MAX_PACKET_UNAUTHENTICATED);
  readonly #exchanger: KeyExchanger;
  readonly #queue = new SendQueue();
  readonly #versionReader: VersionReader;
  #phase: TransportPhase = "version";
  #peerVersion = "";
  #extensions = NO_EXTENSIONS;
  #authenticated = false;
  #flushScheduled = false;
  #processing = false;
  #held = false;
  #inputPaused = false;

  /** Sends our version and KEXINIT at once: neither side needs to wait for the other's. Throws GateError("bad-config") on unknown algorithms. */
  constructor(options: TransportOptions) {
    const offer = options.algorithms ?? DEFAULT_ALGORITHMS;
    requireKnownAlgorithms(offer);
    const random = options.random ?? systemRandom;
    const ownVersion = encodeVersion(options.software);
    this.role = options.role;
    this.#events = options.events;
    this.#keyAge = new KeyAge({ ...DEFAULT_REKEY_LIMITS, ...options.rekey }, options.monotonicMs ?? (() => performance.now()));
    this.#schedule = options.schedule ?? queueMicrotask;
    this.#versionReader = new VersionReader(options.role === "client");
    this.#writer = new PacketWriter(options.output, options.pool ?? new BufferPool({ maxFree: 1 }), random);
    const hostKey = options.role === "server" ? offeredHostKeys(offer.hostKey, options.hostKeys) : offer.hostKey;
    const parts = { offer: { ...offer, hostKey }, random, writer: this.#writer, reader: this.#reader, ownVersion };
    this.#exchanger = new KeyExchanger(options, parts);
    this.#writer.writeRaw(Buffer.from(`${ownVersion}\r\n`, "latin1"));
    this.#exchanger.start();
    this.#flushSoon();
  }

  get phase(): TransportPhase {
    return this.#phase;
  }

  /** The peer's version line; "" before it came. Untrusted text. */
  get peerVersion(): string {
    return this.#peerVersion;
  }

  /** The hash of the first key exchange: names this connection in every signature. Throws before there is one. */
  get sessionId(): Buffer {
    if (this.#exchanger.sessionId === undefined) throw new GateError("internal", "there is no SSH session id before the key exchange");
    return this.#exchanger.sessionId;
  }

  get isRekeying(): boolean {
    return this.#exchanger.active;
  }

  /** Bytes accepted by `send` that the output has not been given yet. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#writer.gathered;
  }

  get peerExtensions(): PeerExtensions {
    return this.#extensions;
  }

  /** The user is known: larger packets are taken, and we may start key exchanges ourselves. */
  markAuthenticated(): void {
    this.#authenticated = true;
    this.#reader.maxPacket = MAX_PACKET_AUTHENTICATED;
  }

  /** Bytes from the peer, split anywhere; kept until read, so the caller must not change them. False: stop reading until onWantInput. */
  receive(chunk: Buffer): boolean {
    if (this.#phase === "closed") return true;
    try {
      if (this.#phase === "version") this.#receiveVersion(chunk);
      else this.#reader.push(chunk);
    } catch (thrown) {
      this.fail(thrown);
      return true;
    }
    this.#process();
    if (this.#reader.waiting > HELD_MAX_BYTES) this.fail(new GateError("protocol-error", "the peer sends on while a decision is awaited"));
    this.#inputPaused = this.#held && this.#reader.waiting > HELD_PAUSE_BYTES;
    return !this.#inputPaused;
  }

  /** Bytes given to `receive` are still needed; otherwise their memory may be used again. */
  get keepsInput(): boolean {
    return this.#reader.keepsChunks;
  }

  /**
   * Sends one message of a layer above; `payload` is copied. During a key exchange it waits in order. False: enough is waiting, hold back
   * until onDrain. After the end it does nothing.
   */
  send(payload: Uint8Array): boolean {
    if (this.#phase === "closed") return true;
    if (this.#exchanger.blocksSending) {
      if (this.#queue.push(payload)) return !this.#queue.isFull;
      this.fail(new GateError("protocol-error", "too much waits for the end of a key exchange"));
      return true;
    }
    this.#writer.write(payload);
    this.#rekeyIfDue();
    this.#flushSoon();
    return true;
  }

  /** Starts a key exchange now, unless one is going on. */
  rekey(): void {
    if (this.#phase !== "open") return;
    this.#exchanger.start();
    this.#flushSoon();
  }

  /** Something the peer answers, to see that it lives. False when it did not say that it answers (RFC 4253 has no such message). */
  ping(data: Uint8Array = Buffer.alloc(0)): boolean {
    if (this.#extensions.ping) this.send(msg.encodePing(msg.SSH_MSG_PING, data));
    return this.#extensions.ping;
  }

  /** Traffic without meaning: keeps middleboxes from forgetting the connection. */
  sendIgnore(data: Uint8Array = Buffer.alloc(0)): void {
    this.send(msg.encodeIgnore(data));
  }

  /** Answers the message now in `onPayload` with UNIMPLEMENTED (RFC 4253 §11.4). */
  replyUnimplemented(): void {
    this.send(msg.encodeUnimplemented(this.#reader.sequence));
  }

  /** Says goodbye and ends. No event follows. `reason`: RFC 4253 §11.1. */
  disconnect(reason: number, description: string): void {
    if (this.#phase === "closed") return;
    if (this.#phase !== "version") this.#writer.write(msg.encodeDisconnect(reason, description));
    this.close();
  }

  /** Ends without a word, as after a lost connection. No event follows. */
  close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#writer.end();
    this.#queue.clear();
  }

  /** Hands what is gathered to the output. Called by the schedule; calling it earlier is harmless. */
  flush(): void {
    this.#flushScheduled = false;
    if (this.#phase === "open" && this.#authenticated && this.#keyAge.isOld()) this.#exchanger.start();
    this.#writer.flush();
  }

  #flushSoon(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#schedule(this.#flushNow);
  }

  #receiveVersion(chunk: Buffer): void {
    const found = this.#versionReader.push(chunk);
    if (found === undefined) return;
    this.#peerVersion = found.version;
    this.#exchanger.peerVersion = found.version;
    this.#phase = "key-exchange";
    this.#reader.push(found.rest);
  }

  #process(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (!this.#held && this.#phase !== "closed" && this.#phase !== "version") {
        const payload = this.#reader.next();
        if (payload === undefined) break;
        this.#dispatch(payload[0] ?? 0, payload);
      }
      if (this.#phase === "open") this.#rekeyIfDue();
    } catch (thrown) {
      this.fail(thrown);
    } finally {
      this.#processing = false;
    }
  }

  #dispatch(type: number, payload: Buffer): void {
    const exchanger = this.#exchanger;
    const isExchange = type === msg.SSH_MSG_KEXINIT || type === msg.SSH_MSG_NEWKEYS || (type >= 30 && type <= 49);
    if (isExchange) return this.#receiveExchange(type, payload);
    const isFirst = exchanger.finished === 0;
    const allowedInExchange = isFirst && exchanger.strict ? type === msg.SSH_MSG_DISCONNECT : type <= msg.SSH_MSG_DEBUG;
    if ((isFirst || exchanger.peerInExchange) && !allowedInExchange) {
      throw new TransportFailure(msg.DISCONNECT.PROTOCOL_ERROR, `message ${type} came during a key exchange`);
    }
    switch (type) {
      case msg.SSH_MSG_DISCONNECT: {
        const { reason, description } = msg.parseDisconnect(payload);
        this.close();
        return this.#events.onDisconnect(reason, description);
      }
      case msg.SSH_MSG_IGNORE:
        return;
      case msg.SSH_MSG_UNIMPLEMENTED:
        return this.#events.onUnimplemented?.(msg.parseUnimplemented(payload));
      case msg.SSH_MSG_DEBUG: {
        const { message, alwaysDisplay } = msg.parseDebug(payload);
        return this.#events.onDebug?.(message, alwaysDisplay);
      }
      case msg.SSH_MSG_EXT_INFO:
        this.#extensions = parseExtensions(payload);
        return this.#events.onExtensions?.(this.#extensions);
      case msg.SSH_MSG_PING:
        this.send(msg.encodePing(msg.SSH_MSG_PONG, msg.parsePing(payload)));
        return;
      case msg.SSH_MSG_PONG:
        return this.#events.onPong?.(msg.parsePing(payload));
      default:
        if (type < 50 && type !== msg.SSH_MSG_SERVICE_REQUEST && type !== msg.SSH_MSG_SERVICE_ACCEPT) return this.replyUnimplemented();
        return this.onPayload(payload);
    }
  }

  #receiveExchange(type: number, payload: Buffer): void {
    const exchanger = this.#exchanger;
    if (type === msg.SSH_MSG_KEXINIT && !this.#authenticated && exchanger.finished > MAX_REKEYS_UNAUTHENTICATED) {
      throw new TransportFailure(msg.DISCONNECT.PROTOCOL_ERROR, "too many key exchanges without a user");
    }
    const pending = exchanger.receive(type, payload);
    this.#flushSoon();
    if (pending !== undefined) this.#holdFor(pending);
    if (type === msg.SSH_MSG_NEWKEYS) this.#keysChanged();
  }

  #holdFor(pending: Promise<void>): void {
    this.#held = true;
    pending.then(
      () => {
        this.#held = false;
        if (this.#phase === "closed") return;
        this.#sendWaiting();
        this.#process();
        if (!this.#inputPaused || this.#held) return;
        this.#inputPaused = false;
        this.#events.onWantInput?.();
      },
      (thrown: unknown) => this.fail(thrown),
    );
  }

  /** Our NEWKEYS is out: what waited for it follows, after EXT_INFO when it was the first (RFC 8308 §2.4). */
  #sendWaiting(): void {
    const isFirst = this.#exchanger.finished === 0;
    if (isFirst && this.role === "server" && this.#exchanger.peerTakesExtInfo) {
      this.#writer.write(encodeServerExtensions(USER_SIGNATURE_ALGORITHMS));
    }
    const wasFull = this.#queue.isFull;
    this.#queue.drain((payload) => this.#writer.write(payload));
    this.#flushSoon();
    if (wasFull) this.#events.onDrain?.();
  }

  #keysChanged(): void {
    this.#phase = "open";
    this.#keyAge.renew();
    const { agreed, finished, strict } = this.#exchanger;
    if (agreed !== undefined) this.#events.onKeyExchange?.(describeExchange(agreed, finished === 1, strict));
  }

  /** Before the user is known no key exchange is started: old clients cannot take one then. */
  #rekeyIfDue(): void {
    if (!this.#authenticated || this.#exchanger.active) return;
    if (this.#keyAge.isUsedUp(this.#writer, this.#reader)) this.rekey();
  }

  /** Ends because of `thrown`: the peer is told the kind, onError the rest. For the layers above, when something asynchronous failed. */
  fail(thrown: unknown): void {
    if (this.#phase === "closed") return;
    const reason = thrown instanceof TransportFailure ? thrown.reason : msg.DISCONNECT.PROTOCOL_ERROR;
    this.disconnect(reason, describeReason(reason));
    this.#events.onError(asGateError(thrown));
  }
}
