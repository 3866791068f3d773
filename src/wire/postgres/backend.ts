/**
 * What servers send (§53.7, "B"), as far as the gate reads or writes it. A message is whole, with its header.
 *
 * Untrusted: a target may be compromised; every parser throws GateError("protocol-error") for what is malformed.
 */
import { cString, FieldReader, HEADER_BYTES, int16, int32, malformed, message } from "./fields.ts";

export const BACKEND = {
  parseComplete: 0x31, // 1
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  notification: 0x41, // A
  commandComplete: 0x43, // C
  dataRow: 0x44, // D
  error: 0x45, // E
  copyIn: 0x47, // G
  copyOut: 0x48, // H
  emptyQuery: 0x49, // I
  backendKeyData: 0x4b, // K
  notice: 0x4e, // N
  authentication: 0x52, // R
  parameterStatus: 0x53, // S
  rowDescription: 0x54, // T
  functionResult: 0x56, // V
  copyBoth: 0x57, // W
  ready: 0x5a, // Z
  copyDone: 0x63, // c
  copyData: 0x64, // d
  noData: 0x6e, // n
  portalSuspended: 0x73, // s
  parameterDescription: 0x74, // t
  negotiateVersion: 0x76, // v
} as const;

export type Authentication =
  | { readonly kind: "ok" }
  | { readonly kind: "sasl"; readonly mechanisms: readonly string[] }
  | { readonly kind: "sasl-continue" | "sasl-final"; readonly data: Buffer }
  | { readonly kind: "cleartext" }
  | { readonly kind: "md5"; readonly salt: Buffer }
  /** Kerberos, GSSAPI…: by its number. */
  | { readonly kind: "other"; readonly method: number };

/** Byte1 'R', Int32 length, Int32 method, what it needs. */
export function parseAuthentication(bytes: Buffer): Authentication {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const method = reader.int32();
  switch (method) {
    case 0:
      reader.end();
      return { kind: "ok" };
    case 3:
      reader.end();
      return { kind: "cleartext" };
    case 5: {
      const salt = reader.bytes(4);
      reader.end();
      return { kind: "md5", salt };
    }
    case 10: {
      const mechanisms: string[] = [];
      for (let name = reader.string(); name !== ""; name = reader.string()) mechanisms.push(name);
      reader.end();
      return { kind: "sasl", mechanisms };
    }
    case 11:
      return { kind: "sasl-continue", data: reader.bytes(reader.left) };
    case 12:
      return { kind: "sasl-final", data: reader.bytes(reader.left) };
    default:
      return { kind: "other", method };
  }
}

export function encodeAuthenticationOk(): Buffer {
  return message("R", int32(0));
}

export function encodeAuthenticationSasl(mechanisms: readonly string[]): Buffer {
  return message("R", int32(10), ...mechanisms.map(cString), Buffer.of(0));
}

export function encodeAuthenticationSaslContinue(data: Buffer): Buffer {
  return message("R", int32(11), data);
}

export function encodeAuthenticationSaslFinal(data: Buffer): Buffer {
  return message("R", int32(12), data);
}

/** Byte1 'S', Int32 length, String name, String value. */
export function parseParameterStatus(bytes: Buffer): { readonly name: string; readonly value: string } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const name = reader.string();
  const value = reader.string();
  reader.end();
  return { name, value };
}

/** Byte1 'K', Int32 length, Int32 process id, the rest is the key. */
export function parseBackendKeyData(bytes: Buffer): { readonly processId: number; readonly secret: Buffer } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const processId = reader.int32();
  if (reader.left < 4 || reader.left > 256) throw malformed();
  return { processId, secret: Buffer.from(reader.bytes(reader.left)) };
}

export function encodeBackendKeyData(processId: number, secret: Buffer): Buffer {
  return message("K", int32(processId), secret);
}

export type TransactionStatus = "I" | "T" | "E";

/** Byte1 'Z', Int32 5, Byte1 status. */
export function parseReadyForQuery(bytes: Buffer): TransactionStatus {
  const status = String.fromCharCode(bytes[HEADER_BYTES] ?? 0);
  if (bytes.length !== HEADER_BYTES + 1 || (status !== "I" && status !== "T" && status !== "E")) throw malformed();
  return status;
}

/** Byte1 'C', Int32 length, String tag: `SELECT 3`, `INSERT 0 1`, `BEGIN`. `rows`: the last number of it, else 0. */
export function parseCommandComplete(bytes: Buffer): { readonly tag: string; readonly rows: number } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const tag = reader.string();
  reader.end();
  return { tag, rows: Number(/ (\d+)$/.exec(tag)?.[1] ?? 0) };
}

/** Byte1 'D', Int32 length, Int16 n, n × value; views. */
export function parseDataRow(bytes: Buffer): readonly (Buffer | null)[] {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const values = Array.from({ length: reader.count(4) }, () => reader.value());
  reader.end();
  return values;
}

