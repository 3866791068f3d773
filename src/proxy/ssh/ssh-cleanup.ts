/**
 * After a cut: ends what the session left running on the host, or reports it. The client is gone already; nothing of
 * its session passes any more. It is the gate's own errand, recorded as such, on the connection that is there.
 *
 * Invariants: the target's link is closed CLEANUP_MS after the cut at the latest; never throws; always logs `ssh.cleanup`.
 */
import { asGateError } from "../../kernel/errors.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { encodeChannelRequest, parseChannelRequest, type ChannelRequest } from "../../wire/ssh/connection/channel-request.ts";
import * as msg from "../../wire/ssh/connection/messages.ts";
import type { ChannelTable } from "./channel-table.ts";
import { CLEANUP_COMMAND, parseCleanupOutput, type CleanupReport } from "./cleanup-script.ts";
import type { SshLink } from "./ssh-link.ts";

export const CLEANUP_MS = 3000;
/** More than the list of processes that is kept. */
const WINDOW_BYTES = 65_536;

export interface CleanupOptions {
  readonly target: SshLink;
  readonly session: LiveSession;
  readonly channels: ChannelTable;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
}

export async function cleanUp({ target, session, channels, gatekeeper }: CleanupOptions): Promise<void> {
  const run = new CleanupRun(target, channels.unusedNumber());
  try {
    run.closeChannels(channels);
    const { address } = session.permit.scoped.target;
    const authorized = gatekeeper.authorizeErrand("session.cleanup", address, "gate").then(() => run.start());
    authorized.catch((error: unknown) => run.stop(asGateError(error).message));
    await withDeadline(run.finished, CLEANUP_MS, "the clean-up took too long").catch(() => run.stop("the host took too long"));
    const report = await run.finished;
    await session.note({ kind: "ssh.cleanup", principal: "gate", body: { ...report } });
  } catch {
    // The log cannot take it: the session's end says why there is no more to be read.
  } finally {
    target.destroy();
  }
}

/** One channel of the gate's own, on a connection whose other channels are being closed. */
class CleanupRun {
  readonly #target: SshLink;
  /** The gate's number for its channel. */
  readonly #own: number;
  readonly #done = Promise.withResolvers<CleanupReport>();
  #targetChannel: number | undefined;
  #output = "";

  constructor(target: SshLink, own: number) {
    this.#target = target;
    this.#own = own;
    target.onEnd = () => this.stop("the host closed the connection");
    target.onDrain = () => undefined;
    target.handOver((payload) => this.#receive(payload));
    for (const reason of ["client is full", "recording is late", "much waits"]) target.resume(reason);
  }

  get finished(): Promise<CleanupReport> {
    return this.#done.promise;
  }

  /** What the client had open ends: a terminal hangs up, a pipe breaks, and whoever listens gets the signal. */
  closeChannels(channels: ChannelTable): void {
    for (const { target, start, closedByClient } of channels) {
      if (target === undefined || closedByClient) continue;
      if (start !== undefined) this.#request(target, false, { type: "signal", signal: "HUP" });
      this.#target.transport.send(msg.encodeChannelClose(target));
    }
  }

  start(): void {
    this.#target.transport.send(
      msg.encodeChannelOpen({
        channelType: "session",
        senderChannel: this.#own,
        initialWindow: WINDOW_BYTES,
        maximumPacket: 32_768,
        specific: Buffer.alloc(0),
      }),
    );
  }

  /** Ends it with what is known. */
  stop(why: string): void {
    this.#done.resolve(parseCleanupOutput(this.#output, why));
  }

  /** Untrusted. What still comes on the client's channels is nobody's any more. */
  #receive(payload: Buffer): void {
    const type = payload[0] ?? 0;
    if (type < msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION || type > msg.SSH_MSG_CHANNEL_FAILURE || msg.channelOf(payload) !== this.#own) return;
    switch (type) {
      case msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION:
        this.#targetChannel = msg.parseChannelOpenConfirmation(payload).senderChannel;
        this.#request(this.#targetChannel, true, { type: "exec", command: Buffer.from(CLEANUP_COMMAND) });
        return;
      case msg.SSH_MSG_CHANNEL_OPEN_FAILURE:
        return this.stop("the host opens no further channel");
      case msg.SSH_MSG_CHANNEL_FAILURE:
        return this.stop("the host runs no command for this account");
      case msg.SSH_MSG_CHANNEL_DATA:
        if (this.#output.length < WINDOW_BYTES) this.#output += msg.dataOf(payload).toString("latin1");
        return;
      case msg.SSH_MSG_CHANNEL_REQUEST: {
        const { wantReply } = parseChannelRequest(payload);
        if (wantReply && this.#targetChannel !== undefined) this.#target.transport.send(msg.encodeChannelFailure(this.#targetChannel));
        return;
      }
      case msg.SSH_MSG_CHANNEL_CLOSE:
        return this.stop("the host did not finish looking for processes");
      default:
    }
  }

  #request(recipientChannel: number, wantReply: boolean, request: ChannelRequest): void {
    this.#target.transport.send(encodeChannelRequest({ recipientChannel, wantReply, request }));
  }
}
