/** What clients of the extended protocol send (§53.7), for tests. */
import { cString, int16, int32, message } from "../../src/wire/postgres/fields.ts";

export { encodeExecute, encodeParse, encodeQuery } from "../../src/wire/postgres/frontend.ts";

const CODES = { statement: "S", portal: "P" } as const;

/** Without parameters. `formats`: of the results, 0 text, 1 binary. */
export function encodeBind(portal: string, statement: string, formats: readonly number[]): Buffer {
  return message("B", cString(portal), cString(statement), int16(0), int16(0), int16(formats.length), ...formats.map(int16));
}

export function encodeDescribe(of: keyof typeof CODES, name: string): Buffer {
  return message("D", Buffer.from(CODES[of]), cString(name));
}

export function encodeClose(of: keyof typeof CODES, name: string): Buffer {
  return message("C", Buffer.from(CODES[of]), cString(name));
}

export function encodeSync(): Buffer {
  return message("S");
}

export function encodeFetch(portal: string, rows: number): Buffer {
  return message("E", cString(portal), int32(rows));
}
