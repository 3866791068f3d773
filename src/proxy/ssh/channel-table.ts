import { GateError } from "../../kernel/errors.ts";
import type { ChannelRecord } from "./channel-record.ts";
import { ClientWindow } from "./client-window.ts";
import { ReplyQueue } from "./reply-queue.ts";
import type { FileChannel } from "./ssh-files.ts";

/** Channels one connection may have open. ControlMaster's users rarely pass ten. */
export const MAX_CHANNELS = 64;

/** Variables of one channel, which are kept for the log until something starts. OpenSSH's server takes no more than the first figure either. */
const MAX_VARIABLES = 128;
const MAX_VARIABLES_BYTES = 262_144;

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
  /** The largest message the target takes, once it confirmed. */
  targetMaxPacket = 0;
  readonly window: ClientWindow;
  readonly replies = new ReplyQueue();
  start: ChannelStart | undefined;
  term: { readonly type: string; readonly columns: number; readonly rows: number } | undefined;
  /** Without a prototype: a variable may have any name. */
  readonly environment: Record<string, string> = Object.create(null) as Record<string, string>;
  readonly withheld: string[] = [];
  /** Present once something was started on it. */
  record: ChannelRecord | undefined;
  /** A command that carries files: what it says is for a program. */
  isTransfer = false;
  /** Present on an sftp channel: nothing passes but through it. */
  files: FileChannel | undefined;
  bytesIn = 0;
  bytesOut = 0;
  bytesError = 0;
  status: number | undefined;
  signal: string | undefined;
  inputSeen = false;
  closedByClient = false;
  closedByTarget = false;
  /** The gate ended it in its own name: what either side still says of it goes no further. */
  refused = false;
  /** Called when both sides closed it. */
  onGone: (() => void) | undefined;
  #variables = 0;
  #variablesBytes = 0;

  constructor(client: number, window: ClientWindow) {
    this.client = client;
    this.window = window;
  }

  /** False: there are too many already, and the target must not get what the log would not show. */
  keepVariable(name: string, value: string): boolean {
    const bytes = this.#variablesBytes + name.length + value.length;
    if (this.#variables >= MAX_VARIABLES || bytes > MAX_VARIABLES_BYTES) return false;
    this.#variables += 1;
    this.#variablesBytes = bytes;
    this.environment[name] = value;
    return true;
  }
}

/** The channels of one connection, found by either side's number. Untrusted: every number comes from a peer. */
export class ChannelTable {
  readonly #byClient = new Map<number, RelayChannel>();
  readonly #byTarget = new Map<number, RelayChannel>();
  readonly #sendToClient: (payload: Uint8Array) => void;

  constructor(sendToClient: (payload: Uint8Array) => void) {
    this.#sendToClient = sendToClient;
  }

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
    const channel = new RelayChannel(client, new ClientWindow({ channel: client, window, maxPacket, send: this.#sendToClient }));
    this.#byClient.set(client, channel);
    return channel;
  }

  /** The target confirmed the channel the client calls `client`, and calls it `target`. */
  confirm(client: number, target: number, maxPacket: number): RelayChannel {
    const channel = this.fromTarget(client);
    if (channel.target !== undefined || this.#byTarget.has(target))
      throw new GateError("protocol-error", `channel ${client} was confirmed twice`);
    channel.target = target;
    channel.targetMaxPacket = maxPacket;
    this.#byTarget.set(target, channel);
    return channel;
  }

  /** By the recipient number in a message from the client. Throws for channels that are not open, or that it closed. */
  fromClient(recipient: number): RelayChannel {
    const channel = this.#byTarget.get(recipient);
    if (!channel || channel.closedByClient) throw new GateError("protocol-error", `message for channel ${recipient}, which is not open`);
    return channel;
  }

  /** By the recipient number in a message from the target. Throws for channels that are not open, or that it closed. */
  fromTarget(recipient: number): RelayChannel {
    const channel = this.#byClient.get(recipient);
    if (!channel || channel.closedByTarget) throw new GateError("protocol-error", `message for channel ${recipient}, which is not open`);
    return channel;
  }

  remove(channel: RelayChannel): void {
    this.#byClient.delete(channel.client);
    if (channel.target !== undefined) this.#byTarget.delete(channel.target);
  }

  /** A number that the client uses for none of them. */
  unusedNumber(): number {
    let number = 0;
    while (this.#byClient.has(number)) number += 1;
    return number;
  }
}
