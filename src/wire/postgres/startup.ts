/**
 * What comes before messages have types (§53.2.1, §53.7): Int32 length, Int32 code or version, then what that means.
 *
 * Untrusted: everything here is said by somebody unknown.
 */
import { GateError } from "../../kernel/errors.ts";
import { cString, FieldReader, int32, malformed, message } from "./fields.ts";

/** As PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
const MAX_STARTUP_BYTES = 10_000;
const PROTOCOL_3_0 = 196_608;
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSSENC_REQUEST = 80_877_104;
/** Protocol 3.2. */
const MAX_CANCEL_KEY_BYTES = 256;

export type Startup =
  | { readonly kind: "ssl-request" }
  | { readonly kind: "gssenc-request" }
  | { readonly kind: "cancel-request"; readonly processId: number; readonly secret: Buffer }
  | { readonly kind: "startup"; readonly major: number; readonly minor: number; readonly parameters: ReadonlyMap<string, string> };

/** Length of the whole packet by its first four bytes. Throws `protocol-error`. */
export function startupLength(header: Buffer): number {
  const length = header.readInt32BE(0);
  if (length < 8 || length > MAX_STARTUP_BYTES) throw new GateError("protocol-error", "the startup packet has no valid length");
  return length;
}

/** The whole packet with its length. */
export function parseStartup(packet: Buffer): Startup {
  if (startupLength(packet) !== packet.length) throw malformed();
  const reader = new FieldReader(packet, 4);
  const code = reader.int32();
  switch (code) {
    case SSL_REQUEST:
      reader.end();
      return { kind: "ssl-request" };
    case GSSENC_REQUEST:
      reader.end();
      return { kind: "gssenc-request" };
    case CANCEL_REQUEST: {
      const processId = reader.int32();
      if (reader.left < 4 || reader.left > MAX_CANCEL_KEY_BYTES) throw malformed();
      return { kind: "cancel-request", processId, secret: Buffer.from(reader.bytes(reader.left)) };
    }
    default:
      return {
        kind: "startup",
        major: code >>> 16,
        minor: code & 0xffff,
        parameters: code >>> 16 === 3 ? parseParameters(reader) : new Map(),
      };
  }
}

/** Pairs of String name, String value; a zero byte ends them. */
function parseParameters(reader: FieldReader): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (;;) {
    const name = reader.string();
    if (name === "") break;
    if (parameters.has(name)) throw new GateError("protocol-error", "a startup parameter comes twice");
    parameters.set(name, reader.string());
  }
  reader.end();
  return parameters;
}

export function encodeStartup(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [cString(name), cString(value)]);
  return untyped(PROTOCOL_3_0, ...pairs, Buffer.of(0));
}

export function encodeSslRequest(): Buffer {
  return untyped(SSL_REQUEST);
}

export function encodeCancelRequest(processId: number, secret: Uint8Array): Buffer {
  return untyped(CANCEL_REQUEST, int32(processId), secret);
}

/** NegotiateProtocolVersion: the newest minor version there is, and the options that are not known. */
export function encodeNegotiateProtocolVersion(minor: number, unknown: readonly string[]): Buffer {
  return message("v", int32((3 << 16) | minor), int32(unknown.length), ...unknown.map(cString));
}

function untyped(code: number, ...fields: readonly Uint8Array[]): Buffer {
  const length = fields.reduce((sum, { length: each }) => sum + each, 8);
  return Buffer.concat([int32(length), int32(code), ...fields]);
}
