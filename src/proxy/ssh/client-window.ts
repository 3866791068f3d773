/**
 * What may still be sent to the client on one channel (RFC 4254 §5.2), shared by two who send: the target, whose messages
 * pass verbatim, and the gate, which adds its own.
 *
 * Invariants: the client's window is never overrun; the order in which messages came is kept; all that waits is bounded.
 * How: a little of the window is kept from the target, for a line of warning. What the gate adds beyond that it borrows
 * from what the target was promised, and withholds from the adjusts that follow; should the target use all it was
 * promised before that, the surplus waits here until the client makes room.
 */
import { GateError } from "../../kernel/errors.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";

/** Enough for a few lines of warning or refusal. */
const SPARE_BYTES = 4096;
/** How much may be borrowed. Every client makes room before it has taken half of the two megabytes that are usual. */
const MAX_DEBT_BYTES = 1_048_576;
/** Messages, and runs of data, that may wait; data is bounded by the debt as well. */
const MAX_WAITING = 4096;
/** Data that waits is put together up to this: a byte on its own costs a hundred. */
const RUN_BYTES = 4096;
/** RFC 4254 §5.2 */
const MAX_WINDOW = 2 ** 32 - 1;

type Waiting = { readonly kind: "message"; readonly payload: Buffer } | { readonly kind: "data"; readonly type: number; data: Buffer };

export interface ClientWindowOptions {
  /** The client's number for the channel. */
  readonly channel: number;
  /** As the client opened it. */
  readonly window: number;
  readonly maxPacket: number;
  readonly send: (payload: Uint8Array) => void;
}

export class ClientWindow {
  readonly #channel: number;
  readonly #maxPacket: number;
  readonly #send: (payload: Uint8Array) => void;
  readonly #spare: number;
  /** What the client has room for. */
  #free: number;
  /** What the target may still send, as far as it knows. */
  #promised: number;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isClosed = false;

  constructor({ channel, window, maxPacket, send }: ClientWindowOptions) {
    this.#channel = channel;
    this.#maxPacket = Math.max(1, maxPacket);
    this.#send = send;
    this.#spare = window >= 8 * SPARE_BYTES ? SPARE_BYTES : 0;
    this.#free = window;
    this.#promised = window - this.#spare;
  }

  /** How many bytes the target may still send: at first, what it is told when the channel is opened. */
  get promised(): number {
    return this.#promised;
  }

  /** Bytes that wait for room. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The target sent so much data. Throws GateError("protocol-error") when that is more than it may. */
  receive(bytes: number): void {
    if (bytes > this.#promised) throw new GateError("protocol-error", "the target sent more than the window allows");
    this.#promised -= bytes;
  }

  /** A data message of the target, verbatim: `dataLength` bytes of it count. */
  pass(payload: Buffer, dataLength: number): void {
    if (this.#waiting.length > 0 || dataLength > this.#free) return this.#queue(msg.dataTypeOf(payload), msg.dataOf(payload));
    this.#free -= dataLength;
    this.#send(payload);
  }

  /** Any other message of the target: behind the data that came before it. */
  follow(payload: Buffer): void {
    if (this.#waiting.length === 0) return this.#send(payload);
    this.#wait({ kind: "message", payload: Buffer.from(payload) });
  }

  /** Bytes for the channel's stream that are not a message as the target sent it. Throws GateError("protocol-error") when too many wait. */
  add(data: Buffer): void {
    if (this.#waiting.length > 0) return this.#queue(0, data);
    const rest = this.#sendPart(0, data);
    if (rest.length > 0) this.#queue(0, rest);
    this.#requireBounded();
  }

  /** A line of the gate on the channel's stderr, as far as there is room for it now. */
  say(text: string): void {
    if (this.#waiting.length === 0) this.#sendPart(msg.SSH_EXTENDED_DATA_STDERR, Buffer.from(text).subarray(0, SPARE_BYTES));
  }

  /** The client closed the channel and makes no more room: what waits for it is not sent any more, what was behind that is, CLOSE most of all. */
  close(): void {
    this.#isClosed = true;
    this.#waitingBytes = 0;
    for (const each of this.#waiting.splice(0)) if (each.kind === "message") this.#send(each.payload);
  }

  /** The client made room. Returns how much of it is the target's. */
  adjust(bytes: number): number {
    this.#free += bytes;
    if (this.#free > MAX_WINDOW) throw new GateError("protocol-error", "a window grew too large");
    const unpromised = this.#free - this.#spare - this.#waitingBytes - this.#promised;
    const passed = Math.max(0, Math.min(bytes, unpromised));
    this.#promised += passed;
    this.#drain();
    return passed;
  }

  /** Promises the target more than the client has room for, so that it can finish what the gate must see whole. Returns how much. */
  lend(bytes: number): number {
    const lent = Math.max(0, Math.min(bytes, MAX_DEBT_BYTES - this.#debt));
    this.#promised += lent;
    return lent;
  }

  get #debt(): number {
    return this.#promised + this.#waitingBytes + this.#spare - this.#free;
  }

  /** Sends what there is room for; returns the rest. */
  #sendPart(type: number, data: Buffer): Buffer {
    let rest = data;
    while (rest.length > 0 && this.#free > 0) {
      const part = rest.subarray(0, Math.min(this.#free, this.#maxPacket));
      rest = rest.subarray(part.length);
      this.#free -= part.length;
      this.#send(type === 0 ? msg.encodeChannelData(this.#channel, part) : msg.encodeChannelExtendedData(this.#channel, type, part));
    }
    return rest;
  }

  #queue(type: number, data: Buffer): void {
    if (this.#isClosed) return;
    const last = this.#waiting.at(-1);
    if (last?.kind === "data" && last.type === type && last.data.length + data.length <= RUN_BYTES)
      last.data = Buffer.concat([last.data, data]);
    else this.#wait({ kind: "data", type, data: Buffer.from(data) });
    this.#waitingBytes += data.length;
    this.#requireBounded();
  }

  #wait(one: Waiting): void {
    this.#waiting.push(one);
    if (this.#waiting.length > MAX_WAITING) throw new GateError("protocol-error", "too many messages wait for room in a window");
  }

  #requireBounded(): void {
    if (this.#debt > MAX_DEBT_BYTES) throw new GateError("protocol-error", "the client asks on without taking the answers");
  }

  #drain(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.kind === "message") this.#send(first.payload);
      else {
        const rest = this.#sendPart(first.type, first.data);
        this.#waitingBytes -= first.data.length - rest.length;
        first.data = rest;
        if (rest.length > 0) return;
      }
      this.#waiting.shift();
    }
  }
}
