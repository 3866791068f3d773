import type { Kysely, RawBuilder, SqlBool } from "kysely";
import type { Tables } from "./tables.ts";

/** The databases a store can stand on. A new one must bring everything below, and an opener in contract/. */
export type Dialect = "sqlite";

/** What the databases do differently; everything else is Kysely's. */
export interface DialectParts {
  /** Column type of large byte strings. */
  readonly bytes: "blob" | "bytea";
  /** Column type of an entry's place: 64 bits, and the key rows are stored by where the database has such a thing. */
  readonly place: "integer" | "bigint";
  readonly words: WordIndex;
  /** The text under a key of a JSON object that is kept as bytes; NULL where it is none. */
  jsonText(column: string, key: string): RawBuilder<string | null>;
}

/**
 * The whole-text index over event bodies. It keeps words by entry, never the text, and forgets an entry when it is
 * given the same text again.
 */
export interface WordIndex {
  create(db: Kysely<Tables>): Promise<void>;
  /** Parameters: seq, text. */
  readonly insert: string;
  /** Parameters: seq, text as it was inserted. */
  readonly remove: string;
  /** True for log rows in which every word occurs; of a list of words, any of them. */
  match(words: readonly (string | readonly string[])[]): RawBuilder<SqlBool>;
}
