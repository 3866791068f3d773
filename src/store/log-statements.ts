import type { Kysely } from "kysely";
import type { WordIndex } from "./dialect.ts";
import type { LogTable, Tables } from "./tables.ts";
import type { LogSql } from "./thread/messages.ts";

/** The order of `values` is the order of parameters that GroupCommit binds. */
const ENTRY: LogTable = {
  seq: 0,
  time: 0,
  kind: "",
  principal: "",
  grant_id: "",
  session: "",
  target: "",
  request: "",
  decision: "",
  envelope: Buffer.alloc(0),
  salt: Buffer.alloc(0),
  body: Buffer.alloc(0),
};

export function compileLogStatements(db: Kysely<Tables>, words: WordIndex): LogSql {
  return {
    insertEntry: db.insertInto("log").values(ENTRY).compile().sql,
    insertTile: db
      .insertInto("log_tile")
      .values({ number: 0, root: Buffer.alloc(0) })
      .compile().sql,
    insertWords: words.insert,
    putJournaled: db
      .insertInto("settings")
      .values({ name: "", doc: "" })
      .onConflict((on) => on.column("name").doUpdateSet({ doc: (the) => the.ref("excluded.doc") }))
      .compile().sql,
  };
}