/** Of a result that the gate makes itself; text values. */
export function encodeDataRow(values: readonly string[]): Buffer {
  const fields = values.flatMap((value) => {
    const bytes = Buffer.from(value, "utf8");
    return [int32(bytes.length), bytes];
  });
  return message("D", int16(values.length), ...fields);
}

export function encodeCommandComplete(tag: string): Buffer {
  return message("C", cString(tag));
}

/** OID of `text`, in pg_type. */
const TEXT = 25;

/** Columns of type text that are no table's; `format`: 0 text, 1 binary, which for this type is the same. */
export function encodeTextColumns(names: readonly string[], format = 0): Buffer {
  const fields = names.flatMap((name) => [cString(name), int32(0), int16(0), int32(TEXT), int16(0xffff), int32(-1), int16(format)]);
  return message("T", int16(names.length), ...fields);
}

/** What a RowDescription says of a column: the table's OID and the column's number there, 0 for what is none. */
export interface FieldOrigin {
  readonly table: number;
  readonly column: number;
}

/** Byte1 'T', Int32 length, Int16 n, n × (String name, Int32 table, Int16 column, Int32 type, Int16 size, Int32 modifier, Int16 format). */
export function parseRowDescription(bytes: Buffer): readonly FieldOrigin[] {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const fields = Array.from({ length: reader.count(19) }, () => {
    reader.lenientString();
    const [table, column] = [reader.uint32(), reader.int16()];
    reader.bytes(12);
    return { table, column };
  });
  reader.end();
  return fields;
}

/** A RowDescription of a statement, as it is for a portal whose Bind asked for `formats`: none is text, one is for all. */
export function withFormats(description: Buffer, formats: readonly number[]): Buffer {
  const reader = new FieldReader(description, HEADER_BYTES);
  const bytes = Buffer.from(description);
  const count = reader.count(19);
  let at = HEADER_BYTES + 2;
  for (let index = 0; index < count; index += 1) {
    at = bytes.indexOf(0, at) + 1 + 16;
    bytes.writeInt16BE((formats.length === 1 ? formats[0] : formats[index]) ?? 0, at);
    at += 2;
  }
  return bytes;
}

/** Byte1 'A', Int32 length, Int32 process, String channel, String payload. */
export function parseNotification(bytes: Buffer): { readonly processId: number; readonly channel: string; readonly payload: string } {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const found = { processId: reader.int32(), channel: reader.lenientString(), payload: reader.lenientString() };
  reader.end();
  return found;
}

export function encodeNotification({ processId, channel, payload }: ReturnType<typeof parseNotification>): Buffer {
  return message("A", int32(processId), cString(channel), cString(payload));
}

/** §53.8: the letters of the fields. */
export interface ErrorFields {
  readonly severity: string;
  /** SQLSTATE */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** Characters into the statement, from 1. */
  readonly position?: number;
  /** Of the server's source, where it was raised. Read only. */
  readonly file?: string;
}

/** Byte1 'E' or 'N', Int32 length, pairs of Byte1 field and String value, a zero byte. */
export function parseErrorResponse(bytes: Buffer): ErrorFields {
  const reader = new FieldReader(bytes, HEADER_BYTES);
  const fields = new Map<string, string>();
  for (let field = reader.uint8(); field !== 0; field = reader.uint8()) fields.set(String.fromCharCode(field), reader.lenientString());
  reader.end();
  const [detail, hint, position, file] = ["D", "H", "P", "F"].map((letter) => fields.get(letter));
  return {
    severity: fields.get("V") ?? fields.get("S") ?? "ERROR",
    code: fields.get("C") ?? "XX000",
    message: fields.get("M") ?? "",
    ...(detail !== undefined && { detail }),
    ...(hint !== undefined && { hint }),
    ...(position !== undefined && /^\d{1,9}$/.test(position) && { position: Number(position) }),
    ...(file !== undefined && { file }),
  };
}

export function encodeErrorResponse(fields: ErrorFields): Buffer {
  return message("E", ...encodeFields(fields));
}

export function encodeNoticeResponse(fields: ErrorFields): Buffer {
  return message("N", ...encodeFields(fields));
}

function encodeFields({ severity, code, message: text, detail, hint, position }: ErrorFields): Buffer[] {
  const fields: [string, string | undefined][] = [
    ["S", severity],
    ["V", severity],
    ["C", code],
    ["M", text],
    ["D", detail],
    ["H", hint],
    ["P", position?.toString()],
  ];
  const present = fields.flatMap(([letter, value]) => (value === undefined ? [] : [Buffer.from(letter, "latin1"), cString(value)]));
  return [...present, Buffer.of(0)];
}
