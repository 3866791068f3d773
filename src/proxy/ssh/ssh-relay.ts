/**
 * Between two authenticated connections: the client's and the target's. Packets of the connection protocol (RFC 4254)
 * pass verbatim after inspection, windows end to end; both sides keep their own channel numbers.
 *
 * Owns: which message may pass, the order "decided, durable, forwarded", and what the gate itself says to the client.
 * Never: opens a socket, decides a policy. Files inside sftp are channel-files.ts's.
 *
 * Invariants:
 *  - While an action waits to be decided and logged, nothing behind it passes from the client (order is kept).
 *  - Output is recorded before it is handed to the client's transport (promise 2).
 *  - Untrusted, both ways: unknown messages, unknown channels and broken lengths end the session. A target opens no
 *    channel and has no global request that reaches the client (promise 11).
 *  - What the gate says on a channel comes out of a part of the window that it kept from the target: windows stay true.
 */
import { createHash } from "node:crypto";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { parseChannelRequest, type ChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import { encodeRequestFailure, parseGlobalRequest } from "../../wire/ssh/connection/global-request.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import { ChannelTable, type RelayChannel } from "./channel-table.ts";
import { carriesFiles, exitEvent, isStart, refusedEvent, startAction, startEvent, type StartRequest } from "./ssh-facts.ts";
import type { SshLink } from "./ssh-link.ts";
import { disconnectReason, refusalLine, refusalText } from "./ssh-refuse.ts";

/** Bytes a client may have sent behind an action that is being decided. Its socket is paused, so one read's worth. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

export interface RelayOptions {
  readonly client: SshLink;
  readonly target: SshLink;
  readonly session: LiveSession;
  /** Called once when both sides are done with; the target's link may still be open for the cleanup after a cut. */
  readonly onOver: (how: "closed" | "cut") => void;
}

export class SshRelay {
  readonly #client: SshLink;
  readonly #target: SshLink;
  readonly #session: LiveSession;
  readonly #onOver: RelayOptions["onOver"];
  readonly #channels = new ChannelTable();
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  #over = false;

  constructor({ client, target, session, onOver }: RelayOptions) {
    this.#client = client;
    this.#target = target;
    this.#session = session;
    this.#onOver = onOver;
  }

