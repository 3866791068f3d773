/** What a database's catalogue says, read over a connection of the gate's own (pg_catalog of PostgreSQL 12 and later). */
import type { CatalogueColumn, CatalogueData, CatalogueRelation, Reference } from "../../../policy/sql/masking/catalogue.ts";
import type { Gatekeeper } from "../../../session/gatekeeper.ts";
import type { Place } from "../../../session/lenses.ts";
import { overOwnConnection } from "../own-connection.ts";
import { queryTarget, readRows, type Row } from "../postgres-query.ts";
import type { Wire } from "../wire.ts";
import type { UpstreamDeps } from "../postgres-upstream.ts";

const TIMEOUT_MS = 30_000;
/** One of 10,000 tables with 20 columns each takes a third. */
const MAX_CATALOGUE_BYTES = 192 * 1024 * 1024;

/** Every name in a definition comes out with its schema. */
const QUALIFY_NAMES = "set search_path = ''";

const RELATIONS = `
select c.oid, n.nspname, c.relname,
       case when c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema') then pg_get_viewdef(c.oid) end,
       (select option_value from pg_options_to_table(f.ftoptions) where option_name = 'schema_name'),
       (select option_value from pg_options_to_table(f.ftoptions) where option_name = 'table_name')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_foreign_table f on f.ftrelid = c.oid
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not like 'pg\\_toast%'`;

const INHERITS = "select inhrelid, inhparent from pg_inherits";

/** FirstNormalObjectId of PostgreSQL's transam.h: below it is what comes with the server. */
const FIRST_OF_USERS = 16_384;

/** Not PostgreSQL's own, and no extension's: whoever installs one is not whoever asks. */
const defined = (catalogue: string, row: string): string => `
  not exists (select from pg_depend where classid = '${catalogue}'::regclass and objid = ${row}.oid and deptype = 'e')`;

const FUNCTIONS = `
select distinct p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and ${defined("pg_proc", "p")}`;

const OPERATORS = `
select distinct o.oprname from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and ${defined("pg_operator", "o")}`;

/** Casts by such functions. A value of a type that somebody made has to be named, or is in a column of that type. */
const CASTS = `
  select c.castsource, c.casttarget, c.castsource >= ${FIRST_OF_USERS} as is_made from pg_cast c join pg_proc p on p.oid = c.castfunc
    join pg_namespace n on n.oid = p.pronamespace
   where n.nspname <> 'pg_catalog' and ${defined("pg_proc", "p")}`;

/** Such functions run whenever a value of these is made: constraints of domains, a type's own input. And what is made of them. */
const ACTIVE = `
with recursive active(oid) as (
    select c.contypid from pg_constraint c join pg_depend d on d.classid = 'pg_constraint'::regclass and d.objid = c.oid
      left join pg_proc p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
      left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
     where c.contypid <> 0 and (p.oid is not null and ${defined("pg_proc", "p")} or o.oid is not null and ${defined("pg_operator", "o")})
    union
    select t.oid from pg_type t join pg_proc p on p.oid = t.typinput where p.oid >= ${FIRST_OF_USERS} and ${defined("pg_proc", "p")}
    union
    select t.oid from active join pg_type t on t.typbasetype = active.oid or t.typelem = active.oid
        or exists (select from pg_attribute a where a.attrelid = t.typrelid and a.atttypid = active.oid and a.attnum > 0 and not a.attisdropped)
        or exists (select from pg_range r where active.oid = r.rngsubtype and t.oid in (r.rngtypid, r.rngmultitypid))
)`;

const ACTIVE_TYPES = `${ACTIVE} select t.oid, t.typname from active join pg_type t using (oid)`;

const CAST_TYPES = `
select distinct t.typname from (${CASTS}) c join pg_type t on t.oid = case when c.is_made then c.castsource else c.casttarget end`;

/** `active`: a value of it, or the whole row, is cast without anybody's saying so, or is compared by an operator class of somebody's. */
const COLUMNS = `${ACTIVE}
select a.attrelid, a.attnum, a.attname, t.typcategory = 'S', t.typcategory = 'A',
       a.atttypid in (select castsource from (${CASTS}) casts where is_made)
         or c.reltype in (select castsource from (${CASTS}) casts where is_made)
         or a.atttypid in (select o.opcintype from pg_opclass o where o.oid >= ${FIRST_OF_USERS} and ${defined("pg_opclass", "o")}),
       (select option_value from pg_options_to_table(a.attfdwoptions) where option_name = 'column_name'),
       col_description(a.attrelid, a.attnum),
       labelled.labels,
       case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
       a.atttypid in (select oid from active),
       coalesce(element.typcategory, t.typcategory) in ('B', 'E', 'C')
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  join pg_type t on t.oid = a.atttypid
  left join pg_type element on element.oid = t.typelem and t.typcategory = 'A'
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join (select objoid, objsubid, json_agg(provider || ': ' || label) as labels from pg_seclabel
              where classoid = 'pg_class'::regclass and objsubid > 0 group by objoid, objsubid) labelled
    on labelled.objoid = a.attrelid and labelled.objsubid = a.attnum
 where a.attnum > 0 and not a.attisdropped
 order by a.attrelid, a.attnum`;

/**
 * Primary keys that hold for everything that reading the table gives, at every moment, and by the equality that GROUP BY
 * goes by: no deferred one, none of a table that others than partitions inherit from, no operator class or collation of its own.
 */
