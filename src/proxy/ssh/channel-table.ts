import type { Hash } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";
import { ReplyQueue } from "./reply-queue.ts";

/** Channels one connection may have open. ControlMaster's users rarely pass ten. */
export const MAX_CHANNELS = 64;

/** Enough for a few lines of warning or refusal. */
const SPARE_WINDOW = 4096;
/** RFC 4254 §5.2 */
const MAX_WINDOW = 2 ** 32 - 1;

export type ChannelStart = "shell" | "exec" | "subsystem";

/**
 * A channel that the client opened through the gate. Both sides keep the numbers they chose, so that messages pass
 * verbatim: the client addresses the target's number and the other way round.
 */
export class RelayChannel {
  /** The client's number: the target's messages carry it. */
  readonly client: number;
  /** The target's number, once it confirmed: the client's messages carry it. */
  target: number | undefined;
  /** How many bytes the target may still send. */
  targetWindow: number;
  readonly clientMaxPacket: number;
  /** The part of the client's window that the gate keeps for what it says itself: so much of it is free now. */
  spare: number;
  readonly #spareWhole: number;
  readonly replies = new ReplyQueue();
  start: ChannelStart | undefined;
  term: { readonly type: string; readonly columns: number; readonly rows: number } | undefined;
  readonly environment: Record<string, string> = {};
  readonly withheld: string[] = [];
  /** Present when its content is kept as hashes only (file payloads of scp and rsync, or as the role says). */
  payloadHashes: { readonly in: Hash; readonly out: Hash } | undefined;
  bytesIn = 0;
  bytesOut = 0;
  bytesError = 0;
  status: number | undefined;
  signal: string | undefined;
  inputSeen = false;
  closedByClient = false;
  closedByTarget = false;

  constructor(client: number, clientWindow: number, clientMaxPacket: number) {
    this.client = client;
    this.#spareWhole = clientWindow >= 8 * SPARE_WINDOW ? SPARE_WINDOW : 0;
    this.spare = this.#spareWhole;
    this.targetWindow = clientWindow - this.spare;
    this.clientMaxPacket = clientMaxPacket;
  }

  /** The client's window grew: first what the gate took of its own part is made good. Returns what is the target's. */
  clientAdjusted(bytes: number): number {
    const own = Math.min(this.#spareWhole - this.spare, bytes);
    this.spare += own;
    this.targetWindow += bytes - own;
    if (this.targetWindow > MAX_WINDOW) throw new GateError("protocol-error", "a window grew too large");
    return bytes - own;
  }
}

/** The channels of one connection, found by either side's number. Untrusted: every number comes from a peer. */
export class ChannelTable {
  readonly #byClient = new Map<number, RelayChannel>();
  readonly #byTarget = new Map<number, RelayChannel>();

  get size(): number {
    return this.#byClient.size;
  }

  [Symbol.iterator](): IterableIterator<RelayChannel> {
    return this.#byClient.values();
  }

  /** The client asked to open; `undefined` when it has too many already. */
  open(client: number, window: number, maxPacket: number): RelayChannel | undefined {
    if (this.#byClient.has(client)) throw new GateError("protocol-error", `channel ${client} is open already`);
    if (this.#byClient.size >= MAX_CHANNELS) return undefined;
    const channel = new RelayChannel(client, window, maxPacket);
    this.#byClient.set(client, channel);
    return channel;
  }

  /** The target confirmed the channel the client calls `client`, and calls it `target`. */
  confirm(client: number, target: number): RelayChannel {
    const channel = this.fromTarget(client);
    if (channel.target !== undefined || this.#byTarget.has(target))
      throw new GateError("protocol-error", `channel ${client} was confirmed twice`);
    channel.target = target;
    this.#byTarget.set(target, channel);
    return channel;
  }

  /** By the recipient number in a message from the client. Throws for channels that are not open. */
  fromClient(recipient: number): RelayChannel {
    const channel = this.#byTarget.get(recipient);
    if (!channel) throw new GateError("protocol-error", `message for channel ${recipient}, which is not open`);
    return channel;
  }

  /** By the recipient number in a message from the target. */
  fromTarget(recipient: number): RelayChannel {
    const channel = this.#byClient.get(recipient);
    if (!channel) throw new GateError("protocol-error", `message for channel ${recipient}, which is not open`);
    return channel;
  }

  remove(channel: RelayChannel): void {
    this.#byClient.delete(channel.client);
    if (channel.target !== undefined) this.#byTarget.delete(channel.target);
  }
}