  /** Takes both links over. */
  start(): void {
    const [client, target, session] = [this.#client, this.#target, this.#session];
    client.transport.onPayload = (payload) => this.#receiveClient(payload);
    client.onDrain = () => target.resume("client is full");
    target.onDrain = () => client.resume("target is full");
    client.onEnd = (end) => this.#finish(end.how === "fault" ? end.error.message : undefined);
    target.onEnd = (end) => {
      if (end.how === "fault") this.#client.disconnect(disconnectReason("protocol-error"), "sallyport: the target broke the protocol");
      this.#finish(end.how === "goodbye" ? "the target disconnected" : "the target closed the connection");
    };
    session.onPause((paused) => (paused ? target.pause("recording is late") : target.resume("recording is late")));
    session.onWarning((text) => this.#warn(text));
    session.onCut((denial) => this.#cut(denial));
    target.handOver((payload) => this.#fromTarget(payload));
  }

  /** The channels, for the cleanup after a cut. */
  get channels(): ChannelTable {
    return this.#channels;
  }

  // ── From the client ───────────────────────────────────────────────────────────────────────────────────────────────

  #receiveClient(payload: Buffer): void {
    if (this.#over) return;
    if (this.#held !== undefined) return this.#hold(payload);
    const pending = this.#fromClient(payload);
    if (pending) this.#holdFor(pending);
  }

  #hold(payload: Buffer): void {
    this.#heldBytes += payload.length;
    if (this.#heldBytes > MAX_HELD_BYTES) throw new GateError("protocol-error", "too much was sent behind an action that is being decided");
    this.#held?.push(Buffer.from(payload));
  }

  #holdFor(pending: Promise<void>): void {
    this.#held = [];
    this.#client.pause("deciding");
    pending.then(
      () => this.#releaseHeld(),
      (error: unknown) => this.#fault(error),
    );
  }

  #releaseHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    try {
      for (const [index, payload] of held.entries()) {
        if (this.#over) return;
        const pending = this.#fromClient(payload);
        if (!pending) continue;
        this.#holdFor(pending);
        for (const later of held.slice(index + 1)) this.#hold(later);
        return;
      }
      this.#client.resume("deciding");
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Forwards one message, or returns what has to be waited for before anything else passes. */
  #fromClient(payload: Buffer): Promise<void> | undefined {
    switch (payload[0]) {
      case msg.SSH_MSG_CHANNEL_DATA:
        return this.#inputData(payload);
      case msg.SSH_MSG_CHANNEL_WINDOW_ADJUST:
        return this.#clientWindow(payload);
      case msg.SSH_MSG_CHANNEL_REQUEST:
        return this.#clientRequest(payload);
      case msg.SSH_MSG_CHANNEL_OPEN:
        return this.#clientOpen(payload);
      case msg.SSH_MSG_CHANNEL_EOF:
        this.#channels.fromClient(msg.parseBareChannelMessage(payload));
        return this.#toTarget(payload);
      case msg.SSH_MSG_CHANNEL_CLOSE: {
        const channel = this.#channels.fromClient(msg.parseBareChannelMessage(payload));
        channel.closedByClient = true;
        this.#toTarget(payload);
        return this.#closedBy(channel);
      }
      case msg.SSH_MSG_GLOBAL_REQUEST:
        return this.#clientGlobalRequest(payload);
      default:
        // The target asks the client nothing, so answers (81, 82, 91, 92, 99, 100) have no place here either.
        throw new GateError("protocol-error", `message ${payload[0]} does not belong here`);
    }
  }

  #inputData(payload: Buffer): undefined {
    const channel = this.#channels.fromClient(msg.channelOf(payload));
    const data = msg.dataOf(payload);
    if (channel.start === undefined) throw new GateError("protocol-error", "data came before a shell, command or subsystem");
    channel.bytesIn += data.length;
    this.#session.spend("in", data.length);
    if (this.#over) return;
    channel.payloadHashes?.in.update(data);
    if (!channel.inputSeen) {
      channel.inputSeen = true;
      if (channel.term) this.#session.recorder.note("input-omitted", channel.client, {});
    }
    this.#toTarget(payload);
  }

  #toTarget(payload: Uint8Array): undefined {
    this.#target.transport.send(payload);
    if (this.#target.isFull) this.#client.pause("target is full");
  }

  #clientWindow(payload: Buffer): undefined {
    const { recipientChannel, bytesToAdd } = msg.parseChannelWindowAdjust(payload);
    const channel = this.#channels.fromClient(recipientChannel);
    const passed = channel.clientAdjusted(bytesToAdd);
    if (passed === bytesToAdd) return this.#toTarget(payload);
    if (passed > 0) this.#toTarget(msg.encodeChannelWindowAdjust(recipientChannel, passed));
    return undefined;
  }

  #clientOpen(payload: Buffer): Promise<void> | undefined {
    const open = msg.parseChannelOpen(payload);
    if (open.channelType !== "session" || open.specific.length > 0) {
      return this.#refuseOpen(
        open.senderChannel,
        open.channelType,
        deny("not-supported", { detail: `channel "${printable(open.channelType)}"` }),
      );
    }
    const channel = this.#channels.open(open.senderChannel, open.initialWindow, open.maximumPacket);
    if (!channel) {
      return this.#refuseOpen(open.senderChannel, open.channelType, deny("too-many-sessions", { detail: "channels on one connection" }));
    }
    // The one message that is not passed as it came: a little of the window stays here, for what the gate has to say.
    return this.#toTarget(msg.encodeChannelOpen({ ...open, initialWindow: channel.targetWindow }));
  }

  async #refuseOpen(sender: number, type: string, denial: Denial): Promise<void> {
    await this.#session.note({ ...refusedEvent(printable(type), denial), decision: "deny" });
    this.#toClient(msg.encodeChannelOpenFailure(sender, msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, refusalLine(denial)));
  }

