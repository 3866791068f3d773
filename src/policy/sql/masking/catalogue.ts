/**
 * What a database says of itself, as far as it takes to know where a value comes from: relations with their columns,
 * what views are made of, who inherits from whom, and code that somebody defined. Plain data: it crosses to the
 * parser's thread as JSON.
 */
export interface CatalogueColumn {
  /** attnum: with the relation's OID what a RowDescription calls it by. */
  readonly number: number;
  readonly name: string;
  /** Its type is one of texts: a mask can be a text too. */
  readonly text: boolean;
  /** Its type is one of arrays. */
  readonly array?: boolean;
  /** Its type has few values, or is made of such: booleans, enumerations. */
  readonly few?: boolean;
  /** Code that somebody defined runs when a value of its type is used: a cast that nobody writes, an operator class. */
  readonly active?: boolean;
  /** Writing to it runs code that somebody defined: a constraint of a domain. */
  readonly checks?: boolean;
  /** Of a foreign table: what it is called where it comes from. */
  readonly remote?: string;
  readonly comment?: string;
  /** `schema.relation.column`: what it was called before, as far as the gate knows. */
  readonly formerly?: readonly string[];
  /** Its security labels, as `provider: label`. */
  readonly labels?: readonly string[];
  /** A generated column's expression, over the columns of its own relation. */
  readonly generated?: string;
}

export interface Reference {
  readonly column: number;
  readonly relation: number;
  readonly to: number;
}

export interface CatalogueRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** Dropped columns left out. */
  readonly columns: readonly CatalogueColumn[];
  /** attnums of its primary key: no two rows that reading it gives have the same. */
  readonly key?: readonly number[];
  /** The query of a view or a materialised view, with every name qualified. */
  readonly definition?: string;
  /** Of a foreign table: what it is called where it comes from, as far as that is said. */
  readonly remote?: { readonly schema: string; readonly name: string };
  /** Rules that put something else beside or in the place of what changes it, as CREATE RULE. */
  readonly rules?: readonly string[];
  /** Numbers of columns in unique indexes and exclusion constraints: what is written there is compared with other rows. */
  readonly unique?: readonly number[];
  /** Foreign keys: what a column holds is in a column of another relation too. */
  readonly references?: readonly Reference[];
  /** Conditions of row-level security that hold for the account: which rows there are. */
  readonly policies?: readonly string[];
}

export interface CatalogueData {
  readonly relations: readonly CatalogueRelation[];
  /** Child and parent: partitions, inheritance. */
  readonly inherits: readonly (readonly [number, number])[];
  /** Names of functions that somebody defined, extensions left out: they may read anything. */
  readonly functions: readonly string[];
  /** Operators that call such functions. */
  readonly operators: readonly string[];
  /** Types that do: casts, constraints of domains, their own input; and what is made of such types. */
  readonly castTypes: readonly string[];
  /** The same, as a Parse calls the types of its parameters. */
  readonly castTypeOids?: readonly number[];
}

/** CatalogueData as JSON, in memory that threads share: nobody waits for a copy of it. */
export type SharedCatalogue = SharedArrayBuffer;

export function readCatalogue(shared: SharedCatalogue): CatalogueData {
  return JSON.parse(Buffer.from(shared).toString()) as CatalogueData;
}

/** `schema.relation.column` */
export function columnName({ schema, name }: Pick<CatalogueRelation, "schema" | "name">, column: string): string {
  return `${schema}.${name}.${column}`;
}
