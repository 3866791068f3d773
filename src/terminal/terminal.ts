/**
 * One terminal of one browser: a session channel on an inner connection, and the client that looks at it now, if any does.
 *
 * Owns: both windows, what was not acknowledged yet, taking up again. Never: understands what passes, keeps what is typed.
 *
 * Invariants:
 *  - Output is kept until it was acknowledged, and room for more is made only then: what waits is never more than the
 *    window of the channel, however slow the client and however long nobody looks.
 *  - Input that was not passed on is never more than TERMINAL_WINDOW_BYTES; a client that sends more breaks the rules.
 *  - Bytes come in order, each once, also over a change of clients.
 */
import type { Hearing, Peer } from "../contract/socket.ts";
import { TERMINAL_RECONNECT_MS, TERMINAL_WINDOW_BYTES, type TerminalReceived, type TerminalSent } from "../contract/terminals.ts";
import type { SessionId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { MAX_DATA_BYTES, type Channel } from "../wire/ssh/connection/channel.ts";

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** What a terminal stands on once it is open. */
export interface Line {
  readonly session: SessionId;
  readonly channel: Channel;
  close(): void;
}

type Screen = Peer<TerminalSent>;
/** How it ended: what ran is over, or a reason. */
type End = Extract<TerminalSent, { type: "exit" }> | Denial;

export interface TerminalDeps {
  readonly id: string;
  /** A secret to come back with; the one before is void. */
  readonly newSecret: () => string;
  /** Nobody will come back to it any more. */
  readonly onGone: () => void;
}

export class Terminal {
  readonly #deps: TerminalDeps;
  #line: Line | undefined;
  #screen: Screen | undefined;
  #end: End | undefined;
  #gone = false;
  #leaving: NodeJS.Timeout | undefined;
  /** Output, from the first byte that was not acknowledged. */
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #acknowledged = 0;
  readonly #input: Buffer[] = [];
  #inputBytes = 0;
  #received = 0;
  #isWriting = false;
  #size: Size | undefined;
  #isResizing = false;

  constructor(deps: TerminalDeps) {
    this.#deps = deps;
  }

  /** `undefined`: it is not open yet. */
  get session(): SessionId | undefined {
    return this.#line?.session;
  }

  /** Something ended it: nothing more passes. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** The channel runs something. Output may have come with the same breath: `channel.onData` is `output` since before. */
  opened(line: Line): void {
    if (this.#end) return line.close();
    this.#line = line;
    this.#greet();
    this.#write();
    this.#resize();
  }

  /** `bytes` is a view. */
  output(bytes: Buffer): void {
    if (this.#end) return;
    const own = Buffer.from(bytes);
    append(this.#kept, own);
    this.#keptBytes += own.length;
    if (this.#line) this.#screen?.send(own);
  }

  /** The client of the opening, or one that takes it up again and has `received` bytes. `undefined`: it cannot go on from there. */
  attach(screen: Screen, received: number): Hearing<TerminalReceived> | undefined {
    const more = received - this.#acknowledged;
    if (this.#gone || !(more >= 0 && more <= this.#keptBytes)) return undefined;
    clearTimeout(this.#leaving);
    this.#screen?.refuse(deny("wrong-state", { detail: "the terminal was taken up again elsewhere" }));
    this.#screen = screen;
    this.#drop(more);
    if (this.#line) this.#greet();
    if (this.#end) this.#tellEnd(this.#end);
    return {
      bytes: (bytes) => screen === this.#screen && this.#take(bytes),
      frame: (frame) => screen === this.#screen && this.#hear(frame),
      closed: (onPurpose) => screen === this.#screen && this.#left(onPurpose),
    };
  }

  /** Ends it from the gate's side. */
  end(end: End): void {
    if (this.#end) return;
    this.#end = end;
    this.#line?.close();
    this.#input.length = 0;
    if (this.#screen) this.#tellEnd(end);
  }

  #greet(): void {
    if (!this.#line || !this.#screen) return;
    const { id, newSecret } = this.#deps;
    const facts = { session: this.#line.session, reconnectMs: TERMINAL_RECONNECT_MS, received: this.#received };
    this.#screen.tell({ type: "opened", id, secret: newSecret(), ...facts });
    for (const bytes of this.#kept) this.#screen.send(bytes);
  }

  #tellEnd(end: End): void {
    const screen = this.#screen;
    if ("allowed" in end) return screen?.refuse(end);
    screen?.tell(end);
    screen?.close();
  }

  #left(onPurpose: boolean): void {
    this.#screen = undefined;
    // Nothing to come back to, or nobody who would. What has ended is kept too: whoever lost the connection has perhaps not heard it.
    if (onPurpose || !this.#line) return this.#abandon();
    this.#leaving = setTimeout(() => this.#abandon(), TERMINAL_RECONNECT_MS);
  }

  #abandon(): void {
    this.end({ type: "exit" });
    this.#forget();
  }

  #forget(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#leaving);
    this.#screen = undefined;
    this.#kept.length = 0;
    this.#deps.onGone();
  }

  #hear(frame: TerminalReceived): void {
    switch (frame.type) {
      case "resize":
        this.#size = frame;
        return this.#resize();
      case "ack": {
        const more = frame.received - this.#acknowledged;
        if (more < 0 || more > this.#keptBytes) return this.#broken("more was acknowledged than was sent");
        return this.#drop(more);
      }
      case "resume":
        return this.#broken("nothing is to be resumed here");
    }
  }

  #broken(detail: string): void {
    this.end(deny("protocol-error", { detail }));
  }

  #drop(bytes: number): void {
    this.#acknowledged += bytes;
    this.#keptBytes -= bytes;
    let left = bytes;
    for (let first = this.#kept[0]; first !== undefined && left > 0; first = this.#kept[0]) {
      if (first.length > left) this.#kept[0] = first.subarray(left);
      else this.#kept.shift();
      left -= Math.min(left, first.length);
    }
    if (bytes > 0) this.#line?.channel.credit(bytes);
  }

  #take(bytes: Buffer): void {
    if (this.#end || bytes.length === 0) return;
    if (this.#inputBytes + bytes.length > TERMINAL_WINDOW_BYTES) return this.#broken("more was sent than may be on its way");
    append(this.#input, bytes);
    this.#inputBytes += bytes.length;
    this.#received += bytes.length;
    this.#write();
  }

  #write(): void {
    if (this.#isWriting || !this.#line) return;
    this.#isWriting = true;
    void this.#writeOff(this.#line.channel).finally(() => (this.#isWriting = false));
  }

  /** Small pieces go together. */
  async #writeOff(channel: Channel): Promise<void> {
    while (this.#input.length > 0) {
      let length = 0;
      const count = this.#input.findIndex((each) => (length += each.length) > MAX_DATA_BYTES);
      const some = this.#input.splice(0, count < 0 ? this.#input.length : Math.max(1, count));
      const bytes = some.length === 1 ? some[0] : Buffer.concat(some);
      if (bytes === undefined || !(await channel.write(bytes)) || this.#end) return;
      this.#inputBytes -= bytes.length;
      this.#screen?.tell({ type: "ack", received: this.#received - this.#inputBytes });
    }
  }

  /** One at a time, and in the end the last. */
  #resize(): void {
    if (this.#isResizing || !this.#size || !this.#line || this.#end) return;
    const { cols, rows } = this.#size;
    this.#size = undefined;
    this.#isResizing = true;
    const request = { type: "window-change", columns: cols, rows, widthPixels: 0, heightPixels: 0 } as const;
    void this.#line.channel.request(request).finally(() => {
      this.#isResizing = false;
      this.#resize();
    });
  }
}

/** Up to this, pieces are put together: a byte that is kept by itself takes a hundred times its memory. */
const PIECE_BYTES = 4_096;

function append(pieces: Buffer[], bytes: Buffer): void {
  const last = pieces.at(-1);
  if (last === undefined || last.length + bytes.length > PIECE_BYTES) pieces.push(bytes);
  else pieces[pieces.length - 1] = Buffer.concat([last, bytes]);
}
