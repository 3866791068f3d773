import { GateError } from "../../kernel/errors.ts";

/** Requests one channel may have unanswered. OpenSSH uses two or three. */
const MAX_OUTSTANDING = 64;

/**
 * Replies to channel requests carry no number: they answer in the order of the requests (RFC 4254 §5.4). When the gate
 * answers one itself while an earlier one still waits at the target, its answer has to wait too.
 */
export class ReplyQueue {
  readonly #waiting: (string | Uint8Array)[] = [];

  /** A request with want_reply goes to the target; `request` is what it was. */
  forwarded(request: string): void {
    this.#push(request);
  }

  /** The gate answers a request itself. Returns what may go to the client now. */
  answered(reply: Uint8Array): readonly Uint8Array[] {
    this.#push(reply);
    return this.#ready();
  }

  /** The target answered: which request that was, and the gate's own answers that waited behind it. Throws when nothing was asked. */
  targetAnswered(): { request: string; own: readonly Uint8Array[] } {
    const request = this.#waiting[0];
    if (typeof request !== "string") throw new GateError("protocol-error", "the target answered a request nobody made");
    this.#waiting.shift();
    return { request, own: this.#ready() };
  }

  /** No more answers will come from the target: those of the gate, which waited behind them. */
  abandon(): readonly Uint8Array[] {
    return this.#waiting.splice(0).filter((entry) => typeof entry !== "string");
  }

  #push(entry: string | Uint8Array): void {
    if (this.#waiting.length >= MAX_OUTSTANDING) throw new GateError("protocol-error", "too many unanswered channel requests");
    this.#waiting.push(entry);
  }

  #ready(): readonly Uint8Array[] {
    const ready: Uint8Array[] = [];
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || typeof first === "string") return ready;
      ready.push(first);
      this.#waiting.shift();
    }
  }
}
