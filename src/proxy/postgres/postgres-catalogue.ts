/** What a database's catalogue says, read over a connection of the gate's own (pg_catalog of PostgreSQL 12 and later). */
import type { CatalogueColumn, CatalogueData, CatalogueRelation } from "../../policy/sql/masking/catalogue.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { Place } from "../../session/lenses.ts";
import { overOwnConnection } from "./own-connection.ts";
import { queryTarget, readRows, type Row } from "./postgres-query.ts";
import type { Wire } from "./postgres-reader.ts";
import type { UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 30_000;
/** One of 10,000 tables with 20 columns each takes a third. */
const MAX_CATALOGUE_BYTES = 192 * 1024 * 1024;

/** Every name in a definition comes out with its schema. */
const QUALIFY_NAMES = "set search_path = ''";

const RELATIONS = `
select c.oid, n.nspname, c.relname,
       case when c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema') then pg_get_viewdef(c.oid) end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not like 'pg\\_toast%'`;

const COLUMNS = `
select a.attrelid, a.attnum, a.attname, t.typcategory = 'S', col_description(a.attrelid, a.attnum),
       case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attnum > 0 and not a.attisdropped
 order by a.attrelid, a.attnum`;

const INHERITS = "select inhrelid, inhparent from pg_inherits";

/** Not PostgreSQL's own, and no extension's: whoever installs one is not whoever asks. */
const defined = (catalogue: string, row: string): string => `
  not exists (select from pg_depend where classid = '${catalogue}'::regclass and objid = ${row}.oid and deptype = 'e')`;

const FUNCTIONS = `
select distinct p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and ${defined("pg_proc", "p")}`;

const OPERATORS = `
select distinct o.oprname from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and ${defined("pg_operator", "o")}`;

const CAST_TYPES = `
select distinct t.typname from pg_cast c join pg_type t on t.oid = c.casttarget join pg_proc p on p.oid = c.castfunc
  join pg_namespace n on n.oid = p.pronamespace
 where n.nspname <> 'pg_catalog' and ${defined("pg_proc", "p")}`;

/** The errand: over a connection that is opened for it. Throws `target-unreachable`, `target-refused`, `timeout`. */
export async function fetchCatalogue(
  { target, database, account }: Place,
  gatekeeper: Pick<Gatekeeper, "authorizeErrand">,
  upstream: UpstreamDeps,
): Promise<CatalogueData> {
  const permit = await gatekeeper.authorizeErrand("catalogue.read", target.address, "gate");
  const connection = { permit, target, user: account, database, timeoutMs: TIMEOUT_MS };
  return overOwnConnection(connection, upstream, ({ socket }) => readCatalogue(socket));
}

/** Throws `target-refused`, `too-large`. */
export async function readCatalogue(wire: Wire): Promise<CatalogueData> {
  await queryTarget(wire, QUALIFY_NAMES);
  const memory = { leftBytes: MAX_CATALOGUE_BYTES };
  const read = async <T>(sql: string, of: (row: Row) => T): Promise<T[]> => {
    const found: T[] = [];
    await readRows(wire, sql, memory, (row) => void found.push(of(row)));
    return found;
  };
  const columns = new Map<number, CatalogueColumn[]>();
  await readRows(wire, COLUMNS, memory, (row) => {
    const [of, column] = [Number(row[0]), columnOf(row)];
    const others = columns.get(of);
    if (others) others.push(column);
    else columns.set(of, [column]);
  });
  const name = ([first]: Row): string => first ?? "";
  return {
    relations: await read(RELATIONS, (row) => relationOf(row, columns.get(Number(row[0])) ?? [])),
    inherits: await read(INHERITS, ([child, parent]): [number, number] => [Number(child), Number(parent)]),
    functions: await read(FUNCTIONS, name),
    operators: await read(OPERATORS, name),
    castTypes: await read(CAST_TYPES, name),
  };
}

function relationOf([oid, schema, name, definition]: Row, columns: readonly CatalogueColumn[]): CatalogueRelation {
  return {
    oid: Number(oid),
    schema: schema ?? "",
    name: name ?? "",
    columns,
    ...(definition != null && { definition }),
  };
}

function columnOf([, number, name, isText, comment, generated]: Row): CatalogueColumn {
  return {
    number: Number(number),
    name: name ?? "",
    text: isText === "t",
    ...(comment != null && { comment }),
    ...(generated != null && { generated }),
  };
}
