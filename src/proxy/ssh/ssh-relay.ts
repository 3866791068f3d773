/**
 * Between two authenticated connections: the client's and the target's. Packets of the connection protocol (RFC 4254)
 * pass verbatim after inspection, windows end to end; both sides keep their own channel numbers.
 *
 *   relay-client-side   decided, durable, forwarded        relay-target-side   recorded, shown
 *   relay-pair          what both need                     ssh-files           inside an sftp channel
 *   client-window       room at the client, shared         ssh-cleanup         what a cut leaves behind on the host
 *
 * Owns: how the two directions are put together and how they end. Never: opens a socket, decides a policy.
 *
 * Invariants:
 *  - While an action waits to be decided and logged, nothing behind it passes from the client (order is kept).
 *  - Output is recorded before it is handed to the client's transport (promise 2).
 *  - Untrusted, both ways: unknown messages, unknown channels and broken lengths end the session. A target opens no
 *    channel and has no global request that reaches the client (promise 11).
 *  - After a cut nothing passes in either direction; the target's link outlives the client's only for the cleanup.
 */
import { asGateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Inside } from "../../session/inside.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import { RelayClientSide } from "./relay-client-side.ts";
import { printable, RelayPair } from "./relay-pair.ts";
import { RelayTargetSide } from "./relay-target-side.ts";
import { cleanUp } from "./ssh-cleanup.ts";
import type { LinkEnd, SshLink } from "./ssh-link.ts";
import { disconnectReason, refusalLine, refusalText } from "./ssh-refuse.ts";

const NOTHING = Buffer.alloc(0);
/** SSH_DISCONNECT_BY_APPLICATION */
const BY_APPLICATION = 11;

export interface RelayOptions {
  readonly client: SshLink;
  readonly target: SshLink;
  readonly session: LiveSession;
  readonly gatekeeper: Pick<Gatekeeper, "authorizeErrand">;
  /** A client that is a part of the gate is told the reasons besides what SSH has a form for. */
  readonly inside?: Inside | undefined;
  /** Faults of the gate itself. */
  readonly onFault: (error: unknown) => void;
}

export class SshRelay {
  readonly #pair: RelayPair;
  readonly #options: RelayOptions;
  readonly #done = Promise.withResolvers<void>();
  #endedBehind: LinkEnd | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pair = new RelayPair(options.client, options.target, options.session, options.inside);
  }

  /** Takes both links over. Resolves when both are done with; never rejects. */
  run(): Promise<void> {
    const { client, target, session } = this.#options;
    const clientSide = new RelayClientSide(this.#pair, (error) => this.#fault(error));
    const targetSide = new RelayTargetSide(this.#pair);
    const guarded =
      (receive: (payload: Buffer) => void) =>
      (payload: Buffer): void => {
        try {
          receive(payload);
        } catch (error) {
          this.#fault(error);
        }
      };
    client.transport.onPayload = guarded((payload) => clientSide.receive(payload));
    client.onDrain = () => target.resume("client is full");
    target.onDrain = () => client.resume("target is full");
    client.onEnd = (end) => this.#linkEnded(end, "client");
    target.onEnd = (end) => this.#linkEnded(end, "target");
    session.onPause((paused) => (paused ? target.pause("recording is late") : target.resume("recording is late")));
    session.onWarning((text) => this.#pair.warn(text));
    session.control.onMessage((line) => this.#pair.address(`${line}\r\n`));
    session.control.onHalt((isHalted, line) => {
      this.#pair.tell(`${line}\r\n`);
      if (!isHalted) guarded(() => this.#goOn(clientSide, targetSide))(NOTHING);
    });
    session.onCut((denial) => this.#cut(denial));
    target.handOver(guarded((payload) => targetSide.receive(payload)));
    return this.#done.promise;
  }

  /** Thawed: first what was on its way, then what either side sent meanwhile, then the end where that came too. */
  #goOn(clientSide: RelayClientSide, targetSide: RelayTargetSide): void {
    if (this.#pair.over) return;
    this.#pair.releaseKept();
    targetSide.goOn();
    clientSide.goOn();
    const end = this.#endedBehind;
    this.#endedBehind = undefined;
    if (end) this.#linkEnded(end, "target");
  }

  /** Whoever broke the protocol, or whatever broke here: the session is cut, and says so. */
  #fault(error: unknown): void {
    const { code, detail } = asGateError(error);
    if (code === "internal") this.#options.onFault(error);
    this.#options.session.cut(deny(code, detail === undefined ? {} : { detail }));
  }

  #linkEnded(end: LinkEnd, side: "client" | "target"): void {
    if (this.#pair.over) return;
    if (end.how === "fault") return this.#fault(end.error);
    // What the target said before it went is shown first, when the session goes on.
    if (side === "target" && this.#pair.isHalted) return void (this.#endedBehind = end);
    if (side === "client") return this.#finish(undefined, "");
    const detail = end.how === "goodbye" ? `the target disconnected: ${printable(end.description)}` : "the target closed the connection";
    this.#finish(detail, `sallyport: ${detail}`);
  }

  #cut(denial: Denial): void {
    if (this.#pair.over) return;
    const { client, target, session, gatekeeper, inside } = this.#options;
    inside?.onRefused(denial);
    const text = refusalText(denial);
    for (const channel of this.#pair.channels) {
      if (channel.start !== undefined) this.#pair.say(channel, channel.term ? `\r\n${text}` : text);
    }
    this.#end();
    client.disconnect(disconnectReason(denial.code), refusalLine(denial));
    if (!this.#pair.anyStarted) {
      target.disconnect(BY_APPLICATION, "");
      return this.#done.resolve();
    }
    void cleanUp({ target, session, channels: this.#pair.channels, gatekeeper }).then(this.#done.resolve);
  }

  #finish(detail: string | undefined, goodbye: string): void {
    const { client, target, session } = this.#options;
    this.#end();
    client.disconnect(BY_APPLICATION, goodbye);
    target.disconnect(BY_APPLICATION, "");
    void session.close(detail).then(this.#done.resolve, this.#done.resolve);
  }

  #end(): void {
    this.#pair.over = true;
    for (const channel of this.#pair.channels) this.#pair.channelEnded(channel);
  }
}
