import type { Bind } from "../../../wire/postgres/frontend.ts";
import * as frontend from "../../../wire/postgres/frontend.ts";
import type { Ran } from "../statements/running-statement.ts";

/** Exactly what would run. */
export interface HeldStatement {
  readonly sql: string;
  /** Of the extended protocol. */
  readonly parameters?: Bind["parameters"];
  readonly parameterTypes?: readonly number[];
}

/** `raw`: parameters as they came. */
export function heldOf({ sql, raw, parameterTypes }: Pick<Ran, "sql" | "raw" | "parameterTypes">): HeldStatement {
  return { sql, ...(raw && { parameters: raw }), ...(parameterTypes && { parameterTypes }) };
}

export function encodeStatement({ sql, parameters, parameterTypes = [] }: HeldStatement, text = sql): Buffer {
  if (parameters === undefined) return frontend.encodeQuery(text);
  return Buffer.concat([
    frontend.encodeParse("", text, parameterTypes),
    frontend.encodeBind("", "", parameters),
    frontend.encodeDescribe("portal", ""),
    frontend.encodeExecute(""),
    frontend.encodeSync(),
  ]);
}

/** Without the semicolon at its end and what stands behind it. */
export function textOf(sql: string, bytes: number | undefined): string {
  return bytes === undefined ? sql : Buffer.from(sql).subarray(0, bytes).toString("utf8");
}
