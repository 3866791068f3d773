import { GateError } from "../../kernel/errors.ts";
import type { SshLink } from "./ssh-link.ts";

/** What a small message costs besides its bytes. */
const MESSAGE_BYTES = 256;
/** From here on its sender is not read, nor answered, any more. More than the window that OpenSSH gives for one channel. */
const PAUSE_BYTES = 3 * 1024 * 1024;
/** Its socket is paused long before: what one read still brings. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Messages of one side that wait, in the order in which they came; bounded, and nothing is lost. */
export class HeldMessages {
  readonly #from: Pick<SshLink, "pause" | "resume">;
  readonly #name: string;
  #messages: Buffer[] = [];
  #at = 0;
  #bytes = 0;

  constructor(from: Pick<SshLink, "pause" | "resume">, name: string) {
    this.#from = from;
    this.#name = name;
  }

  get isEmpty(): boolean {
    return this.#at === this.#messages.length;
  }

  /** Copies it. Throws GateError("protocol-error") when its sender goes on although it is not read. */
  push(message: Buffer): void {
    this.#bytes += message.length + MESSAGE_BYTES;
    if (this.#bytes > MAX_BYTES) throw new GateError("protocol-error", `${this.#name} sent too much ahead`);
    if (this.#bytes > PAUSE_BYTES) this.#from.pause("much waits");
    this.#messages.push(Buffer.from(message));
  }

  shift(): Buffer | undefined {
    const message = this.#messages[this.#at];
    if (message === undefined) return undefined;
    this.#at += 1;
    this.#bytes -= message.length + MESSAGE_BYTES;
    if (this.isEmpty) {
      this.#messages = [];
      this.#at = 0;
      this.#from.resume("much waits");
    }
    return message;
  }
}
