import { sql } from "kysely";
import type { WordIndex } from "../dialect.ts";

/** FTS5 without content; `secure-delete` takes a removed word out of the index pages at once instead of at the next merge. */
export const sqliteWords: WordIndex = {
  async create(db) {
    await sql`create virtual table log_words using fts5(text, content='', tokenize='unicode61')`.execute(db);
    await sql`insert into log_words(log_words, rank) values ('secure-delete', 1)`.execute(db);
  },
  insert: "insert into log_words(rowid, text) values (?, ?)",
  remove: "insert into log_words(log_words, rowid, text) values ('delete', ?, ?)",
  match(words) {
    // Untrusted: each word becomes a quoted FTS5 string, so that nothing in it is an operator.
    const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`;
    const query = words.map((word) => (typeof word === "string" ? quoted(word) : `(${word.map(quoted).join(" OR ")})`)).join(" AND ");
    return sql`log.seq in (select rowid from log_words where log_words match ${query})`;
  },
};
