/**
 * Channel requests (RFC 4254 §5.4, §6; PROTOCOL §2): byte 98, uint32 recipient, string type, boolean want reply, …
 *
 * Commands, values and subsystem data stay bytes: a command line need not be UTF-8, and what policy judges must be what
 * runs. Names are decoded lossily, which cannot turn another name into an expected one.
 */
import type { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { readerOf, SSH_MSG_CHANNEL_REQUEST } from "./messages.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
}

export type ChannelRequest =
  | ({ readonly type: "pty-req"; readonly term: string; readonly modes: Buffer } & TerminalSize)
  | ({ readonly type: "window-change" } & TerminalSize)
  | { readonly type: "env"; readonly name: string; readonly value: Buffer }
  | { readonly type: "shell" }
  | { readonly type: "exec"; readonly command: Buffer }
  | { readonly type: "subsystem"; readonly name: string }
  | { readonly type: "signal"; readonly signal: string }
  | { readonly type: "break"; readonly lengthMs: number }
  | { readonly type: "exit-status"; readonly status: number }
  | {
      readonly type: "exit-signal";
      /** Without the "SIG". */
      readonly signal: string;
      readonly coreDumped: boolean;
      readonly message: string;
    }
  | { readonly type: "auth-agent-req@openssh.com" }
  | { readonly type: "keepalive@openssh.com" }
  | { readonly type: "eow@openssh.com" }
  /** Anything else, `x11-req` among it; `specific` is not inspected. */
  | { readonly type: "unknown"; readonly name: string; readonly specific: Buffer };

export interface ChannelRequestMessage {
  readonly recipientChannel: number;
  readonly wantReply: boolean;
  readonly request: ChannelRequest;
}

export function parseChannelRequest(payload: Buffer): ChannelRequestMessage {
  const reader = readerOf(payload, SSH_MSG_CHANNEL_REQUEST);
  const recipientChannel = reader.readUint32();
  const name = reader.readString().toString("latin1");
  const wantReply = reader.readBoolean();
  const request = readRequest(reader, name);
  reader.end();
  return { recipientChannel, wantReply, request };
}

function readRequest(reader: Reader, name: string): ChannelRequest {
  switch (name) {
    case "pty-req": {
      const term = readText(reader);
      return { type: name, term, ...readSize(reader), modes: reader.readString() };
    }
    case "window-change":
      return { type: name, ...readSize(reader) };
    case "env":
      return { type: name, name: readText(reader), value: reader.readString() };
    case "exec":
      return { type: name, command: reader.readString() };
    case "subsystem":
      return { type: name, name: readText(reader) };
    case "signal":
      return { type: name, signal: readText(reader) };
    case "break":
      return { type: name, lengthMs: reader.readUint32() };
    case "exit-status":
      return { type: name, status: reader.readUint32() };
    case "exit-signal": {
      const [signal, coreDumped, message] = [readText(reader), reader.readBoolean(), readText(reader)];
      reader.readString();
      return { type: name, signal, coreDumped, message };
    }
    case "shell":
    case "auth-agent-req@openssh.com":
    case "keepalive@openssh.com":
    case "eow@openssh.com":
      return { type: name };
    default:
      return { type: "unknown", name, specific: reader.rest() };
  }
}

function readText(reader: Reader): string {
  return reader.readString().toString("utf8");
}

/** uint32 columns, rows, width in pixels, height in pixels */
function readSize(reader: Reader): TerminalSize {
  return { columns: reader.readUint32(), rows: reader.readUint32(), widthPixels: reader.readUint32(), heightPixels: reader.readUint32() };
}

export function encodeChannelRequest({ recipientChannel, wantReply, request }: ChannelRequestMessage): Buffer {
  const writer = new Writer(128)
    .byte(SSH_MSG_CHANNEL_REQUEST)
    .uint32(recipientChannel)
    .string(request.type === "unknown" ? request.name : request.type)
    .boolean(wantReply);
  writeRequest(writer, request);
  return writer.toBuffer();
}

function writeRequest(writer: Writer, request: ChannelRequest): void {
  switch (request.type) {
    case "pty-req":
      writeSize(writer.string(request.term), request).string(request.modes);
      return;
    case "window-change":
      writeSize(writer, request);
      return;
    case "env":
      writer.string(request.name).string(request.value);
      return;
    case "exec":
      writer.string(request.command);
      return;
    case "subsystem":
      writer.string(request.name);
      return;
    case "signal":
      writer.string(request.signal);
      return;
    case "break":
      writer.uint32(request.lengthMs);
      return;
    case "exit-status":
      writer.uint32(request.status);
      return;
    case "exit-signal":
      writer.string(request.signal).boolean(request.coreDumped).string(request.message).string("");
      return;
    case "unknown":
      writer.raw(request.specific);
      return;
    default:
  }
}

function writeSize(writer: Writer, size: TerminalSize): Writer {
  return writer.uint32(size.columns).uint32(size.rows).uint32(size.widthPixels).uint32(size.heightPixels);
}
