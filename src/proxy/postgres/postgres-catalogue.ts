/** What a database's catalogue says, read over a connection of the gate's own (pg_catalog of PostgreSQL 12 and later). */
import type { CatalogueColumn, CatalogueData, CatalogueRelation } from "../../policy/sql/masking/catalogue.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { Place } from "../../session/lenses.ts";
import { overOwnConnection } from "./own-connection.ts";
import { queryTarget } from "./postgres-query.ts";
import type { Wire } from "./postgres-reader.ts";
import type { UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 30_000;

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

type Row = readonly (string | null)[];

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

/** Throws `target-refused`. */
export async function readCatalogue(wire: Wire): Promise<CatalogueData> {
  await queryTarget(wire, QUALIFY_NAMES);
  const columns = Map.groupBy(await queryTarget(wire, COLUMNS), ([oid]) => Number(oid));
  const relations = (await queryTarget(wire, RELATIONS)).map((row) => relationOf(row, columns.get(Number(row[0])) ?? []));
  const inherits = (await queryTarget(wire, INHERITS)).map(([child, parent]): [number, number] => [Number(child), Number(parent)]);
  const namesOf = async (sql: string): Promise<string[]> => (await queryTarget(wire, sql)).map(([name]) => name ?? "");
  return {
    relations,
    inherits,
    functions: await namesOf(FUNCTIONS),
    operators: await namesOf(OPERATORS),
    castTypes: await namesOf(CAST_TYPES),
  };
}

function relationOf([oid, schema, name, definition]: Row, columns: readonly Row[]): CatalogueRelation {
  return {
    oid: Number(oid),
    schema: schema ?? "",
    name: name ?? "",
    columns: columns.map(columnOf),
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
