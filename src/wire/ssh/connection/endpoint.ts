/**
 * The server's end of a connection where the gate itself answers: its console, a simulated host, containers.
 *
 * Owns: accepting `session` channels, the order of their requests, answers to global requests.
 * Never: opens a socket, decides who may do what: that is the handler's.
 *
 * Invariants:
 *  - Every channel type but `session`, every forwarding and every request not understood is refused.
 *  - Requests of a channel are handled one after the other; each that wants an answer gets exactly one.
 *  - One shell, exec or subsystem per channel (RFC 4254 §6.5); nothing before it runs, no second one after.
 */
import { GateError } from "../../../kernel/errors.ts";
import type { Channel } from "./channel.ts";
import { MAX_DATA_BYTES, WINDOW_BYTES } from "./channel.ts";
import { ChannelTable } from "./channel-table.ts";
import type { ChannelRequest, ChannelRequestMessage } from "./channel-request.ts";
import { encodeRequestFailure, parseGlobalRequest } from "./global-request.ts";
import * as msg from "./messages.ts";
import type { PacketLink } from "./packet-link.ts";

export type StartRequest = Extract<ChannelRequest, { type: "shell" | "exec" | "subsystem" }>;
export type SetupRequest = Extract<ChannelRequest, { type: "pty-req" | "env" | "window-change" | "signal" | "break" }>;

export interface SessionHandler {
  /** True: the request is granted. What throws is refused. Requests are views: copy what is kept. */
  accept(request: SetupRequest | StartRequest): boolean | Promise<boolean>;
  /**
   * Called once, when shell, exec or subsystem was accepted and the client knows it. When it settles the channel is
   * closed; it says the exit status before, by `channel.exit`. A rejection is exit status 255.
   */
  run(request: StartRequest, channel: Channel): Promise<void>;
}

export interface EndpointOptions {
  readonly link: PacketLink;
  readonly openSession: (channel: Channel) => SessionHandler;
  readonly maxChannels?: number;
}

const MAX_WAITING_REQUESTS = 64;

export class ConnectionEndpoint {
  readonly #link: PacketLink;
  readonly #options: EndpointOptions;
  readonly #table: ChannelTable;
  #ended = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#link = options.link;
    this.#table = new ChannelTable(options.link);
  }

  get openChannels(): number {
    return this.#table.size;
  }

  /** One message, 80–100. False: unknown, to be answered with UNIMPLEMENTED. Throws GateError("protocol-error"): the connection must end. */
  receive(payload: Buffer): boolean {
    const number = payload[0] ?? 0;
    if (this.#ended) return true;
    if (number === msg.SSH_MSG_GLOBAL_REQUEST) {
      // keepalive@openssh.com wants any answer, and forwarding is not offered.
      if (parseGlobalRequest(payload).wantReply) this.#link.send(encodeRequestFailure());
    } else if (number === msg.SSH_MSG_CHANNEL_OPEN) this.#open(msg.parseChannelOpen(payload));
    else if (number >= msg.SSH_MSG_CHANNEL_WINDOW_ADJUST && number <= msg.SSH_MSG_CHANNEL_FAILURE) this.#table.receive(payload);
    else if (number === msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION || number === msg.SSH_MSG_CHANNEL_OPEN_FAILURE) {
      throw new GateError("protocol-error", "an answer came to a channel that was not asked for");
    } else return number === msg.SSH_MSG_REQUEST_SUCCESS || number === msg.SSH_MSG_REQUEST_FAILURE;
    return true;
  }

  /** The connection is gone: every channel ends. */
  end(): void {
    this.#ended = true;
    this.#table.end();
  }

  #open({ channelType, senderChannel, initialWindow, maximumPacket }: msg.ChannelOpen): void {
    const refuse = (reason: number, why: string): void => this.#link.send(msg.encodeChannelOpenFailure(senderChannel, reason, why));
    if (channelType !== "session") return refuse(msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "Only sessions can be opened here");
    if (this.#table.size >= (this.#options.maxChannels ?? 10)) return refuse(msg.SSH_OPEN_RESOURCE_SHORTAGE, "Too many open sessions");
    const localId = this.#table.takeId();
    const channel = this.#table.add({ localId, remoteId: senderChannel, window: initialWindow, maximumPacket });
    let handler: SessionHandler;
    try {
      handler = this.#options.openSession(channel);
    } catch {
      channel.abandon();
      return refuse(msg.SSH_OPEN_CONNECT_FAILED, "The session could not be started");
    }
    const session = new Session(channel, handler);
    channel.onRequest = (message) => session.receive(message);
    const ends = { recipientChannel: senderChannel, senderChannel: localId };
    this.#link.send(msg.encodeChannelOpenConfirmation({ ...ends, initialWindow: WINDOW_BYTES, maximumPacket: MAX_DATA_BYTES }));
  }
}

/** The requests of one session channel, in order. */
class Session {
  readonly #channel: Channel;
  readonly #handler: SessionHandler;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #started = false;

  constructor(channel: Channel, handler: SessionHandler) {
    this.#channel = channel;
    this.#handler = handler;
  }

  receive(message: ChannelRequestMessage): void {
    this.#waiting += 1;
    if (this.#waiting > MAX_WAITING_REQUESTS) throw new GateError("protocol-error", "too many channel requests wait for an answer");
    const kept = { ...message, request: owned(message.request) };
    this.#last = this.#last.then(() => this.#handle(kept));
  }

  async #handle(message: ChannelRequestMessage): Promise<void> {
    const { request } = message;
    const isStart = request.type === "shell" || request.type === "exec" || request.type === "subsystem";
    const success = await this.#accepts(request);
    this.#waiting -= 1;
    this.#channel.reply(message, success);
    if (success && isStart) void this.#run(request);
  }

  async #accepts(request: ChannelRequest): Promise<boolean> {
    if (this.#channel.isClosing) return false;
    try {
      switch (request.type) {
        case "shell":
        case "exec":
        case "subsystem":
        case "pty-req":
          if (this.#started || !(await this.#handler.accept(request))) return false;
          this.#started = request.type !== "pty-req";
          return true;
        case "env":
        case "window-change":
        case "signal":
        case "break":
          return await this.#handler.accept(request);
        default:
          return false;
      }
    } catch {
      // Fails closed: what could not be decided is refused. Whoever decides reports its own faults.
      return false;
    }
  }

  async #run(request: StartRequest): Promise<void> {
    try {
      await this.#handler.run(request, this.#channel);
    } catch {
      this.#channel.exit(255);
    }
    this.#channel.close();
  }
}

/** Requests wait for those before them, longer than their packet lives. */
function owned(request: ChannelRequest): ChannelRequest {
  if (request.type === "exec") return { ...request, command: Buffer.from(request.command) };
  if (request.type === "env") return { ...request, value: Buffer.from(request.value) };
  if (request.type === "pty-req") return { ...request, modes: Buffer.from(request.modes) };
  return request;
}
