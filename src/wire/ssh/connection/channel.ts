/**
 * One channel of which the gate itself is an end (RFC 4254 §5), in either role.
 *
 * Owns: both windows, the order of what is sent, end of file and closing. Never: decides what a request means.
 *
 * Invariants:
 *  - The peer's window and packet size are never exceeded; a peer that exceeds ours breaks the protocol.
 *  - What waits to be sent is bounded, and what waits to be read is bounded by the window given out.
 *  - Data, exit status, end of file and close leave in the order in which they were asked for.
 *  - Nothing is sent after CLOSE. `closed` settles exactly once, also when the connection is lost.
 */
import { GateError } from "../../../kernel/errors.ts";
import { encodeChannelRequest, type ChannelRequest, type ChannelRequestMessage } from "./channel-request.ts";
import { InputQueue } from "./input-queue.ts";
import * as msg from "./messages.ts";
import { LINK_FULL_BYTES, type PacketLink } from "./packet-link.ts";

/** Largest data we take and send in one message: what RFC 4254 lets everybody expect. */
export const MAX_DATA_BYTES = 32_768;
export const WINDOW_BYTES = 262_144;
/** Writers that do not wait for their promise: more than this many at once is a fault. What they wrote is theirs, not copied. */
const MAX_WAITING_MESSAGES = 64;
const MAX_WAITING_REPLIES = 64;

export interface ChannelEnds {
  readonly localId: number;
  readonly remoteId: number;
  /** The window and packet size that the peer gave us. */
  readonly window: number;
  readonly maximumPacket: number;
}

interface Waiting {
  /** A whole message, or data with its type (0, or 1 for stderr). */
  readonly payload: Uint8Array;
  readonly dataType: number | undefined;
  sent: number;
  readonly done: (delivered: boolean) => void;
}

export class Channel {
  readonly localId: number;
  /** What the peer writes to us: stdin for a server, stdout for a client. For one reader. */
  readonly input: AsyncIterable<Buffer>;
  /** Settles when the channel is gone. */
  readonly closed: Promise<void>;
  /** Takes input instead of `input`; `bytes` is a view, valid during the call. `type`: 0, or 1 for stderr. */
  onData: ((bytes: Buffer, type: number) => void) | undefined;
  /** With `onData`: the peer gets room only for what `credit` says, not for all that was taken. */
  creditsOnly = false;
  /** Requests of the peer; whoever sets it answers them with `reply`. */
  onRequest: (message: ChannelRequestMessage) => void = (message) => this.reply(message, false);
  readonly #ends: ChannelEnds;
  readonly #link: PacketLink;
  readonly #queue: Waiting[] = [];
  readonly #input = new InputQueue((bytes) => this.#consumed(bytes));
  readonly #replies: ((success: boolean) => void)[] = [];
  readonly #onGone: () => void;
  #peerWindow: number;
  #window = WINDOW_BYTES;
  #consumedBytes = 0;
  #state = { eofQueued: false, exitQueued: false, closeQueued: false, closeSent: false, eofReceived: false, closeReceived: false };
  #isPumping = false;
  #gone = false;

  constructor(ends: ChannelEnds, link: PacketLink, onGone: () => void) {
    if (ends.maximumPacket === 0) throw new GateError("protocol-error", "a channel takes no packets");
    this.#ends = ends;
    this.#link = link;
    this.#peerWindow = ends.window;
    this.localId = ends.localId;
    this.input = this.#input;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#onGone = () => (resolve(), onGone());
  }

  get isClosing(): boolean {
    return this.#state.closeQueued || this.#gone;
  }

  /** Settles when the bytes are sent, true, or will never be, false. Wait for it before writing much more; do not change `bytes` until then. */
  write(bytes: Uint8Array | string): Promise<boolean> {
    return this.#enqueueData(bytes, 0);
  }

  writeError(bytes: Uint8Array | string): Promise<boolean> {
    return this.#enqueueData(bytes, msg.SSH_EXTENDED_DATA_STDERR);
  }

