/**
 * Names that a server reads as others than our parser does. Outside of double quotes a server turns letters into small
 * ones: ASCII's everywhere, and of a database in an encoding of single bytes also those that its locale knows
 * (downcase_identifier in PostgreSQL's scansup.c), so that `É` is the table, the cursor or the prepared statement `é`. Pure.
 */
import { lex } from "./lexer.ts";

/** Of servers: those in which letters beyond ASCII are left as they are. */
const OF_MANY_BYTES: ReadonlySet<string> = new Set(["UTF8", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "EUC_JIS_2004", "MULE_INTERNAL"]);
/** No encoding at all: each byte of a letter may be one of its own. */
const BYTES = "SQL_ASCII";

const BEYOND_ASCII = /[^\0-\x7f]/;
const NAME = /[A-Za-z0-9_$\u0080-\uFFFF]*[\u0080-\uFFFF][A-Za-z0-9_$\u0080-\uFFFF]*/g;

/** Whether names in a database of this encoding have to be looked at. */
export function foldsNames(serverEncoding: string): boolean {
  return !OF_MANY_BYTES.has(serverEncoding);
}

/** The first name of a text that may be read as another one. */
export function foldedName(sql: string, serverEncoding: string): string | undefined {
  if (!foldsNames(serverEncoding) || !BEYOND_ASCII.test(sql)) return undefined;
  let at = 0;
  for (const { start, end } of [...lex(sql), { start: sql.length, end: sql.length }]) {
    for (const [name] of sql.slice(at, start).matchAll(NAME)) {
      if (serverEncoding === BYTES || name.replaceAll(/[A-Z]/g, "") !== name.replaceAll(/[A-Z]/g, "").toLowerCase()) return name;
    }
    at = end;
  }
  return undefined;
}
