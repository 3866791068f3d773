/**
 * What the target sends: recorded, then shown. A target opens no channel and has no global request that reaches the
 * client (promise 11); it may be compromised, so it is held to the windows and to what was asked of it.
 *
 * Untrusted: a message that has no place here throws GateError("protocol-error"), which ends the session.
 */
import { GateError } from "../../kernel/errors.ts";
import { deny } from "../../kernel/result.ts";
import { parseChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import { encodeRequestFailure, parseGlobalRequest } from "../../wire/ssh/connection/global-request.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import type { RelayChannel } from "./channel-table.ts";
import { HeldMessages } from "./held-messages.ts";
import { printable, type RelayPair } from "./relay-pair.ts";
import { refusedEvent } from "./ssh-facts.ts";

/** Each is in the log; more than this is no misunderstanding. */
const MAX_OPENS_REFUSED = 8;

export class RelayTargetSide {
  readonly #pair: RelayPair;
  #opensRefused = 0;
  /** What came while the session was halted, in order: it is recorded when it is shown. */
  readonly #waiting: HeldMessages;

  constructor(pair: RelayPair) {
    this.#pair = pair;
    this.#waiting = new HeldMessages(pair.target, "the target");
  }

  /** One message; the buffer is the caller's again when it returns. Throws GateError. */
  receive(payload: Buffer): void {
    if (this.#pair.over) return;
    if (!this.#pair.isHalted && this.#waiting.isEmpty) return this.#take(payload);
    if (!this.#pair.isHalted || !this.#answersLife(payload)) this.#waiting.push(payload);
  }

  /** The session goes on: what came meanwhile is recorded and shown. */
  goOn(): void {
    for (let next = this.#waiting.shift(); next !== undefined && !this.#pair.over; next = this.#waiting.shift()) this.#take(next);
  }

  /** OpenSSH's ClientAlive: a global request, or one on a channel that is open. True: it was that, and is answered. */
  #answersLife(payload: Buffer): boolean {
    if (payload[0] === msg.SSH_MSG_GLOBAL_REQUEST) {
      this.#take(payload);
      return true;
    }
    if (payload[0] !== msg.SSH_MSG_CHANNEL_REQUEST) return false;
    const { recipientChannel, wantReply } = parseChannelRequest(payload);
    const { target } = this.#pair.channels.fromTarget(recipientChannel);
    if (!wantReply || target === undefined) return false;
    this.#pair.answerTarget(msg.encodeChannelFailure(target));
    return true;
  }

  #take(payload: Buffer): void {
    const { channels } = this.#pair;
    switch (payload[0]) {
      case msg.SSH_MSG_CHANNEL_DATA:
      case msg.SSH_MSG_CHANNEL_EXTENDED_DATA:
        return this.#output(payload);
      case msg.SSH_MSG_CHANNEL_WINDOW_ADJUST:
        if (!this.#openChannel(msg.parseChannelWindowAdjust(payload).recipientChannel).refused) this.#pair.toClient(payload);
        return;
      case msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION: {
        const { recipientChannel, senderChannel, maximumPacket } = msg.parseChannelOpenConfirmation(payload);
        channels.confirm(recipientChannel, senderChannel, maximumPacket);
        return this.#pair.toClient(payload);
      }
      case msg.SSH_MSG_CHANNEL_OPEN_FAILURE: {
        const channel = channels.fromTarget(msg.parseChannelOpenFailure(payload).recipientChannel);
        if (channel.target !== undefined) throw new GateError("protocol-error", "an open channel failed to open");
        channels.remove(channel);
        return this.#pair.toClient(payload);
      }
      case msg.SSH_MSG_CHANNEL_SUCCESS:
      case msg.SSH_MSG_CHANNEL_FAILURE:
        return this.#answer(payload);
      case msg.SSH_MSG_CHANNEL_REQUEST:
        return this.#request(payload);
      case msg.SSH_MSG_CHANNEL_EOF:
        return this.#follow(this.#openChannel(msg.parseBareChannelMessage(payload)), payload);
      case msg.SSH_MSG_CHANNEL_CLOSE: {
        const channel = this.#openChannel(msg.parseBareChannelMessage(payload));
        channel.closedByTarget = true;
        // What the gate answers itself need not wait for a target that is done with the channel.
        if (channel.refused) for (const reply of channel.replies.abandon()) channel.window.follow(Buffer.from(reply));
        this.#follow(channel, payload);
        return this.#pair.closeIfBoth(channel);
      }
      case msg.SSH_MSG_GLOBAL_REQUEST: {
        // keepalive@openssh.com wants an answer; hostkeys-00@openssh.com names the target's keys, which the client must not take for the gate's.
        if (parseGlobalRequest(payload).wantReply) this.#pair.answerTarget(encodeRequestFailure());
        return;
      }
      case msg.SSH_MSG_CHANNEL_OPEN: {
        const { senderChannel, channelType } = msg.parseChannelOpen(payload);
        this.#opensRefused += 1;
        if (this.#opensRefused > MAX_OPENS_REFUSED) throw new GateError("protocol-error", "the target goes on opening channels");
        const denial = deny("not-supported", { detail: `channel "${printable(channelType)}"` });
        void this.#pair.noteRefused("open by the target", denial);
        this.#pair.toTarget(msg.encodeChannelOpenFailure(senderChannel, msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "not here"));
        return;
      }
      default:
        throw new GateError("protocol-error", `the target sent message ${payload[0]}`);
    }
  }

  #follow(channel: RelayChannel, payload: Buffer): void {
    if (!channel.refused) channel.window.follow(payload);
  }

  /** A channel that the target confirmed and has not closed. */
  #openChannel(recipient: number): RelayChannel {
    const channel = this.#pair.channels.fromTarget(recipient);
    if (channel.target === undefined) throw new GateError("protocol-error", `the target uses channel ${recipient} before it opened it`);
    return channel;
  }

  #output(payload: Buffer): void {
    const { session } = this.#pair;
    const channel = this.#openChannel(msg.channelOf(payload));
    const data = msg.dataOf(payload);
    const type = msg.dataTypeOf(payload);
    if (channel.refused) return;
    if (channel.start === undefined) throw new GateError("protocol-error", "the target sent output of nothing");
    if (type > msg.SSH_EXTENDED_DATA_STDERR) throw new GateError("protocol-error", `the target sent output of type ${type}`);
    channel.window.receive(data.length);
    if (type === 0) channel.bytesOut += data.length;
    else channel.bytesError += data.length;
    session.spend("out", data.length);
    if (this.#pair.over) return;
    if (type === 0 && channel.files) return channel.files.fromTarget(payload, data);
    channel.record?.output(type === 0 ? "stdout" : "stderr", data);
    if (!this.#pair.over) channel.window.pass(payload, data.length);
  }

  #answer(payload: Buffer): void {
    const channel = this.#openChannel(msg.parseBareChannelMessage(payload));
    const { request, own } = channel.replies.targetAnswered();
    channel.window.follow(payload);
    for (const reply of own) channel.window.follow(Buffer.from(reply));
    if (payload[0] === msg.SSH_MSG_CHANNEL_FAILURE && request === channel.start) {
      // A command that the target would not start must not look like one that ran.
      const denial = deny("target-refused", { detail: `it would not start the ${request}` });
      void this.#pair.session.note(refusedEvent(request, denial, channel));
    }
  }

  #request(payload: Buffer): void {
    const { recipientChannel, wantReply, request } = parseChannelRequest(payload);
    const channel = this.#openChannel(recipientChannel);
    if (request.type === "exit-status") channel.status = request.status;
    else if (request.type === "exit-signal") channel.signal = printable(request.signal);
    // xon-xoff (RFC 4254 §6.8) and eow tell a client something; nothing else has a meaning for one.
    else if (wantReply || !(request.type === "eow@openssh.com" || (request.type === "unknown" && request.name === "xon-xoff"))) {
      // OpenSSH's ClientAlive asks like this on a channel; the gate answers for the client, which never sees it.
      if (wantReply && channel.target !== undefined) this.#pair.toTarget(msg.encodeChannelFailure(channel.target));
      return;
    }
    this.#follow(channel, payload);
  }
}
