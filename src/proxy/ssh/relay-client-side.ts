/**
 * What the client sends: decided, durable, forwarded — in the order in which it came. While something waits to be
 * decided, everything behind it is held and the client is not read.
 *
 * Untrusted: a message that has no place here throws GateError("protocol-error"), which ends the session.
 */
import { GateError } from "../../kernel/errors.ts";
import { deny } from "../../kernel/result.ts";
import { recordedOutputBytes } from "../../session/recorded-output.ts";
import { parseChannelRequest, type ChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import { encodeRequestFailure, parseGlobalRequest } from "../../wire/ssh/connection/global-request.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import { ChannelRecord } from "./channel-record.ts";
import type { RelayChannel } from "./channel-table.ts";
import { printable, type RelayPair } from "./relay-pair.ts";
import { carriesFiles, isStart, refusedEvent, startAction, startEvent, type StartRequest } from "./ssh-facts.ts";
import { HeldMessages } from "./held-messages.ts";
import { FileChannel } from "./ssh-files.ts";
import { refusalLine, refusalText } from "./ssh-refuse.ts";

export class RelayClientSide {
  readonly #pair: RelayPair;
  readonly #onFault: (error: unknown) => void;
  /** Behind an action that is being decided, or while the session is halted; in order. */
  readonly #waiting: HeldMessages;
  #isDeciding = false;

  /** `onFault`: what went wrong after `receive` returned. */
  constructor(pair: RelayPair, onFault: (error: unknown) => void) {
    this.#pair = pair;
    this.#onFault = onFault;
    this.#waiting = new HeldMessages(pair.client, "the client");
  }

  /** One message; the buffer is the caller's again when it returns. Throws GateError. */
  receive(payload: Buffer): void {
    if (this.#pair.over) return;
    // A sign of life is asked for, or what is refused anyway: it is answered here, and its client must not take the gate for dead.
    if (this.#pair.isHalted && payload[0] === msg.SSH_MSG_GLOBAL_REQUEST) return void this.#globalRequest(payload)?.catch(this.#onFault);
    if (this.#isDeciding || this.#pair.isHalted || !this.#waiting.isEmpty) return this.#waiting.push(payload);
    const pending = this.#pass(payload);
    if (pending) this.#decide(pending);
  }

  /** The session goes on: what came meanwhile passes. */
  goOn(): void {
    if (this.#isDeciding || this.#pair.isHalted) return;
    for (let next = this.#waiting.shift(); next !== undefined && !this.#pair.over; next = this.#waiting.shift()) {
      const pending = this.#pass(next);
      if (pending) return this.#decide(pending);
    }
    this.#pair.client.resume("deciding");
  }

  #decide(pending: Promise<void>): void {
    this.#isDeciding = true;
    this.#pair.client.pause("deciding");
    pending.then(() => this.#decided()).catch((error: unknown) => this.#onFault(error));
  }

  #decided(): void {
    this.#isDeciding = false;
    // Halted meanwhile: the client is heard, so that its signs of life are answered.
    if (this.#pair.isHalted) this.#pair.client.resume("deciding");
    this.goOn();
  }

  /** Forwards one message, or returns what has to be waited for before anything else passes. */
  #pass(payload: Buffer): Promise<void> | undefined {
    const { channels } = this.#pair;
    switch (payload[0]) {
      case msg.SSH_MSG_CHANNEL_DATA:
        return this.#data(payload);
      case msg.SSH_MSG_CHANNEL_WINDOW_ADJUST:
        return this.#windowAdjust(payload);
      case msg.SSH_MSG_CHANNEL_REQUEST:
        return this.#channelRequest(payload);
      case msg.SSH_MSG_CHANNEL_OPEN:
        return this.#open(payload);
      case msg.SSH_MSG_CHANNEL_EOF: {
        const channel = channels.fromClient(msg.parseBareChannelMessage(payload));
        return channel.refused || channel.files?.keepsEof(payload) ? undefined : this.#pair.toTarget(payload);
      }
      case msg.SSH_MSG_CHANNEL_CLOSE: {
        const channel = channels.fromClient(msg.parseBareChannelMessage(payload));
        channel.closedByClient = true;
        channel.window.close();
        this.#pair.toTarget(payload);
        this.#pair.closeIfBoth(channel);
        // The client, closed by the gate, may give the number to a new channel, which the target would take for the old one.
        if (channel.refused && !channel.closedByTarget) return new Promise((resolve) => (channel.onGone = resolve));
        return undefined;
      }
      case msg.SSH_MSG_GLOBAL_REQUEST:
        return this.#globalRequest(payload);
      default:
        // The target asks the client nothing, so answers (81, 82, 91, 92, 99, 100) have no place here either.
        throw new GateError("protocol-error", `message ${payload[0]} does not belong here`);
    }
  }

  #data(payload: Buffer): Promise<void> | undefined {
    const { session } = this.#pair;
    const channel = this.#pair.channels.fromClient(msg.channelOf(payload));
    const data = msg.dataOf(payload);
    if (channel.refused) return undefined;
    if (channel.start === undefined) throw new GateError("protocol-error", "data came before a shell, command or subsystem");
    channel.bytesIn += data.length;
    session.spend("in", data.length);
    if (this.#pair.over) return undefined;
    if (channel.files) return channel.files.fromClient(payload, data);
    channel.record?.input(data);
    if (!channel.inputSeen) {
      channel.inputSeen = true;
      if (channel.term) session.recorder.note("input-omitted", channel.client, {});
    }
    return this.#pair.toTarget(payload);
  }

  #windowAdjust(payload: Buffer): undefined {
    const { recipientChannel, bytesToAdd } = msg.parseChannelWindowAdjust(payload);
    const channel = this.#pair.channels.fromClient(recipientChannel);
    const passed = channel.window.adjust(bytesToAdd);
    if (channel.refused) return undefined;
    if (passed === bytesToAdd) return this.#pair.toTarget(payload);
    if (passed > 0) this.#pair.toTarget(msg.encodeChannelWindowAdjust(recipientChannel, passed));
    return undefined;
  }

  #open(payload: Buffer): Promise<void> | undefined {
    const open = msg.parseChannelOpen(payload);
    const { senderChannel, channelType } = open;
    if (channelType !== "session" || open.specific.length > 0) {
      return this.#refuseOpen(senderChannel, channelType, CHANNELS[channelType] ?? `channel "${printable(channelType)}"`);
    }
    const channel = this.#pair.channels.open(senderChannel, open.initialWindow, open.maximumPacket);
    if (!channel) return this.#refuseOpen(senderChannel, channelType, "more channels on one connection");
    // The one message that is not passed as it came: a little of the window stays here, for what the gate has to say.
    return this.#pair.toTarget(msg.encodeChannelOpen({ ...open, initialWindow: channel.window.promised }));
  }

  async #refuseOpen(sender: number, type: string, what: string): Promise<void> {
    const denial = deny("not-supported", { detail: what });
    await this.#pair.noteRefused(printable(type), denial);
    this.#pair.toClient(msg.encodeChannelOpenFailure(sender, msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, refusalLine(denial)));
  }

  /** All are answered here: answers carry no number, so that those of the gate and of the target would be mixed up. */
  #globalRequest(payload: Buffer): Promise<void> | undefined {
    const { name, wantReply } = parseGlobalRequest(payload);
    if (wantReply) this.#pair.answerClient(encodeRequestFailure());
    if (name !== "tcpip-forward" && name !== "streamlocal-forward@openssh.com") return undefined;
    const denial = deny("not-supported", { detail: "port forwarding" });
    this.#pair.announce(refusalText(denial));
    return this.#pair.noteRefused(name, denial);
  }

  #channelRequest(payload: Buffer): Promise<void> | undefined {
    const { recipientChannel, wantReply, request } = parseChannelRequest(payload);
    const { channels, session } = this.#pair;
    const channel = channels.fromClient(recipientChannel);
    if (channel.refused) return this.#pair.refuse(channel, wantReply);
    const forward = (): undefined => {
      if (wantReply) channel.replies.forwarded(request.type);
      return this.#pair.toTarget(payload);
    };
    if (isStart(request)) return this.#start(channel, wantReply, payload);
    switch (request.type) {
      case "pty-req":
        if (channel.start !== undefined) return this.#pair.refuse(channel, wantReply);
        channel.term = { type: request.term, columns: request.columns, rows: request.rows };
        return forward();
      case "env": {
        if (channel.start !== undefined) return this.#pair.refuse(channel, wantReply);
        const isAllowed = session.decide({ kind: "ssh.env", name: request.name }).allowed === true;
        if (!isAllowed || !channel.keepVariable(request.name, request.value.toString("utf8"))) {
          if (channel.withheld.length < MAX_WITHHELD) channel.withheld.push(printable(request.name));
          return this.#pair.refuse(channel, wantReply);
        }
        return forward();
      }
      case "window-change":
        session.recorder.note("resize", channel.client, { cols: request.columns, rows: request.rows });
        return forward();
      case "signal": {
        const body = { channel: channel.client, signal: printable(request.signal) };
        const kept = Buffer.from(payload);
        return session.note({ kind: "ssh.signal", body }).then(() => {
          if (!this.#pair.over) this.#pair.toTarget(kept);
        });
      }
      case "break":
      case "keepalive@openssh.com":
      case "eow@openssh.com":
        return forward();
      default:
        return this.#refuseRequest(channel, request, wantReply);
    }
  }

  /** A shell, a command or a subsystem: decided, in the log, then forwarded. */
  async #start(channel: RelayChannel, wantReply: boolean, payload: Buffer): Promise<void> {
    const { session } = this.#pair;
    if (channel.start !== undefined) return this.#pair.refuse(channel, wantReply);
    // What is decided and what is forwarded are the same bytes, also after the wait.
    const kept = Buffer.from(payload);
    const asked = parseChannelRequest(kept).request as StartRequest;
    this.#pair.sayNotices(channel);
    const denial = await session.act(
      startAction(asked),
      () => startEvent(asked, channel),
      (refused) => refusedEvent(asked.type, refused, channel),
    );
    if (this.#pair.over) return;
    if (denial) return this.#pair.refuseStart(channel, wantReply, denial);
    channel.start = asked.type;
    this.#pair.anyStarted = true;
    session.stand(channel.client, startAction(asked));
    const command = asked.type === "exec" ? asked.command.toString("utf8") : undefined;
    if (asked.type === "subsystem") channel.files = new FileChannel(this.#pair, channel, this.#onFault);
    const { term } = channel;
    // What a terminal shows is recorded whole; so is what sftp says besides its packets.
    const isBulk = command !== undefined && !term;
    const hashesInput = isBulk && carriesFiles(command);
    channel.isTransfer = hashesInput;
    const outputBytes = hashesInput ? 0 : isBulk ? recordedOutputBytes(session.grant.role.recording) : Infinity;
    channel.record = new ChannelRecord(session.recorder, channel.client, { outputBytes, hashesInput });
    session.recorder.note("begin", channel.client, {
      kind: asked.type,
      ...(command !== undefined && { command: command.slice(0, 16_384) }),
      ...(term && { term: term.type, cols: term.columns, rows: term.rows }),
    });
    if (wantReply) channel.replies.forwarded(asked.type);
    this.#pair.toTarget(kept);
  }

  #refuseRequest(channel: RelayChannel, request: ChannelRequest, wantReply: boolean): Promise<void> {
    const name = request.type === "unknown" ? printable(request.name) : request.type;
    const denial = deny("not-supported", { detail: REQUESTS[name] ?? `request "${name}"` });
    // Without a reply, or with one that its client does not print, a person would wait in vain for what was asked.
    if (name in REQUESTS) this.#pair.say(channel, refusalText(denial));
    this.#pair.refuse(channel, wantReply);
    return this.#pair.noteRefused(name, denial, channel);
  }
}

/** Names of refused variables that are kept for the log. */
const MAX_WITHHELD = 64;

const CHANNELS: Readonly<Record<string, string>> = {
  "direct-tcpip": "port forwarding",
  "direct-streamlocal@openssh.com": "port forwarding",
};

const REQUESTS: Readonly<Record<string, string>> = {
  "auth-agent-req@openssh.com": "agent forwarding",
  "x11-req": "X11 forwarding",
};
