/** The client's end of a connection, for the gate's own errands: opens sessions and runs commands in them. */
import { GateError } from "../../../kernel/errors.ts";
import { MAX_DATA_BYTES, WINDOW_BYTES, type Channel } from "./channel.ts";
import { ChannelTable } from "./channel-table.ts";
import { encodeRequestFailure, parseGlobalRequest } from "./global-request.ts";
import * as msg from "./messages.ts";
import type { PacketLink } from "./packet-link.ts";

export interface ExecOptions {
  readonly stdin?: Uint8Array;
  /** What is kept of each; when more comes, the command is given up. Default 1 MiB and 64 KiB. */
  readonly maxStdoutBytes?: number;
  readonly maxStderrBytes?: number;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** `undefined` when a signal ended it, or nobody said. */
  readonly exitStatus: number | undefined;
  /** Without the "SIG". */
  readonly exitSignal: string | undefined;
  /** A limit was reached: the command was given up and its output is not whole. */
  readonly isTruncated: boolean;
}

export class ClientConnection {
  readonly #link: PacketLink;
  readonly #table: ChannelTable;
  readonly #opening = new Map<number, { resolve: (channel: Channel) => void; reject: (error: GateError) => void }>();
  #ended = false;

  constructor(link: PacketLink) {
    this.#link = link;
    this.#table = new ChannelTable(link);
  }

  /** One message, 80–100. False: unknown, to be answered with UNIMPLEMENTED. Throws GateError("protocol-error"): the connection must end. */
  receive(payload: Buffer): boolean {
    const number = payload[0] ?? 0;
    if (this.#ended) return true;
    switch (number) {
      case msg.SSH_MSG_GLOBAL_REQUEST:
        if (parseGlobalRequest(payload).wantReply) this.#link.send(encodeRequestFailure());
        return true;
      case msg.SSH_MSG_REQUEST_SUCCESS:
      case msg.SSH_MSG_REQUEST_FAILURE:
        return true;
      case msg.SSH_MSG_CHANNEL_OPEN: {
        // A target opens nothing that was not asked for.
        const { senderChannel } = msg.parseChannelOpen(payload);
        this.#link.send(msg.encodeChannelOpenFailure(senderChannel, msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "Not asked for"));
        return true;
      }
      case msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION:
        this.#confirmed(msg.parseChannelOpenConfirmation(payload));
        return true;
      case msg.SSH_MSG_CHANNEL_OPEN_FAILURE: {
        const { recipientChannel, reason, description } = msg.parseChannelOpenFailure(payload);
        this.#takeOpening(recipientChannel).reject(
          new GateError("target-refused", `a session was refused with reason ${reason}: ${JSON.stringify(description.slice(0, 200))}`),
        );
        return true;
      }
      default:
        if (number < msg.SSH_MSG_CHANNEL_WINDOW_ADJUST || number > msg.SSH_MSG_CHANNEL_FAILURE) return false;
        this.#table.receive(payload);
        return true;
    }
  }

  /** The connection is gone: whatever waits fails. */
  end(): void {
    this.#ended = true;
    this.#table.end();
    for (const { reject } of this.#opening.values()) reject(lost());
    this.#opening.clear();
  }

  /** Rejects with GateError("target-refused") when the server does not want to, "target-unreachable" when the connection is lost. */
  openSession(): Promise<Channel> {
    if (this.#ended) return Promise.reject(lost());
    const localId = this.#table.takeId();
    return new Promise((resolve, reject) => {
      this.#opening.set(localId, { resolve, reject });
      const sizes = { initialWindow: WINDOW_BYTES, maximumPacket: MAX_DATA_BYTES };
      this.#link.send(msg.encodeChannelOpen({ channelType: "session", senderChannel: localId, ...sizes, specific: Buffer.alloc(0) }));
    });
  }

  /** Runs one command to its end. Rejects like `openSession`, and with "target-refused" when the command is refused. No deadline of its own. */
  async exec(command: Uint8Array | string, options: ExecOptions = {}): Promise<ExecResult> {
    const channel = await this.openSession();
    const [stdout, stderr] = [new Collector(options.maxStdoutBytes ?? 1_048_576), new Collector(options.maxStderrBytes ?? 65_536)];
    const result: { exitStatus: number | undefined; exitSignal: string | undefined } = { exitStatus: undefined, exitSignal: undefined };
    channel.onData = (bytes, type) => {
      const isWhole = (type === msg.SSH_EXTENDED_DATA_STDERR ? stderr : stdout).add(bytes);
      if (!isWhole) channel.close();
    };
    channel.onRequest = (message) => {
      if (message.request.type === "exit-status") result.exitStatus = message.request.status;
      if (message.request.type === "exit-signal") result.exitSignal = message.request.signal;
      channel.reply(message, false);
    };
    const isAccepted = await channel.request({ type: "exec", command: Buffer.from(command) });
    if (!isAccepted) {
      channel.close();
      throw this.#ended ? lost() : new GateError("target-refused", "the command was refused");
    }
    if (options.stdin !== undefined) void channel.write(options.stdin);
    channel.eof();
    await channel.closed;
    if (this.#ended) throw lost();
    return { ...result, stdout: stdout.bytes, stderr: stderr.bytes, isTruncated: stdout.isFull || stderr.isFull };
  }

  #confirmed({ recipientChannel, senderChannel, initialWindow, maximumPacket }: msg.ChannelOpenConfirmation): void {
    const { resolve } = this.#takeOpening(recipientChannel);
    resolve(this.#table.add({ localId: recipientChannel, remoteId: senderChannel, window: initialWindow, maximumPacket }));
  }

  #takeOpening(localId: number): { resolve: (channel: Channel) => void; reject: (error: GateError) => void } {
    const opening = this.#opening.get(localId);
    if (opening === undefined) throw new GateError("protocol-error", "an answer came to a channel that was not asked for");
    this.#opening.delete(localId);
    return opening;
  }
}

function lost(): GateError {
  return new GateError("target-unreachable", "the connection was lost");
}

/** The first bytes of a stream, and whether there were more. */
class Collector {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #length = 0;
  isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when they did not all fit. */
  add(bytes: Buffer): boolean {
    const part = Buffer.from(bytes.subarray(0, this.#limit - this.#length));
    this.#parts.push(part);
    this.#length += part.length;
    if (part.length < bytes.length) this.isFull = true;
    return !this.isFull;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
