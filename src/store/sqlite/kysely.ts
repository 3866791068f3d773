/** Kysely's driver over `node:sqlite`, and the pieces of SQL that other databases write otherwise. */
import type { DatabaseSync } from "node:sqlite";
import { Kysely, sql, SqliteDialect, type SqliteStatement } from "kysely";
import type { DialectParts } from "../dialect.ts";
import type { Tables } from "../tables.ts";
import { bindable, Statements } from "./connection.ts";
import { sqliteWords } from "./words.ts";

export const sqliteParts: DialectParts = {
  bytes: "blob",
  place: "integer",
  words: sqliteWords,
  jsonText: (column, key) => sql`json_extract(cast(${sql.ref(column)} as text), ${`$.${key}`})`,
};

/** Kysely over an open connection; closing stays with whoever opened it. */
export function kyselyOver(db: DatabaseSync): Kysely<Tables> {
  const statements = new Statements(db);
  const prepare = (text: string): SqliteStatement => {
    const statement = statements.get(text);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...bindable(parameters)),
      run: (parameters) => statement.run(...bindable(parameters)),
      iterate: (parameters) => statement.iterate(...bindable(parameters)),
    };
  };
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: { prepare, close: () => {} } }) });
}
