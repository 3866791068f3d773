/** Rows of a table by its primary key. Inside of a transaction. */
import { askCatalogue, type Exchange } from "../postgres-answer.ts";
import { literal, quoted } from "../quoting.ts";
import type { Images } from "./trial-images.ts";

export interface Key {
  /** `schema.table`, as it stands in SQL. */
  readonly table: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** That its index finds equals by, as it stands in SQL: an extension's type has one of its own. */
    readonly equals: string;
    /** Among the table's columns. */
    readonly place: number;
  }[];
}

export async function primaryKey(exchange: Exchange, relation: number): Promise<Key | undefined> {
  const rows = await askCatalogue(
    exchange,
    `select format('%I.%I', n.nspname, c.relname), a.attname, format_type(a.atttypid, a.atttypmod),
            format('operator(%I.%s)', o.oprnamespace::regnamespace, o.oprname),
            (select count(*) from pg_attribute b where b.attrelid = a.attrelid and b.attnum > 0 and b.attnum < a.attnum and not b.attisdropped)
       from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
       cross join lateral unnest(i.indkey::int2[], i.indclass::oid[]) as k(attribute, class)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attribute
       join pg_opclass p on p.oid = k.class
       join pg_amop m on m.amopfamily = p.opcfamily and m.amopstrategy = 3 and m.amoplefttype = p.opcintype and m.amoprighttype = p.opcintype
       join pg_operator o on o.oid = m.amopopr
      where i.indisprimary and i.indrelid = ${relation}`,
  );
  const table = rows[0]?.[0];
  if (table == null) return undefined;
  return {
    table,
    columns: rows.map(([, name, type, equals, place]) => ({
      name: name ?? "",
      type: type ?? "",
      equals: equals ?? "",
      place: Number(place),
    })),
  };
}

/** In the order of `rows`. */
export async function rowsByKey(exchange: Exchange, { table, columns }: Key, rows: Images["after"]): Promise<Images["before"]> {
  const arrays = columns.map(({ type, place }) => `unnest(array[${rows.map((row) => literal(row[place] ?? "")).join(", ")}]::${type}[])`);
  const names = columns.map((_, index) => `k${index}`);
  const joined = columns.map(({ name, equals }, index) => `t.${quoted(name)} ${equals} k.k${index}`).join(" and ");
  return await askCatalogue(
    exchange,
    `select t.* from rows from (${arrays.join(", ")}) with ordinality as k(${names.join(", ")}, n) join ${table} t on ${joined} order by k.n`,
  );
}
