/** Our own ends of SSH connections, connected in memory or driven message by message. */
import type { Channel } from "../../src/wire/ssh/connection/channel.ts";
import { encodeChannelRequest, type ChannelRequest } from "../../src/wire/ssh/connection/channel-request.ts";
import { ClientConnection } from "../../src/wire/ssh/connection/client.ts";
import { ConnectionEndpoint, type SessionHandler } from "../../src/wire/ssh/connection/endpoint.ts";
import type { PacketLink } from "../../src/wire/ssh/connection/packet-link.ts";

export const SESSION = { channelType: "session", senderChannel: 0, initialWindow: 1000, maximumPacket: 100, specific: Buffer.alloc(0) };
export const EXEC: ChannelRequest = { type: "exec", command: Buffer.from("true") };
export const forever = (): Promise<void> => new Promise(() => undefined);
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A link that keeps what is sent, and is as full as a test says. */
export class TestLink implements PacketLink {
  readonly sent: Buffer[] = [];
  queued = 0;
  drain: () => void = () => undefined;
  /** Where packets go besides; a view that is overwritten afterwards, as packets are. */
  deliver: ((payload: Buffer) => void) | undefined;

  send(payload: Uint8Array): void {
    this.sent.push(Buffer.from(payload));
    if (this.deliver === undefined) return;
    const view = Buffer.from(payload);
    queueMicrotask(() => {
      this.deliver?.(view);
      view.fill(0xee);
    });
  }

  queuedBytes(): number {
    return this.queued;
  }

  onDrain(listener: () => void): void {
    this.drain = listener;
  }

  take(): Buffer[] {
    return this.sent.splice(0);
  }
}

/** Accepts everything; `run` as given. */
function handlerOf(run: SessionHandler["run"], accept: SessionHandler["accept"] = () => true): SessionHandler {
  return { accept, run };
}

/** A server and a client of ours, connected. */
export function connect(
  run: SessionHandler["run"],
  accept?: SessionHandler["accept"],
): { client: ClientConnection; server: ConnectionEndpoint; links: TestLink[] } {
  const [toClient, toServer] = [new TestLink(), new TestLink()];
  const server = new ConnectionEndpoint({ link: toClient, openSession: () => handlerOf(run, accept) });
  const client = new ClientConnection(toServer);
  toServer.deliver = (payload) => void server.receive(payload);
  toClient.deliver = (payload) => void client.receive(payload);
  return { client, server, links: [toClient, toServer] };
}

/** A server whose client is the test itself. */
export function serve(run: SessionHandler["run"], accept?: SessionHandler["accept"], maxChannels?: number) {
  const link = new TestLink();
  const channels: Channel[] = [];
  const openSession = (channel: Channel): SessionHandler => (channels.push(channel), handlerOf(run, accept));
  const server = new ConnectionEndpoint({ link, openSession, ...(maxChannels === undefined ? {} : { maxChannels }) });
  const ask = (request: ChannelRequest, wantReply = true): boolean =>
    server.receive(encodeChannelRequest({ recipientChannel: 0, wantReply, request }));
  return { link, server, channels, ask };
}