  /** All are answered here: answers carry no number, so that those of the gate and of the target would be mixed up. */
  #clientGlobalRequest(payload: Buffer): Promise<void> | undefined {
    const { name, wantReply } = parseGlobalRequest(payload);
    if (wantReply) this.#toClient(encodeRequestFailure());
    const isForwarding = name === "tcpip-forward" || name === "streamlocal-forward@openssh.com";
    if (!isForwarding) return undefined;
    const denial = deny("not-supported", { detail: "port forwarding" });
    this.#warn(refusalText(denial));
    return this.#session.note({ ...refusedEvent(name, denial), decision: "deny" });
  }

  #clientRequest(payload: Buffer): Promise<void> | undefined {
    const { recipientChannel, wantReply, request } = parseChannelRequest(payload);
    const channel = this.#channels.fromClient(recipientChannel);
    const forward = (): undefined => {
      if (wantReply) channel.replies.forwarded(request.type);
      return this.#toTarget(payload);
    };
    if (isStart(request)) return this.#startRequest(channel, request, wantReply, forward);
    switch (request.type) {
      case "pty-req":
        if (channel.start !== undefined) return this.#answer(channel, wantReply);
        channel.term = { type: request.term, columns: request.columns, rows: request.rows };
        return forward();
      case "env": {
        if (channel.start !== undefined) return this.#answer(channel, wantReply);
        if (this.#session.decide({ kind: "ssh.env", name: request.name }).allowed !== true) {
          channel.withheld.push(request.name);
          return this.#answer(channel, wantReply);
        }
        channel.environment[request.name] = request.value.toString("utf8");
        return forward();
      }
      case "window-change":
        this.#session.recorder.note("resize", channel.client, { cols: request.columns, rows: request.rows });
        return forward();
      case "signal": {
        const body = { channel: channel.client, signal: request.signal };
        return this.#session.note({ kind: "ssh.signal", body }).then(forward);
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
  async #startRequest(channel: RelayChannel, request: StartRequest, wantReply: boolean, forward: () => void): Promise<void> {
    if (channel.start !== undefined) return this.#answer(channel, wantReply);
    const session = this.#session;
    const denial = await session.act(
      startAction(request),
      () => startEvent(request, channel),
      (refused) => refusedEvent(request.type, refused, channel),
    );
    if (this.#over) return;
    if (denial) {
      this.#say(channel, refusalText(denial));
      return this.#answer(channel, wantReply);
    }
    channel.start = request.type;
    session.stand(channel.client, startAction(request));
    const command = request.type === "exec" ? request.command.toString("utf8") : undefined;
    const isPayload = request.type === "subsystem" || (command !== undefined && !channel.term && this.#keepsHashOnly(command));
    if (isPayload) channel.payloadHashes = { in: createHash("sha256"), out: createHash("sha256") };
    const { term } = channel;
    session.recorder.note("begin", channel.client, {
      kind: request.type,
      ...(command !== undefined && { command: command.slice(0, 16_384) }),
      ...(term && { term: term.type, cols: term.columns, rows: term.rows }),
    });
    forward();
  }

  #keepsHashOnly(command: string): boolean {
    return this.#session.grant.role.recording.exec === "hash" || carriesFiles(command);
  }

  #refuseRequest(channel: RelayChannel, request: ChannelRequest, wantReply: boolean): Promise<void> {
    const name = request.type === "unknown" ? printable(request.name) : request.type;
    const denial = deny("not-supported", { detail: name === "auth-agent-req@openssh.com" ? "agent forwarding" : `request "${name}"` });
    this.#answer(channel, wantReply);
    return this.#session.note({ ...refusedEvent(name, denial, channel), decision: "deny" });
  }

  /** Refuses a request in the gate's own name, behind the answers that are still to come. */
  #answer(channel: RelayChannel, wantReply: boolean): undefined {
    if (!wantReply) return;
    for (const reply of channel.replies.answered(msg.encodeChannelFailure(channel.client))) this.#toClient(reply);
  }

  // ── From the target ───────────────────────────────────────────────────────────────────────────────────────────────

  #fromTarget(payload: Buffer): void {
    if (this.#over) return;
    switch (payload[0]) {
      case msg.SSH_MSG_CHANNEL_DATA:
      case msg.SSH_MSG_CHANNEL_EXTENDED_DATA:
        return this.#output(payload);
      case msg.SSH_MSG_CHANNEL_WINDOW_ADJUST:
        this.#channels.fromTarget(msg.parseChannelWindowAdjust(payload).recipientChannel);
        return this.#toClient(payload);
      case msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION: {
        const { recipientChannel, senderChannel } = msg.parseChannelOpenConfirmation(payload);
        this.#channels.confirm(recipientChannel, senderChannel);
        return this.#toClient(payload);
      }
      case msg.SSH_MSG_CHANNEL_OPEN_FAILURE: {
        const channel = this.#channels.fromTarget(msg.parseChannelOpenFailure(payload).recipientChannel);
        if (channel.target !== undefined) throw new GateError("protocol-error", "an open channel failed to open");
        this.#channels.remove(channel);
        return this.#toClient(payload);
      }
      case msg.SSH_MSG_CHANNEL_SUCCESS:
      case msg.SSH_MSG_CHANNEL_FAILURE:
        return this.#targetAnswer(payload);
      case msg.SSH_MSG_CHANNEL_REQUEST:
        return this.#targetRequest(payload);
      case msg.SSH_MSG_CHANNEL_EOF:
        this.#channels.fromTarget(msg.parseBareChannelMessage(payload));
        return this.#toClient(payload);
      case msg.SSH_MSG_CHANNEL_CLOSE: {
        const channel = this.#channels.fromTarget(msg.parseBareChannelMessage(payload));
        channel.closedByTarget = true;
        this.#toClient(payload);
        this.#closedBy(channel);
        return;
      }
      case msg.SSH_MSG_GLOBAL_REQUEST: {
        // keepalive@openssh.com wants an answer; hostkeys-00@openssh.com names the target's keys, which the client must not take for the gate's.
        if (parseGlobalRequest(payload).wantReply) this.#target.transport.send(encodeRequestFailure());
        return;
      }
      case msg.SSH_MSG_CHANNEL_OPEN: {
        const { senderChannel, channelType } = msg.parseChannelOpen(payload);
        const denial = deny("not-supported", { detail: `the target tried to open "${printable(channelType)}"` });
        void this.#session.note({ ...refusedEvent("open by the target", denial), decision: "deny" });
        this.#target.transport.send(msg.encodeChannelOpenFailure(senderChannel, msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "not here"));
        return;
      }
      default:
        throw new GateError("protocol-error", `the target sent message ${payload[0]}`);
    }
  }

  #output(payload: Buffer): void {
    const channel = this.#channels.fromTarget(msg.channelOf(payload));
    const data = msg.dataOf(payload);
    const isError = payload[0] === msg.SSH_MSG_CHANNEL_EXTENDED_DATA;
    if (data.length > channel.targetWindow) throw new GateError("protocol-error", "the target sent more than the window allows");
    channel.targetWindow -= data.length;
    if (isError) channel.bytesError += data.length;
    else channel.bytesOut += data.length;
    this.#session.spend("out", data.length);
    if (this.#over) return;
    if (channel.payloadHashes && !isError) channel.payloadHashes.out.update(data);
    else this.#record(channel, isError ? "stderr" : "stdout", data);
    if (!this.#over) this.#toClient(payload);
  }

  #record(channel: RelayChannel, stream: "stdout" | "stderr", data: Buffer): void {
    // Throws when it cannot be written: the recorder has then cut the session, and nothing is shown.
    this.#session.recorder.output(channel.client, stream, data);
  }

  #toClient(payload: Uint8Array): void {
    this.#client.transport.send(payload);
    if (this.#client.isFull) this.#target.pause("client is full");
  }

  #targetAnswer(payload: Buffer): void {
    const channel = this.#channels.fromTarget(msg.parseBareChannelMessage(payload));
    const { request, own } = channel.replies.targetAnswered();
    this.#toClient(payload);
    for (const reply of own) this.#toClient(reply);
    if (payload[0] === msg.SSH_MSG_CHANNEL_FAILURE && request === channel.start) {
      // A command that the target would not start must not look like one that ran.
      const denial = deny("target-refused", { detail: `it would not start the ${request}` });
      void this.#session.note(refusedEvent(request, denial, channel));
    }
  }

  #targetRequest(payload: Buffer): void {
    const { recipientChannel, wantReply, request } = parseChannelRequest(payload);
    const channel = this.#channels.fromTarget(recipientChannel);
    if (request.type === "exit-status") channel.status = request.status;
    else if (request.type === "exit-signal") channel.signal = request.signal;
    else if (wantReply) {
      // OpenSSH's ClientAlive asks like this on a channel; the gate answers for the client, which never sees it.
      if (channel.target !== undefined) this.#target.transport.send(msg.encodeChannelFailure(channel.target));
      return;
    }
    this.#toClient(payload);
  }

  #closedBy(channel: RelayChannel): undefined {
    if (channel.closedByClient && channel.closedByTarget) {
      this.#channels.remove(channel);
      this.#channelEnded(channel);
    }
  }

  #channelEnded(channel: RelayChannel): void {
    if (channel.start === undefined) return;
    const { status, signal } = channel;
    this.#session.unstand(channel.client);
    if (!this.#over) {
      this.#session.recorder.note("end", channel.client, {
        ...(status !== undefined && { status }),
        ...(signal !== undefined && { signal }),
      });
    }
    void this.#session.note(exitEvent(channel));
  }

  // ── What the gate says and how it ends ────────────────────────────────────────────────────────────────────────────

  /** On every terminal of this connection; without one nobody reads along, and output must stay clean. */
  #warn(text: string): void {
    for (const channel of this.#channels) if (channel.term) this.#say(channel, text);
  }

  /** Text on the channel's stderr, as far as the gate's part of the window goes. */
  #say(channel: RelayChannel, text: string): void {
    if (channel.closedByTarget) return;
    const bytes = Buffer.from(text).subarray(0, Math.min(channel.spare, channel.clientMaxPacket));
    if (bytes.length === 0) return;
    channel.spare -= bytes.length;
    this.#client.transport.send(msg.encodeChannelExtendedData(channel.client, msg.SSH_EXTENDED_DATA_STDERR, bytes));
  }

  #cut(denial: Denial): void {
    if (this.#over) return;
    const text = refusalText(denial);
    for (const channel of this.#channels) if (channel.start !== undefined) this.#say(channel, channel.term ? `\r\n${text}` : text);
    this.#over = true;
    for (const channel of this.#channels) this.#channelEnded(channel);
    this.#client.disconnect(disconnectReason(denial.code), refusalLine(denial));
    this.#onOver("cut");
  }

  #fault(error: unknown): void {
    this.#client.transport.fail(asGateError(error));
  }

  #finish(detail: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    for (const channel of this.#channels) this.#channelEnded(channel);
    this.#client.disconnect(11, "");
    this.#target.disconnect(11, "");
    void this.#session.close(detail);
    this.#onOver("closed");
  }
}

/** Untrusted text from a peer, made fit for a log line. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
