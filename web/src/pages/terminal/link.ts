/**
 * The way to a terminal on a host and back, over a WebSocket that may be lost and taken up again: docs/formats/terminal.md.
 *
 * Invariants: never more than WINDOW bytes are on their way; what is shown is told only after it was; input that the gate had
 * when the network was lost is not sent again, and what it had not is.
 */
import type { Problem } from "../../../../src/contract/problem.ts";
import type { TerminalReceived, TerminalSent } from "../../../../src/contract/terminals.ts";
import { pathOf } from "../../api/client.ts";
import { ownProblem } from "../../api/problem.ts";

const WINDOW = 262_144;
const FRAME = 32_768;
const ACK_EVERY = 32_768;
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000];

/** What was open is not there any more, as after a restart of the gate. */
const GONE = ownProblem("not-found", "This session is over", "It ended while the connection was lost. Open a new one").problem;

export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly session: string }
  /** The network is lost; it is tried again until then (performance.now). */
  | { readonly kind: "lost"; readonly until: number }
  | {
      readonly kind: "ended";
      readonly status?: number | undefined;
      readonly signal?: string | undefined;
      readonly problem?: Problem | undefined;
    };

export interface LinkOptions {
  readonly target: string;
  readonly grant?: string | undefined;
  readonly cols: number;
  readonly rows: number;
  readonly onState: (state: LinkState) => void;
  /** Shows them; calls `shown` when that is done. */
  readonly onBytes: (bytes: Uint8Array, shown: () => void) => void;
}

type Opened = Extract<TerminalSent, { type: "opened" }>;

export class TerminalLink implements Disposable {
  readonly #options: LinkOptions;
  #ws: WebSocket | undefined;
  #opened: Opened | undefined;
  #over = false;
  #lostAt: number | undefined;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Bytes of output: that arrived, that are on the screen, that the gate knows of. */
  #received = 0;
  #shown = 0;
  #acked = 0;
  /** Input that the gate does not have yet; the first `#sent` bytes of it are on their way. */
  #input: Uint8Array = new Uint8Array();
  #sent = 0;
  #taken = 0;
  #size: { cols: number; rows: number };

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#size = { cols: options.cols, rows: options.rows };
    const { target, grant, cols, rows } = options;
    this.#connect(pathOf("terminals.open", { query: { target, cols, rows, ...(grant !== undefined && { grant }) } }));
  }

  type(bytes: Uint8Array): void {
    if (this.#over) return;
    const all = new Uint8Array(this.#input.length + bytes.length);
    all.set(this.#input);
    all.set(bytes, this.#input.length);
    this.#input = all;
    this.#push();
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#tell({ type: "resize", cols, rows });
  }

  /** Ends what runs. */
  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#retry);
    this.#ws?.close(1000);
  }

  #connect(path: string): void {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const ws = new WebSocket(url);
    this.#ws = ws;
    ws.binaryType = "arraybuffer";
    ws.addEventListener("open", () => {
      if (this.#opened) this.#tell({ type: "resume", secret: this.#opened.secret, received: this.#received });
    });
    ws.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#ws !== ws || this.#over) return;
      if (typeof data === "string") this.#frame(JSON.parse(data) as TerminalSent);
      else this.#bytes(new Uint8Array(data));
    });
    ws.addEventListener("close", () => this.#ws === ws && this.#closed());
    if (!this.#opened) this.#options.onState({ kind: "connecting" });
  }

  #frame(frame: TerminalSent): void {
    switch (frame.type) {
      case "opened": {
        const again = this.#opened !== undefined;
        this.#opened = frame;
        this.#lostAt = undefined;
        this.#attempt = 0;
        this.#take(frame.received);
        // What was on its way when the network went is sent again.
        this.#sent = 0;
        if (again) this.#tell({ type: "resize", ...this.#size });
        this.#options.onState({ kind: "open", session: frame.session });
        this.#push();
        return;
      }
      case "ack":
        this.#take(frame.received);
        this.#push();
        return;
      case "exit":
        this.#end({ kind: "ended", status: frame.status, signal: frame.signal });
        return;
      case "problem":
        this.#end({ kind: "ended", problem: this.#opened && frame.problem.code === "not-found" ? GONE : frame.problem });
    }
  }

  #bytes(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.#options.onBytes(bytes, () => {
      this.#shown += bytes.length;
      if (this.#shown - this.#acked < ACK_EVERY && this.#shown !== this.#received) return;
      this.#acked = this.#shown;
      this.#tell({ type: "ack", received: this.#shown });
    });
  }

  /** So many bytes of input are the gate's now. */
  #take(total: number): void {
    const count = Math.min(this.#input.length, Math.max(0, total - this.#taken));
    this.#input = this.#input.slice(count);
    this.#sent = Math.max(0, this.#sent - count);
    this.#taken = Math.max(this.#taken, total);
  }

  #push(): void {
    while (this.#ws?.readyState === WebSocket.OPEN && this.#opened && this.#lostAt === undefined) {
      const chunk = this.#input.slice(this.#sent, Math.min(this.#input.length, WINDOW, this.#sent + FRAME));
      if (chunk.length === 0) return;
      this.#ws.send(chunk);
      this.#sent += chunk.length;
    }
  }

  #tell(frame: TerminalReceived): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(frame));
  }

  #closed(): void {
    if (this.#over) return;
    if (!this.#opened) {
      const why = ownProblem("gate-unreachable", "The terminal could not be opened", "Check your connection, then try again");
      this.#end({ kind: "ended", problem: why.problem });
      return;
    }
    this.#lostAt ??= performance.now();
    const until = this.#lostAt + this.#opened.reconnectMs;
    if (performance.now() > until) {
      const why = ownProblem("gate-unreachable", "The connection was lost for too long", "The session was ended; open a new one");
      this.#end({ kind: "ended", problem: why.problem });
      return;
    }
    this.#options.onState({ kind: "lost", until });
    const { id } = this.#opened;
    this.#retry = setTimeout(
      () => this.#connect(pathOf("terminals.resume", { params: { id } })),
      RETRY_MS[this.#attempt] ?? RETRY_MS.at(-1),
    );
    this.#attempt += 1;
  }

  #end(state: Extract<LinkState, { kind: "ended" }>): void {
    if (this.#over) return;
    this.#over = true;
    this.#input = new Uint8Array();
    // Whatever came before is on the screen first: the order of frames is the order of what happened.
    this.#options.onState(state);
    this.#ws?.close(1000);
  }
}