const KEYS = `
select i.indrelid, i.indkey
  from pg_index i
 where i.indisprimary and i.indimmediate and i.indisvalid and i.indrelid >= ${FIRST_OF_USERS}
   and not exists (select from pg_inherits h join pg_class c on c.oid = h.inhparent where h.inhparent = i.indrelid and c.relkind <> 'p')
   and not exists (select from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) of_key(attribute, class, collated)
                     join pg_opclass o on o.oid = of_key.class join pg_attribute a on a.attrelid = i.indrelid and a.attnum = of_key.attribute
                    where not o.opcdefault or of_key.collated <> a.attcollation)`;

/** All but those that make a view. */
const RULES = "select ev_class, pg_get_ruledef(oid) from pg_rewrite where ev_type <> '1'";

/** Expressions too: the columns that such an index depends on. */
const UNIQUE = `
select i.indrelid, k.attnum from pg_index i, unnest(i.indkey::int2[]) k(attnum)
 where (i.indisunique or i.indisexclusion) and k.attnum > 0 and i.indrelid >= ${FIRST_OF_USERS}
union
select i.indrelid, d.refobjsubid from pg_index i
  join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
 where (i.indisunique or i.indisexclusion) and d.refobjsubid > 0 and i.indrelid >= ${FIRST_OF_USERS}`;

const REFERENCES = `
select c.conrelid, k.attnum, c.confrelid, k.refnum from pg_constraint c, unnest(c.conkey, c.confkey) k(attnum, refnum) where c.contype = 'f'`;

const POLICIES = `
select polrelid, pg_get_expr(polqual, polrelid) from pg_policy
 where polqual is not null and row_security_active(polrelid)
   and exists (select from unnest(polroles) of_role where of_role = 0 or pg_has_role(of_role, 'usage'))`;

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
  /** By the relation that is in the first column. */
  const byRelation = async <T>(sql: string, of: (row: Row) => T): Promise<Map<number, T[]>> => {
    const found = new Map<number, T[]>();
    await readRows(wire, sql, memory, (row) => {
      const relation = Number(row[0]);
      const others = found.get(relation);
      if (others) others.push(of(row));
      else found.set(relation, [of(row)]);
    });
    return found;
  };
  const first = ([name]: Row): string => name ?? "";
  const second = ([, text]: Row): string => text ?? "";
  const parts = {
    columns: await byRelation(COLUMNS, columnOf),
    rules: await byRelation(RULES, second),
    policies: await byRelation(POLICIES, second),
    keys: await byRelation(KEYS, second),
    unique: await byRelation(UNIQUE, ([, column]) => Number(column)),
    references: await byRelation(REFERENCES, ([, column, relation, to]) => ({
      column: Number(column),
      relation: Number(relation),
      to: Number(to),
    })),
  };
  const active = await read(ACTIVE_TYPES, ([oid, name]) => ({ oid: Number(oid), name: name ?? "" }));
  return {
    relations: await read(RELATIONS, (row) => relationOf(row, parts)),
    inherits: await read(INHERITS, ([child, parent]): [number, number] => [Number(child), Number(parent)]),
    functions: await read(FUNCTIONS, first),
    operators: await read(OPERATORS, first),
    castTypes: [...new Set([...(await read(CAST_TYPES, first)), ...active.map(({ name }) => name)])],
    castTypeOids: active.map(({ oid }) => oid),
  };
}

interface Parts {
  readonly columns: ReadonlyMap<number, readonly CatalogueColumn[]>;
  readonly rules: ReadonlyMap<number, readonly string[]>;
  readonly policies: ReadonlyMap<number, readonly string[]>;
  /** Column numbers with spaces between. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
  readonly unique: ReadonlyMap<number, readonly number[]>;
  readonly references: ReadonlyMap<number, readonly Reference[]>;
}

function relationOf([id, schema, name, definition, remoteSchema, remoteName]: Row, parts: Parts): CatalogueRelation {
  const oid = Number(id);
  const [rules, policies, [key] = []] = [parts.rules.get(oid), parts.policies.get(oid), parts.keys.get(oid)];
  const [unique, references] = [parts.unique.get(oid), parts.references.get(oid)];
  const isForeign = remoteSchema != null || remoteName != null;
  return {
    oid,
    schema: schema ?? "",
    name: name ?? "",
    columns: parts.columns.get(oid) ?? [],
    ...(definition != null && { definition }),
    ...(isForeign && { remote: { schema: remoteSchema ?? schema ?? "", name: remoteName ?? name ?? "" } }),
    ...(key !== undefined && { key: key.split(" ").map(Number) }),
    ...(rules && { rules }),
    ...(policies && { policies }),
    ...(unique && { unique }),
    ...(references && { references }),
  };
}

function columnOf([, number, name, isText, isArray, isActive, remote, comment, labels, generated, checks, hasFew]: Row): CatalogueColumn {
  return {
    number: Number(number),
    name: name ?? "",
    text: isText === "t",
    ...(isArray === "t" && { array: true }),
    ...(hasFew === "t" && { few: true }),
    ...(isActive === "t" && { active: true }),
    ...(checks === "t" && { checks: true }),
    ...(remote != null && { remote }),
    ...(comment != null && { comment }),
    ...(labels != null && { labels: JSON.parse(labels) as string[] }),
    ...(generated != null && { generated }),
  };
}
