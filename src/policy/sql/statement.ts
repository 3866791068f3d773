import type { Lens, Traced } from "./masking/trace.ts";
import type { Trial } from "./trial.ts";

/**
 * What one SQL statement does, as far as its text tells. Every effect that was found counts; a role must allow them all.
 *
 * `function`: calls something that is not known to be harmless. `opaque`: runs code that its text does not show (DO,
 * CALL, EXECUTE of something prepared), so that it may be anything. `unknown`: nobody has said what this is.
 */
export const SQL_CLASSES = [
  "read",
  "write",
  "ddl",
  "dcl",
  "copy",
  "function",
  "opaque",
  "session",
  "transaction",
  "utility",
  "unknown",
] as const;
export type SqlClass = (typeof SQL_CLASSES)[number];

export interface StatementFacts {
  /** As PostgreSQL's grammar calls it: `SelectStmt`. */
  readonly kind: string;
  /** Each once, in the order of SQL_CLASSES. */
  readonly classes: readonly SqlClass[];
  readonly relations: readonly SqlRelation[];
  /** It also reads or writes what it does not name: CASCADE, statistics of other tables, a whole schema. May be any relation. */
  readonly beyond?: readonly SqlRelation["access"][];
  /** Those that are not known to be harmless, as they are written. */
  readonly functions: readonly string[];
  /** Names of settings that it changes. */
  readonly settings: readonly string[];
  /** Which settings it changes is known from a condition: conditional-settings.ts. */
  readonly watched?: true;
  /** Those it names, for the record: named-columns.ts. */
  readonly columns: readonly string[];
  /** What a preview has to know of one that does more than read. */
  readonly trial?: Trial;
  /** It asks the gate for a preview of this text: preview-request.ts. */
  readonly previewOf?: string;
  /** It may hold a secret: secrets.ts. */
  readonly secret: boolean;
  /** What it does with names of its connection. What runs by a name is not in `classes`: only who knows the names can tell. */
  readonly names?: readonly NameUse[];
}

export interface NameUse {
  /** `plan`: EXPLAIN. */
  readonly does: "make" | "run" | "plan" | "end";
  readonly of: "statement" | "portal";
  /** As the grammar has it: folded and cut. None: all of them. */
  readonly name?: string;
  /** A cursor WITH HOLD: the end of its transaction is not its end. */
  readonly outlives?: true;
}

export interface SqlRelation {
  /** `schema.name`, or the name alone where the text has no more. Names that WITH gives are no relations. */
  readonly name: string;
  /** As it is written; with it, what is behind its dot in `name` is the relation's own name. */
  readonly schema?: string;
  readonly access: "read" | "write";
  /** The other is done to it too: rows that an UPDATE finds are read, those that FOR UPDATE locks are written. */
  readonly both?: true;
}

/** A text with a LIMIT of `most` for each SELECT that has none. */
export interface LimitedSql {
  readonly sql: string;
  readonly most: number;
}

/** How a text is read. */
export interface ParseHow {
  /** Of the database, as PostgreSQL calls it; absent: one that leaves names as they are written. */
  readonly encoding?: string;
  /** It is traced too, with this. */
  readonly lens?: Lens | undefined;
  /** For SELECTs that have none. */
  readonly limit?: number | undefined;
  /** Whose it is: whose texts cost the parser its thread waits longer and longer for the next. */
  readonly by?: object | undefined;
}

export type ParsedSql =
  /** `traced`: what becomes of each statement under the lens it was read with. `limited`: where a LIMIT for SELECTs without one was asked for. */
  | {
      readonly ok: true;
      readonly statements: readonly StatementFacts[];
      readonly traced?: readonly Traced[];
      readonly limited?: LimitedSql;
    }
  /** As the server would say it. `position`: characters into the text, from 1. */
  | { readonly ok: false; readonly why: "syntax"; readonly message: string; readonly position?: number }
  /** It could not be understood within the bounds: too long, too deep, too slow. */
  | { readonly ok: false; readonly why: "bounds"; readonly message: string }
  /** It has a name that the server reads as another one. */
  | { readonly ok: false; readonly why: "name"; readonly message: string };