  /** No more data from us; the peer may go on. */
  eof(): void {
    if (this.#state.eofQueued || this.isClosing) return;
    this.#state.eofQueued = true;
    this.#enqueueMessage(msg.encodeChannelEof(this.#ends.remoteId));
  }

  /** Tells the exit status of what ran here, once. */
  exit(status: number): void {
    this.#tellExit({ type: "exit-status", status: status >>> 0 });
  }

  /** `signal` without the "SIG". */
  exitSignal(signal: string, message = ""): void {
    this.#tellExit({ type: "exit-signal", signal, coreDumped: false, message });
  }

  /** Closes after everything written before has left. */
  close(): void {
    if (this.isClosing) return;
    this.eof();
    this.#state.closeQueued = true;
    this.#enqueueMessage(msg.encodeChannelClose(this.#ends.remoteId), () => {
      this.#state.closeSent = true;
      this.#finishIfBothClosed();
    });
  }

  /** Sends a request and waits for its answer; false too when the channel ends first. */
  request(request: ChannelRequest): Promise<boolean> {
    if (this.isClosing) return Promise.resolve(false);
    if (this.#replies.length >= MAX_WAITING_REPLIES) throw new GateError("internal", "too many channel requests wait for an answer");
    return new Promise((resolve) => {
      this.#replies.push(resolve);
      this.#enqueueMessage(encodeChannelRequest({ recipientChannel: this.#ends.remoteId, wantReply: true, request }));
    });
  }

  /** Answers a request of the peer, where it wants an answer. */
  reply({ wantReply }: ChannelRequestMessage, success: boolean): void {
    if (!wantReply || this.#state.closeSent || this.#gone) return;
    const encode = success ? msg.encodeChannelSuccess : msg.encodeChannelFailure;
    this.#link.send(encode(this.#ends.remoteId));
  }

  /** With `creditsOnly`: so many of the bytes given to `onData` are done with. */
  credit(bytes: number): void {
    if (!this.#gone) this.#consumed(bytes);
  }

  /** A message of the peer for this channel. Throws GateError("protocol-error"). */
  receive(number: number, payload: Buffer, parsed: ChannelRequestMessage | undefined): void {
    switch (number) {
      case msg.SSH_MSG_CHANNEL_DATA:
      case msg.SSH_MSG_CHANNEL_EXTENDED_DATA:
        return this.#receiveData(msg.dataOf(payload), msg.dataTypeOf(payload));
      case msg.SSH_MSG_CHANNEL_WINDOW_ADJUST:
        this.#peerWindow += msg.parseChannelWindowAdjust(payload).bytesToAdd;
        if (this.#peerWindow > 0xffff_ffff) throw new GateError("protocol-error", "a channel window grew beyond 2^32 - 1");
        return this.pump();
      case msg.SSH_MSG_CHANNEL_EOF:
        msg.parseBareChannelMessage(payload);
        this.#state.eofReceived = true;
        return this.#input.end();
      case msg.SSH_MSG_CHANNEL_CLOSE:
        msg.parseBareChannelMessage(payload);
        return this.#receiveClose();
      case msg.SSH_MSG_CHANNEL_SUCCESS:
      case msg.SSH_MSG_CHANNEL_FAILURE: {
        msg.parseBareChannelMessage(payload);
        const answer = this.#replies.shift();
        if (answer === undefined) throw new GateError("protocol-error", "an answer came to no channel request");
        return answer(number === msg.SSH_MSG_CHANNEL_SUCCESS);
      }
      default:
        if (parsed !== undefined) this.onRequest(parsed);
    }
  }

  /** Sends what may be sent now. */
  pump(): void {
    // A link may answer while it sends: the loop that is running sees the change.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let first = this.#queue[0]; first !== undefined && !this.#gone; first = this.#queue[0]) {
      if (first.dataType === undefined) this.#link.send(first.payload);
      else if (!this.#sendSome(first, first.dataType)) break;
      if (this.#queue[0] !== first) continue;
      this.#queue.shift();
      first.done(true);
    }
    this.#isPumping = false;
  }

  /** True when all of it has been sent. */
  #sendSome(waiting: Waiting, type: number): boolean {
    const { payload } = waiting;
    while (waiting.sent < payload.length) {
      const room = this.#link.queuedBytes() < LINK_FULL_BYTES ? Math.min(this.#peerWindow, this.#ends.maximumPacket, MAX_DATA_BYTES) : 0;
      const part = payload.subarray(waiting.sent, waiting.sent + room);
      if (part.length === 0) return false;
      this.#peerWindow -= part.length;
      waiting.sent += part.length;
      const { remoteId } = this.#ends;
      this.#link.send(type === 0 ? msg.encodeChannelData(remoteId, part) : msg.encodeChannelExtendedData(remoteId, type, part));
    }
    return true;
  }

  /** The connection is gone: whoever waits is told. */
  abandon(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#input.end();
    for (const waiting of this.#queue.splice(0)) waiting.done(false);
    for (const answer of this.#replies.splice(0)) answer(false);
    this.#onGone();
  }

  #tellExit(request: ChannelRequest): void {
    if (this.#state.exitQueued || this.isClosing) return;
    this.#state.exitQueued = true;
    this.#enqueueMessage(encodeChannelRequest({ recipientChannel: this.#ends.remoteId, wantReply: false, request }));
  }

  #enqueueData(bytes: Uint8Array | string, dataType: number): Promise<boolean> {
    const payload = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    if (this.#state.eofQueued || this.isClosing) return Promise.resolve(false);
    if (this.#queue.length >= MAX_WAITING_MESSAGES) {
      return Promise.reject(new GateError("internal", "more was written to a channel than may wait"));
    }
    return new Promise((resolve) => {
      this.#queue.push({ payload, dataType, sent: 0, done: resolve });
      this.pump();
    });
  }

  #enqueueMessage(payload: Uint8Array, done: () => void = () => undefined): void {
    this.#queue.push({ payload, dataType: undefined, sent: 0, done });
    this.pump();
  }

  #receiveData(bytes: Buffer, type: number): void {
    if (this.#state.eofReceived) throw new GateError("protocol-error", "data came after the end of file");
    if (bytes.length > MAX_DATA_BYTES || bytes.length > this.#window) {
      throw new GateError("protocol-error", "more data came than the window of the channel allows");
    }
    this.#window -= bytes.length;
    if (this.onData !== undefined) this.onData(bytes, type);
    else if (type === 0) return this.#input.push(bytes);
    if (!this.creditsOnly) this.#consumed(bytes.length);
  }

  /** Gives the window back, in halves: one adjustment per packet would double the traffic. */
  #consumed(bytes: number): void {
    this.#consumedBytes += bytes;
    const isUseless = this.isClosing || this.#state.eofReceived;
    if (this.#consumedBytes < WINDOW_BYTES / 2 || isUseless) return;
    this.#link.send(msg.encodeChannelWindowAdjust(this.#ends.remoteId, this.#consumedBytes));
    this.#window += this.#consumedBytes;
    this.#consumedBytes = 0;
  }

  #receiveClose(): void {
    this.#state.closeReceived = true;
    // Nobody reads any more: what waits is dropped, and only the CLOSE still owed is sent.
    for (const waiting of this.#queue.splice(0)) if (waiting.dataType !== undefined) waiting.done(false);
    if (!this.#state.closeSent) this.#link.send(msg.encodeChannelClose(this.#ends.remoteId));
    this.#state.closeQueued = true;
    this.#state.closeSent = true;
    this.#finishIfBothClosed();
  }

  #finishIfBothClosed(): void {
    if (this.#state.closeSent && this.#state.closeReceived) this.abandon();
  }
}
