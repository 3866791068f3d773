/**
 * What clients send once they are through (§53.7, "F"). A message is whole, with its header.
 *
 * Untrusted: every parser throws GateError("protocol-error") for a message cut short or followed by anything.
 */
import { createHash } from "node:crypto";
import { cString, FieldReader, HEADER_BYTES, int16, int32, malformed, message } from "./fields.ts";

/** By its first byte. Everything else is refused. */
export const FRONTEND = {
  bind: 0x42, // B
  close: 0x43, // C
  describe: 0x44, // D
  execute: 0x45, // E
  functionCall: 0x46, // F
  flush: 0x48, // H
  parse: 0x50, // P
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
  copyDone: 0x63, // c
  copyData: 0x64, // d
  copyFail: 0x66, // f
  password: 0x70, // p
} as const;

export interface Parse {
  readonly name: string;
  readonly sql: string;
  readonly parameterTypes: readonly number[];
}

export interface Bind {
  readonly portal: string;
  readonly statement: string;
  readonly parameters: readonly { readonly binary: boolean; readonly value: Buffer | null }[];
  /** Of the result's columns: 1 is binary. None: all text; one: for all. */
  readonly resultFormats: readonly number[];
}

/** Byte1 'Q', Int32 length, String query. */
export function parseQuery(bytes: Buffer): string {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const sql = reader.string();
  reader.end();
  return sql;
}

/** Byte1 'P', Int32 length, String name, String query, Int16 n, n × Int32 type. */
export function parseParse(bytes: Buffer): Parse {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const name = reader.string();
  const sql = reader.string();
  const parameterTypes = Array.from({ length: reader.count(4) }, () => reader.uint32());
  reader.end();
  return { name, sql, parameterTypes };
}

/** Byte1 'B', Int32 length, String portal, String statement, Int16 n × Int16 format, Int16 n × value, Int16 n × Int16 format. */
export function parseBind(bytes: Buffer): Bind {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const portal = reader.string();
  const statement = reader.string();
  const formats = Array.from({ length: reader.count(2) }, () => reader.int16());
  const values = Array.from({ length: reader.count(4) }, () => reader.value());
  const resultFormats = Array.from({ length: reader.count(2) }, () => reader.int16());
  reader.end();
  if ([...formats, ...resultFormats].some((format) => format !== 0 && format !== 1)) throw malformed();
  if (formats.length > 1 && formats.length !== values.length) throw malformed();
  const parameters = values.map((value, at) => ({ binary: (formats.length === 1 ? formats[0] : formats[at]) === 1, value }));
  return { portal, statement, parameters, resultFormats };
}

/** Byte1 'E', Int32 length, String portal, Int32 maximum of rows. */
export function parseExecute(bytes: Buffer): { readonly portal: string; readonly maxRows: number } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const portal = reader.string();
  const maxRows = reader.int32();
  reader.end();
  return { portal, maxRows };
}

/** Byte1 'F', Int32 length, Int32 OID of the function, then its arguments. */
export function parseFunctionCall(bytes: Buffer): number {
  return new FieldReader(bytes, HEADER_BYTES).uint32();
}

/** Byte1 'D' or 'C', Int32 length, Byte1 'S' statement or 'P' portal, String name. */
export function parseNamed(bytes: Buffer): { readonly of: "statement" | "portal"; readonly name: string } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const of = reader.uint8();
  const name = reader.string();
  reader.end();
  if (of !== 0x53 && of !== 0x50) throw malformed();
  return { of: of === 0x53 ? "statement" : "portal", name };
}

/** Sync, Flush, Terminate, CopyDone: nothing but the header. */
export function requireBare(bytes: Buffer): void {
  if (bytes.length !== HEADER_BYTES) throw malformed();
}

/** Byte1 'p', Int32 length, String mechanism, Int32 length or -1, bytes. */
export function parseSaslInitialResponse(bytes: Buffer): { readonly mechanism: string; readonly response: Buffer } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const mechanism = reader.string();
  const response = reader.value() ?? Buffer.alloc(0);
  reader.end();
  return { mechanism, response };
}

/** Byte1 'p', Int32 length, bytes. */
export function parseSaslResponse(bytes: Buffer): Buffer {
  return bytes.subarray(HEADER_BYTES);
}

export function encodeQuery(sql: string): Buffer {
  return message("Q", cString(sql));
}

export function encodeParse(name: string, sql: string, parameterTypes: readonly number[] = []): Buffer {
  return message(
    "P",
    cString(name),
    cString(sql),
    int16(parameterTypes.length),
    Buffer.concat(parameterTypes.map((type) => int32(type | 0))),
  );
}

/**
 * Results as `formats` say, 0 text, 1 binary; none: as text. Lists are joined first: a client's may have 65,535 entries,
 * and a call has no room for so many arguments.
 */
export function encodeBind(portal: string, statement: string, parameters: Bind["parameters"], formats: readonly number[] = []): Buffer {
  return message(
    "B",
    cString(portal),
    cString(statement),
    int16(parameters.length),
    Buffer.concat(parameters.map(({ binary }) => int16(binary ? 1 : 0))),
    int16(parameters.length),
    Buffer.concat(parameters.flatMap(({ value }) => (value === null ? [int32(-1)] : [int32(value.length), value]))),
    int16(formats.length),
    Buffer.concat(formats.map(int16)),
  );
}

const NAMED = { statement: "S", portal: "P" } as const;

export function encodeDescribe(of: keyof typeof NAMED, name: string): Buffer {
  return message("D", Buffer.from(NAMED[of]), cString(name));
}

export function encodeClose(of: keyof typeof NAMED, name: string): Buffer {
  return message("C", Buffer.from(NAMED[of]), cString(name));
}

export function encodeSync(): Buffer {
  return message("S");
}

export function encodeExecute(portal: string): Buffer {
  return message("E", cString(portal), int32(0));
}

export function encodeSaslInitialResponse(mechanism: string, response: Buffer): Buffer {
  return message("p", cString(mechanism), int32(response.length), response);
}

export function encodeSaslResponse(response: Buffer): Buffer {
  return message("p", response);
}

export function encodeFlush(): Buffer {
  return message("H");
}

/** Byte1 'p', Int32 length, String: in clear, or what it is hashed to. */
export function encodePassword(password: string): Buffer {
  return message("p", cString(password));
}

/** §55.3: `md5` and the MD5, in hexadecimal, of the MD5 of password and user, and of a salt. */
export function md5Password(user: string, password: string, salt: Buffer): string {
  const md5 = (...parts: readonly (string | Buffer)[]): string => {
    const hash = createHash("md5");
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  };
  return `md5${md5(md5(password, user), salt)}`;
}

export function encodeTerminate(): Buffer {
  return message("X");
}
