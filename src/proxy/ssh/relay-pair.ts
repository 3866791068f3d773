/**
 * What both directions of a relay share: the two links, the session, the channels, and the few things that either of
 * them may have to do. No message is understood here.
 */
import { GateError } from "../../kernel/errors.ts";
import type { Denial } from "../../kernel/result.ts";
import type { Inside } from "../../session/inside.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { FrameBodies, NoteType } from "../../audit/recording/frame.ts";
import { encodeChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import { ChannelTable, type RelayChannel } from "./channel-table.ts";
import { exitEvent, refusedEvent } from "./ssh-facts.ts";
import type { SshLink } from "./ssh-link.ts";
import { refusalText } from "./ssh-refuse.ts";

/** More than a paused counterpart can still bring. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** Lines for people who have no terminal open yet. */
const MAX_NOTICES = 4;

export class RelayPair {
  readonly client: SshLink;
  readonly target: SshLink;
  readonly session: LiveSession;
  readonly channels = new ChannelTable((payload) => this.toClient(payload));
  /** Something was started on this connection, so that something may be left of it. */
  anyStarted = false;
  /** Nothing more passes in either direction. */
  over = false;
  readonly #notices: string[] = [];
  #standing = 0;
  /** The gate's own words go on while nothing else does. */
  #isSpeaking = false;
  /** What was on its way when the session was halted, as the result of a decision; in order. */
  readonly #kept: { readonly to: "target" | "client"; readonly payload: Buffer }[] = [];
  #keptBytes = 0;

  /** Where the client is a part of the gate. */
  readonly inside: Inside | undefined;

  constructor(client: SshLink, target: SshLink, session: LiveSession, inside?: Inside) {
    this.inside = inside;
    this.client = client;
    this.target = target;
    this.session = session;
  }

  /** A peer that does not read holds up its counterpart, and nobody else. */
  toTarget(payload: Uint8Array): undefined {
    if (this.isHalted) return this.#keep("target", payload);
    this.answerTarget(payload);
  }

  toClient(payload: Uint8Array): void {
    if (this.isHalted && !this.#isSpeaking) return this.#keep("client", payload);
    this.answerClient(payload);
  }

  /** The gate's own answer to a question that must not wait, as a sign of life; also while the session is halted. */
  answerTarget(payload: Uint8Array): undefined {
    this.target.transport.send(payload);
    if (this.target.isFull) this.client.pause("target is full");
    requireTaken(this.target, "target");
  }

  answerClient(payload: Uint8Array): void {
    this.client.transport.send(payload);
    if (this.client.isFull) this.target.pause("client is full");
    requireTaken(this.client, "client");
  }

  /** Nothing passes in either direction: what comes waits with who receives it. */
  get isHalted(): boolean {
    return this.session.control.isHalted;
  }

  #keep(to: "target" | "client", payload: Uint8Array): undefined {
    this.#keptBytes += payload.length;
    if (this.#keptBytes > MAX_QUEUED_BYTES) throw new GateError("protocol-error", "too much was on its way when the session was halted");
    this.#kept.push({ to, payload: Buffer.from(payload) });
  }

  /** What was kept passes, before anything that came later. */
  releaseKept(): void {
    this.#keptBytes = 0;
    for (const { to, payload } of this.#kept.splice(0)) {
      if (to === "target") this.answerTarget(payload);
      else this.answerClient(payload);
    }
  }

  /** Refuses a request in the gate's own name, behind the answers that are still to come. */
  refuse(channel: RelayChannel, wantReply: boolean): undefined {
    if (!wantReply) return;
    for (const reply of channel.replies.answered(msg.encodeChannelFailure(channel.client))) channel.window.follow(Buffer.from(reply));
  }

  /**
   * Refuses a shell, a command or a subsystem, with the reason. CHANNEL_FAILURE would be the shorter answer, but OpenSSH's
   * client ends at that without having printed what stands on stderr: so it is told of a program that said why and
   * ended with 255, as `ssh` itself ends when it fails.
   */
  refuseStart(channel: RelayChannel, wantReply: boolean, denial: Denial): undefined {
    const { client, replies, window } = channel;
    this.inside?.onRefused(denial);
    this.say(channel, refusalText(denial));
    channel.refused = true;
    const answers = [
      ...(wantReply ? [msg.encodeChannelSuccess(client)] : []),
      encodeChannelRequest({ recipientChannel: client, wantReply: false, request: { type: "exit-status", status: 255 } }),
      msg.encodeChannelEof(client),
      msg.encodeChannelClose(client),
    ];
    for (const reply of answers.flatMap((answer) => replies.answered(answer))) window.follow(Buffer.from(reply));
  }

  /** Logs a refusal of something that is no action of any role. */
  noteRefused(request: string, denial: Denial, channel?: RelayChannel): Promise<void> {
    return this.session.note({ ...refusedEvent(request, denial, channel), decision: "deny" });
  }

  /** Text on the channel's stderr. */
  say(channel: RelayChannel, text: string): void {
    if (channel.closedByTarget || channel.closedByClient) return;
    this.#isSpeaking = true;
    channel.window.say(text);
    this.#isSpeaking = false;
  }

  /** To everybody at the other end, whatever they run: for what they must know. */
  tell(text: string): void {
    const started = [...this.channels].filter(({ start }) => start !== undefined);
    for (const channel of started) this.say(channel, channel.term ? `\r\n${text}` : text);
    if (started.length === 0 && this.#notices.length < MAX_NOTICES) this.#notices.push(text);
  }

  /** To who reads along: at a terminal, else at a command's output; not into a transfer of files. Whether anybody does. */
  address(text: string): boolean {
    const open = [...this.channels].filter(({ start, closedByTarget }) => start !== undefined && !closedByTarget);
    const terminals = open.filter(({ term }) => term !== undefined);
    const reading = terminals.length > 0 ? terminals : open.filter(({ files, isTransfer }) => files === undefined && !isTransfer);
    for (const channel of reading) this.say(channel, channel.term ? `\r\n${text}` : text);
    return reading.length > 0;
  }

  /** On every terminal of this connection; without one nobody reads along, and output must stay clean. */
  warn(text: string): void {
    for (const channel of this.channels) if (channel.term) this.say(channel, text);
  }

  /** As `warn`; what comes before the first channel is said on that. */
  announce(text: string): void {
    if (this.channels.size > 0) this.warn(text);
    else if (this.#notices.length < MAX_NOTICES) this.#notices.push(text);
  }

  sayNotices(channel: RelayChannel): void {
    for (const text of this.#notices.splice(0)) this.say(channel, text);
  }

  /** A key for `session.stand` that no channel number is. */
  nextStanding(): number {
    this.#standing -= 1;
    return this.#standing;
  }

  /** Into the recording, where a failure has ended the session already and nothing is left to do about it. */
  noteLast<T extends NoteType>(type: T, channel: RelayChannel, body: FrameBodies[T]): void {
    try {
      this.session.recorder.note(type, channel.client, body);
    } catch {
      // The recorder said so when it failed; the log has the end all the same.
    }
  }

  /** Removes a channel that both sides closed. */
  closeIfBoth(channel: RelayChannel): undefined {
    if (!channel.closedByClient || !channel.closedByTarget) return;
    this.channels.remove(channel);
    this.channelEnded(channel);
    channel.onGone?.();
  }

  channelEnded(channel: RelayChannel): void {
    if (channel.start === undefined) return;
    const { status, signal, files } = channel;
    this.session.unstand(channel.client);
    files?.end();
    this.noteLast("end", channel, { ...(status !== undefined && { status }), ...(signal !== undefined && { signal }) });
    void this.session.note(exitEvent(channel));
  }
}

/** Its counterpart is not read while one is full, so that only answers to its own questions can pile up like this. */
function requireTaken(link: SshLink, name: string): void {
  if (link.queuedBytes > MAX_QUEUED_BYTES) throw new GateError("protocol-error", `the ${name} asks on without reading the answers`);
}

/** Untrusted text from a peer, made fit for a log line. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
