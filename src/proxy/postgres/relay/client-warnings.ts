/** Lines of the gate's own for who sits at the client, as notices of the server: they have their place between any two messages. */
import { encodeNoticeResponse } from "../../../wire/postgres/backend.ts";

export class ClientWarnings {
  readonly #isAtBoundary: () => boolean;
  readonly #write: (bytes: Uint8Array) => void;
  #waiting: Buffer[] = [];

  /** `isAtBoundary`: nothing that the client is sent is half a message now. */
  constructor(isAtBoundary: () => boolean, write: (bytes: Uint8Array) => void) {
    this.#isAtBoundary = isAtBoundary;
    this.#write = write;
  }

  warn(text: string): void {
    this.#waiting.push(encodeNoticeResponse({ severity: "WARNING", code: "01000", message: text.trim() }));
    this.flush();
  }

  /** What somebody else has to say. */
  notice(text: string): void {
    this.#waiting.push(encodeNoticeResponse({ severity: "NOTICE", code: "00000", message: text }));
    this.flush();
  }

  say(text: string, more: { readonly detail?: string; readonly hint?: string } = {}): void {
    this.#waiting.push(encodeNoticeResponse({ severity: "NOTICE", code: "00000", message: `sallyport: ${text}`, ...more }));
    this.flush();
  }

  /** Called whenever something has come from the target. */
  flush(): void {
    if (!this.#isAtBoundary()) return;
    for (const warning of this.#waiting.splice(0)) this.#write(warning);
  }
}

export function encodeCutNotice(rows: number): Buffer {
  const message = `sallyport: LIMIT ${rows} was added to this statement; there may be more rows`;
  return encodeNoticeResponse({ severity: "WARNING", code: "01000", message, hint: "A LIMIT of your own is left as it is" });
}
