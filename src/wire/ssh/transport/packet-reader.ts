/**
 * Incoming packets (RFC 4253 §6) out of a stream that may be split anywhere.
 *
 * A packet that lies in one chunk is decrypted from where it is; only one that straddles chunks is gathered first.
 * Untrusted: the length is checked before anything is allocated for it, and nothing of a packet is looked at before
 * its tag has proved right.
 */
import { freeMemory } from "../../../kernel/free-memory.ts";
import { PLAIN, type PacketOpener } from "../algorithms/packet-protection.ts";
import { TransportFailure } from "./failure.ts";
import { DISCONNECT } from "./messages.ts";

const NOTHING: Buffer = Buffer.alloc(0);
const MIN_PADDING = 4;

export class PacketReader {
  #opener: PacketOpener = PLAIN;
  #maxPacket: number;
  #chunks: Buffer[] = [];
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** The part of a packet that came in earlier chunks. */
  #partial: Buffer = NOTHING;
  #have = 0;
  /** Bytes of the whole packet with its tag; 0 while its length is not known. */
  #total = 0;
  #waiting = 0;
  /** What the opener made of the packet returned last. */
  #body: Buffer = NOTHING;
  #sequence = 0;
  /** Since the last change of keys. */
  bytes = 0;
  packets = 0;

  /** `maxPacket`: the largest acceptable packet_length, bytes. */
  constructor(maxPacket: number) {
    this.#maxPacket = maxPacket;
  }

  /** Bytes pushed and not read yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A chunk that was pushed is still needed. */
  get keepsChunks(): boolean {
    return this.#chunks.length > 0 || this.#at < this.#chunk.length;
  }

  /** The sequence number of the packet returned last. */
  get sequence(): number {
    return (this.#sequence - 1) >>> 0;
  }

  set maxPacket(bytes: number) {
    this.#maxPacket = bytes;
  }

  /** The reader keeps `chunk` until it is read; the caller must not change it. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#waiting += chunk.length;
    if (this.keepsChunks) this.#chunks.push(chunk);
    else this.#load(chunk);
  }

  /** From the next packet on. `resetSequence`: strict key exchange. */
  setOpener(opener: PacketOpener, resetSequence: boolean): void {
    this.#opener = opener;
    if (resetSequence) this.#sequence = 0;
    this.bytes = 0;
    this.packets = 0;
  }

  /** The payload of the next packet, valid until the next call; `undefined` when more bytes are needed. Throws TransportFailure. */
  next(): Buffer | undefined {
    const opener = this.#opener;
    freeMemory(this.#body);
    this.#body = NOTHING;
    if (this.#total === 0) {
      const header = this.#peek(opener.headerBytes);
      if (header === undefined) return undefined;
      this.#total = this.#requireLength(opener.packetLength(this.#sequence, header)) + 4 + opener.tagBytes;
    }
    const packet = this.#peek(this.#total);
    if (packet === undefined) return undefined;
    const gathered = this.#partial;
    this.#consume();
    const body = opener.open(this.#sequence, packet);
    if (body === undefined) throw new TransportFailure(DISCONNECT.MAC_ERROR, "a packet's authentication tag is wrong");
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.bytes += packet.length;
    this.packets += 1;
    // Without encryption the body is a part of what it was opened from.
    if (opener !== PLAIN) {
      this.#body = body;
      freeMemory(gathered);
    }
    const padding = body[0] ?? 0;
    if (padding < MIN_PADDING || padding + 1 >= body.length) {
      throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "a packet's padding is not valid");
    }
    return body.subarray(1, body.length - padding);
  }

  #requireLength(length: number): number {
    const { blockBytes, alignsLength } = this.#opener;
    const aligned = (alignsLength ? length + 4 : length) % blockBytes === 0;
    if (length > this.#maxPacket || length < MIN_PADDING + 2 || length + 4 < blockBytes || !aligned) {
      throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "a packet's length is not valid");
    }
    return length;
  }

  /** The first `count` bytes of the current packet in one piece; `undefined` when they are not all there. */
  #peek(count: number): Buffer | undefined {
    if (this.#have === 0 && this.#chunk.length - this.#at >= count) return this.#chunk.subarray(this.#at, this.#at + count);
    if (this.#have === 0 && !this.keepsChunks) return undefined;
    if (this.#partial.length < count) {
      const grown = Buffer.allocUnsafe(count);
      this.#partial.copy(grown, 0, 0, this.#have);
      this.#partial = grown;
    }
    while (this.#have < count) {
      if (this.#at === this.#chunk.length) {
        const next = this.#chunks.shift();
        if (next === undefined) {
          this.#chunk = NOTHING;
          this.#at = 0;
          return undefined;
        }
        this.#load(next);
      }
      const part = this.#chunk.subarray(this.#at, this.#at + count - this.#have);
      part.copy(this.#partial, this.#have);
      this.#have += part.length;
      this.#at += part.length;
    }
    return this.#partial.subarray(0, count);
  }

  /** Moves past the packet that `#peek` gave. */
  #consume(): void {
    this.#waiting -= this.#total;
    if (this.#have === 0) this.#at += this.#total;
    // A chunk that was read is not looked at again: its owner may free it.
    if (this.#at === this.#chunk.length) this.#load(NOTHING);
    this.#have = 0;
    this.#partial = NOTHING;
    this.#total = 0;
  }

  #load(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }
}
