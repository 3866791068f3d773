import { GateError } from "../../../kernel/errors.ts";
import { Channel, type ChannelEnds } from "./channel.ts";
import { parseChannelRequest } from "./channel-request.ts";
import * as msg from "./messages.ts";
import type { PacketLink } from "./packet-link.ts";

/** The channels of one connection by our numbers for them, and the way of messages 93–100 to them. */
export class ChannelTable {
  readonly #link: PacketLink;
  readonly #channels = new Map<number, Channel>();
  #nextId = 0;

  constructor(link: PacketLink) {
    this.#link = link;
    link.onDrain(() => this.#pumpAll());
  }

  get size(): number {
    return this.#channels.size;
  }

  /** A number never given before on this connection. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  add(ends: ChannelEnds): Channel {
    const channel = new Channel(ends, this.#link, () => this.#channels.delete(ends.localId));
    this.#channels.set(ends.localId, channel);
    return channel;
  }

  /** Messages 93–100. Throws GateError("protocol-error"). */
  receive(payload: Buffer): void {
    const channel = this.#channels.get(msg.channelOf(payload));
    if (channel === undefined) throw new GateError("protocol-error", "a message came for a channel that is not open");
    const number = payload[0] ?? 0;
    channel.receive(number, payload, number === msg.SSH_MSG_CHANNEL_REQUEST ? parseChannelRequest(payload) : undefined);
  }

  /** The connection is gone. */
  end(): void {
    for (const channel of this.#channels.values()) channel.abandon();
  }

  #pumpAll(): void {
    const [first] = this.#channels;
    for (const channel of this.#channels.values()) channel.pump();
    // Who comes first next time is another one, so that one busy channel does not starve the rest.
    if (first === undefined || !this.#channels.delete(first[0])) return;
    this.#channels.set(...first);
  }
}
