/** What statements do, in a person's words: in refusals, and where somebody is told what a role allows. */
import type { RelationClass } from "./rules.ts";
import type { SqlClass } from "./statement.ts";

export const ON_RELATION: Readonly<Record<RelationClass, string>> = {
  read: "reading",
  write: "changing or locking rows of",
  ddl: "changing the definition of",
  utility: "maintaining or locking",
};

export const WORDS: Readonly<Record<SqlClass, string>> = {
  read: "reading",
  write: "changing rows, or locking them",
  ddl: "changing tables and other definitions",
  dcl: "changing rights, code, or what is beyond the database",
  copy: "COPY",
  function: "functions that may have effects",
  opaque: "running code that the statement does not show",
  session: "changing settings of the session",
  transaction: "transactions",
  utility: "maintenance",
  unknown: "a statement that is not known",
};
