import type { Duplex } from "node:stream";
import type { GateError } from "../../kernel/errors.ts";
import { freeMemory } from "../../kernel/free-memory.ts";
import type { PacketLink } from "../../wire/ssh/connection/packet-link.ts";
import { BufferPool } from "../../kernel/buffer-pool.ts";
import { Transport } from "../../wire/ssh/transport/transport.ts";
import type { TransportEvents, TransportOptions } from "../../wire/ssh/transport/options.ts";

/** Above this much waiting for a slow peer its counterpart is no longer read. Node's own mark costs 30 % of throughput. */
const PAUSE_BYTES = 1024 * 1024;
const RESUME_BYTES = 256 * 1024;
/**
 * What answers of the transport itself (to pings, to messages it does not know) may wait for a peer that does not read
 * them: above it, no more is read from the peer. Until the user is known, little; later more than the owner lets wait,
 * so that it never holds up a peer that takes what it asked for.
 */
const ANSWERS_BYTES_UNKNOWN = 64 * 1024;
const ANSWERS_BYTES = 4 * 1024 * 1024;
/** A message at least this long is taken to be followed by more. */
const BULK_BYTES = 8192;
/** Output buffers of all connections. */
const POOL = new BufferPool();
/** How long a goodbye may take to leave before the socket is destroyed. */
const LINGER_MS = 250;

/**
 * How the gate introduces itself, to both sides. OpenSSH's programs use their extensions only towards names that begin
 * like this: without `eow@openssh.com`, `ssh host yes | head` would never end.
 */
export const SOFTWARE = "OpenSSH_Sallyport";

export type LinkOptions = TransportOptions extends infer Each ? (Each extends unknown ? Omit<Each, "output" | "events"> : never) : never;

/** How a link ended: by its peer's goodbye, by the socket, or by a fault of either side. */
export type LinkEnd =
  | { readonly how: "goodbye"; readonly reason: number; readonly description: string }
  | { readonly how: "closed" }
  | { readonly how: "fault"; readonly error: GateError };

/**
 * One socket and the SSH transport on it. Bytes go straight through; back-pressure is the owner's to apply with
 * `pause`, from `isFull` and `onDrain`. `onEnd` is called once, whoever ends it.
 */
export class SshLink {
  readonly transport: Transport;
  readonly socket: Duplex;
  /** Called before anything is written to the socket; when it throws, nothing is written and the link ends. */
  beforeWrite: (() => void) | undefined;
  onEnd: (end: LinkEnd) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onKeyExchange: TransportEvents["onKeyExchange"];
  readonly #pauses = new Set<string>();
  #answersBytes: number;
  #ended = false;
  #kept: Buffer[] | undefined;

  constructor(socket: Duplex, options: LinkOptions) {
    this.socket = socket;
    this.#answersBytes = options.role === "server" ? ANSWERS_BYTES_UNKNOWN : ANSWERS_BYTES;
    this.transport = new Transport({
      pool: POOL,
      schedule: (flush) => this.#schedule(flush),
      ...options,
      output: { write: (bytes, release) => this.#write(bytes, release) },
      events: {
        onError: (error) => this.#end({ how: "fault", error }),
        onDisconnect: (reason, description) => this.#end({ how: "goodbye", reason, description }),
        onKeyExchange: (done) => this.onKeyExchange?.(done),
        onDrain: () => this.onDrain(),
        onWantInput: () => this.resume("transport"),
      },
    });
    socket.on("data", (chunk: Buffer) => {
      if (!this.transport.receive(chunk)) this.pause("transport");
      // Read by this listener alone: nobody else has it.
      if (!this.transport.keepsInput) freeMemory(chunk);
      if (socket.writableLength > this.#answersBytes) this.pause("answers are not read");
    });
    socket.on("drain", () => {
      this.resume("answers are not read");
    });
    socket.on("error", () => this.#end({ how: "closed" }));
    socket.on("close", () => this.#end({ how: "closed" }));
    socket.on("end", () => this.#end({ how: "closed" }));
    socket.resume();
  }

  get ended(): boolean {
    return this.#ended;
  }

  get queuedBytes(): number {
    return this.socket.writableLength + this.transport.queuedBytes;
  }

  /** More than the owner should have waiting here. */
  get isFull(): boolean {
    return this.queuedBytes > PAUSE_BYTES;
  }

  /**
   * Until `handOver`, what the peer sends is kept: the packets that came in one read with the last one somebody wanted.
   * Reading stops meanwhile, so that it is one read's worth.
   */
  keepPayloads(): void {
    const kept: Buffer[] = [];
    this.#kept = kept;
    this.pause("nobody takes payloads");
    this.transport.onPayload = (payload) => void kept.push(Buffer.from(payload));
  }

  /** From now on payloads go to `take`, those that were kept first. `onEnd` is called when the link ended meanwhile. */
  handOver(take: (payload: Buffer) => void): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.transport.onPayload = take;
    try {
      for (const payload of kept) take(payload);
    } catch (error) {
      this.transport.fail(error);
    }
    this.resume("nobody takes payloads");
    if (this.#ended) this.onEnd({ how: "closed" });
  }

  /** Stops reading for a reason; reading goes on when every reason is gone. */
  pause(reason: string): void {
    this.#pauses.add(reason);
    this.socket.pause();
  }

  resume(reason: string): void {
    if (this.#pauses.delete(reason) && this.#pauses.size === 0 && !this.#ended) this.socket.resume();
  }

  /** The user is known: more may wait for it than for strangers. */
  trust(): void {
    this.#answersBytes = ANSWERS_BYTES;
  }

  /** Says goodbye with an RFC 4253 §11.1 reason and closes. */
  disconnect(reason: number, description: string): void {
    if (this.#ended) return;
    this.transport.disconnect(reason, description);
    this.#end({ how: "closed" });
  }

  /** Closes at once, losing what waits. */
  destroy(): void {
    this.transport.close();
    this.#end({ how: "closed" });
    this.socket.destroy();
  }

  /** A keystroke leaves at once; of a bulk transfer all that this turn of the event loop reads leaves in few large writes. */
  #schedule(flush: () => void): void {
    if (this.#isBulk()) setImmediate(flush);
    else queueMicrotask(flush);
  }

  #isBulk(): boolean {
    // Called by the transport's constructor too.
    const transport = this.transport as Transport | undefined;
    return transport !== undefined && transport.queuedBytes >= BULK_BYTES;
  }

  #write(bytes: Buffer, release: () => void): void {
    if (this.socket.destroyed) return release();
    if (this.beforeWrite !== undefined) {
      try {
        this.beforeWrite();
      } catch {
        // Fails closed: what could not be recorded is not shown. The recorder has told its session already.
        release();
        this.socket.destroy();
        return;
      }
    }
    // Not only at the socket's `drain`: what made the owner wait may have been in the transport, which writes it piece by piece.
    this.socket.write(bytes, () => {
      release();
      if (this.queuedBytes <= RESUME_BYTES) this.onDrain();
    });
  }

  #end(end: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.transport.close();
    if (!this.socket.destroyed) {
      this.socket.end();
      const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
      this.socket.once("close", () => clearTimeout(timer));
    }
    this.onEnd(end);
  }
}

/** The link as channel endpoints see it, for connections that end in the gate itself. */
export function packetLinkOf(link: SshLink): PacketLink {
  return {
    send: (payload) => void link.transport.send(payload),
    queuedBytes: () => link.queuedBytes,
    onDrain: (listener) => {
      link.onDrain = listener;
    },
  };
}
