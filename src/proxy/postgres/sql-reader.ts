/** Reads texts of SQL; lent to the connections, which share one. */
import type { ParsedSql, ParseHow } from "../../policy/sql/statement.ts";

export interface SqlReader {
  parse(sql: string, how?: ParseHow): ParsedSql | Promise<ParsedSql>;
}
