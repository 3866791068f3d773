/**
 * RFC 4253 §4.2: `SSH-protoversion-softwareversion SP comments CR LF`, at most 255 bytes with its end.
 * A server may send other lines before it; a client may not.
 */
import { GateError } from "../../../kernel/errors.ts";
import { DISCONNECT } from "./messages.ts";
import { TransportFailure } from "./failure.ts";

const MAX_VERSION_BYTES = 255;
const MAX_OTHER_LINES = 50;
const MAX_OTHER_LINE_BYTES = 1024;
const LF = 0x0a;
const CR = 0x0d;

/** `software`: printable US-ASCII without spaces and minus signs. Returned without CR LF, as the exchange hash wants it. */
export function encodeVersion(software: string): string {
  const line = `SSH-2.0-${software}`;
  if (!/^[\x21-\x2c\x2e-\x7e]+$/.test(software) || line.length + 2 > MAX_VERSION_BYTES) {
    throw new GateError("internal", "the SSH software version has a character that it cannot have, or is too long");
  }
  return line;
}

/** Reads the peer's line, however it is split. Untrusted: bounded in bytes and lines. */
export class VersionReader {
  readonly #peerIsServer: boolean;
  #line: Buffer = Buffer.alloc(0);
  #otherLines = 0;

  constructor(peerIsServer: boolean) {
    this.#peerIsServer = peerIsServer;
  }

  /**
   * The peer's version without its line end, and the bytes that follow it; `undefined` while it is not complete.
   * Throws GateError("protocol-error").
   */
  push(chunk: Buffer): { version: string; rest: Buffer } | undefined {
    let rest = chunk;
    for (;;) {
      const end = rest.indexOf(LF);
      const part = end < 0 ? rest : rest.subarray(0, end);
      if (this.#line.length + part.length >= MAX_OTHER_LINE_BYTES) throw refuse("the version line does not end");
      this.#line = Buffer.concat([this.#line, part]);
      if (end < 0) {
        this.#requirePossible();
        return undefined;
      }
      rest = rest.subarray(end + 1);
      const line = this.#line;
      this.#line = Buffer.alloc(0);
      const version = this.#parseLine(line.at(-1) === CR ? line.subarray(0, -1) : line);
      if (version !== undefined) return { version, rest };
    }
  }

  /** Refuses an unfinished line as soon as it cannot become a version any more. */
  #requirePossible(): void {
    const start = this.#line.subarray(0, 4).toString("latin1");
    const isVersion = "SSH-".startsWith(start);
    if (!isVersion && !this.#peerIsServer) throw refuse("the peer does not speak SSH");
    if (start === "SSH-" && this.#line.length >= MAX_VERSION_BYTES) throw refuse("the version line is too long");
  }

  #parseLine(line: Buffer): string | undefined {
    const text = line.toString("latin1");
    if (!text.startsWith("SSH-")) {
      this.#otherLines += 1;
      if (!this.#peerIsServer) throw refuse("the peer does not speak SSH");
      if (this.#otherLines > MAX_OTHER_LINES) throw refuse("the peer sends too many lines before its version");
      return undefined;
    }
    // RFC 4253 §5.1: a server that also speaks the old protocol says 1.99.
    const known = text.startsWith("SSH-2.0-") || (this.#peerIsServer && text.startsWith("SSH-1.99-"));
    if (!known) throw refuse("the peer does not speak SSH 2.0", DISCONNECT.PROTOCOL_VERSION_NOT_SUPPORTED);
    // Software and comments are printable; a few peers have been seen to send bytes above US-ASCII in comments.
    if (text.length + 2 > MAX_VERSION_BYTES || /\p{Cc}/u.test(text)) throw refuse("the version line is not valid");
    return text;
  }
}

function refuse(detail: string, reason: number = DISCONNECT.PROTOCOL_ERROR): TransportFailure {
  return new TransportFailure(reason, detail);
}
