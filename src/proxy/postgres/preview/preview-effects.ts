/**
 * Whether a statement may be tried out: nothing may run with it that could have an effect outside of its transaction. Known
 * are PostgreSQL's own code and what the target vouches for; everything else that somebody defined may do anything.
 * Fails closed.
 */
import type { SqlRelation, StatementFacts } from "../../../policy/sql/statement.ts";
import { askCatalogue, findRelation, type Exchange } from "../postgres-answer.ts";
import { literal, quoted } from "../quoting.ts";

/** How a reason begins that lies in a trigger: planning the statement runs none. */
export const TRIGGER = "the trigger ";

/** Inside of a transaction. Why it must not be tried out; `undefined`: it may. Throws `target-refused`. */
export async function whyNot(
  exchange: Exchange,
  statements: readonly StatementFacts[],
  vouched: readonly string[],
): Promise<string | undefined> {
  const [only, second] = statements;
  const { change, definition, outside } = only?.trial ?? {};
  if (only === undefined || second || (change ?? definition ?? outside) === undefined)
    return "only a single INSERT, UPDATE, DELETE, MERGE or definition can be tried out";
  if (outside !== undefined) return outside;
  const own = change ? "write" : "ddl";
  // A name says too little of a function, also one that is vouched for where it has another path.
  const called = only.functions.find((name) => !NUMBERING.has(name));
  if (called !== undefined) return `the function ${called} may have effects that cannot be undone`;
  const others = only.classes.filter((each) => each !== "read" && each !== own && each !== "function");
  if (others.length > 0) return `it does more than ${change ? "change rows" : "define something"} (${others.join(", ")})`;
  const caller = definition && (await eventTrigger(exchange, vouched));
  if (caller !== undefined) return caller;
  // A view is kept as it is written, and not run.
  if (only.kind === "ViewStmt") return undefined;
  for (const named of only.relations) {
    const isWritten = named.access === "write";
    const relation = await findRelation(exchange, writtenName(named));
    // Without a schema it is one of WITH, or the statement fails.
    if (change && relation === undefined && (isWritten || named.schema !== undefined)) return `${named.name} is not there`;
    const kinds = change ? (isWritten ? ROWS : READ) : DEFINED;
    const why = relation === undefined ? undefined : await effectsOf(exchange, relation, { isWritten, kinds, vouched });
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Numbers that they give are not given back, and nothing else: whoever decides is told. */
const NUMBERING: ReadonlySet<string> = new Set(["nextval", "pg_catalog.nextval"]);

/** Whatever is defined runs these too. */
async function eventTrigger(exchange: Exchange, vouched: readonly string[]): Promise<string | undefined> {
  const rows = await askCatalogue(
    exchange,
    `select '${TRIGGER}' || e.evtname || ' of every definition runs ' || f.proname || ', which may do anything'
       from pg_event_trigger e join pg_proc f on f.oid = e.evtfoid where e.evtenabled <> 'D' and not ${trustedIn(vouched)} limit 1`,
  );
  return rows[0]?.[0] ?? undefined;
}

/** Of pg_class: whose rows may be changed, which may be read, and what else may be defined anew without running anything. */
const ROWS = "'r', 'p'";
const READ = "'r', 'p', 'm', 'S'";
const DEFINED = "'r', 'p', 'i', 'I', 'S', 'c'";

/** SQL: the function `f` is one that the target vouches for. */
function trustedIn(vouched: readonly string[]): string {
  const names = vouched.map((name) => literal(name.includes(".") ? name : `public.${name}`));
  return names.length === 0 ? "false" : `format('%s.%s', f.pronamespace::regnamespace, f.proname) in (${names.join(", ")})`;
}

/** `"a.b"` is not `a.b`. */
function writtenName({ name, schema }: SqlRelation): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name.slice(schema.length + 1))}`;
}

/**
 * Of a table, what inherits from it, and what its foreign keys change with it: whatever runs that PostgreSQL did not bring.
 * Of one that is only read: what it is, and its policies. An extension's functions are known by what they say of themselves:
 * a volatile one (dblink) may do anything.
 */
async function effectsOf(
  exchange: Exchange,
  relation: number,
  { isWritten, kinds, vouched }: { readonly isWritten: boolean; readonly kinds: string; readonly vouched: readonly string[] },
): Promise<string | undefined> {
  const trusted = trustedIn(vouched);
  const isExtensions = "exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = f.oid and e.deptype = 'e')";
  const foreign = `f.pronamespace <> 'pg_catalog'::regnamespace and (f.provolatile = 'v' or not ${isExtensions}) and not ${trusted}`;
  const ofWritten = `
  union all
  select 3, '${TRIGGER}' || t.tgname || ' of ' || c.relname || ' runs ' || f.proname || ', which may do anything'
    from pg_trigger t join reach r on t.tgrelid = r.oid join pg_class c on c.oid = t.tgrelid join pg_proc f on f.oid = t.tgfoid
   where not t.tgisinternal and t.tgenabled <> 'D' and not ${trusted}
  union all
  select 4, 'the rule ' || w.rulename || ' runs with it' from pg_rewrite w join reach r on w.ev_class = r.oid where w.ev_type <> '1'
  union all
  select 5, 'a default, check or index of it calls ' || f.proname || ', which may do anything'
    from pg_depend d join pg_proc f on d.refclassid = 'pg_proc'::regclass and f.oid = d.refobjid
   where ${foreign} and (
     d.classid = 'pg_attrdef'::regclass and d.objid in (select a.oid from pg_attrdef a join reach r on a.adrelid = r.oid)
     or d.classid = 'pg_constraint'::regclass and d.objid in (select k.oid from pg_constraint k join reach r on k.conrelid = r.oid)
     or d.classid = 'pg_class'::regclass and d.objid in (select i.indexrelid from pg_index i join reach r on i.indrelid = r.oid)
     or d.classid = 'pg_class'::regclass and d.objid in (select oid from reach))`;
  const cascades = `
    union all
    select conrelid from pg_constraint
     where confrelid = r.oid and contype = 'f' and (confdeltype in ('c', 'n', 'd') or confupdtype in ('c', 'n', 'd'))`;
  const rows = await askCatalogue(
    exchange,
    `
with recursive reach as (
  select ${relation}::oid as oid
  union
  select x.oid from reach r cross join lateral (select inhrelid as oid from pg_inherits where inhparent = r.oid ${isWritten ? cascades : ""}) x
)
select why from (
  select 2 as n, c.relname || ' is no plain table' as why from pg_class c join reach using (oid)
   where c.relkind not in (${kinds}) and not (c.relkind = 'v' and c.relnamespace = 'pg_catalog'::regnamespace)
  union all
  select 6, 'a policy of it calls ' || f.proname || ', which may do anything'
    from pg_depend d join pg_proc f on d.refclassid = 'pg_proc'::regclass and f.oid = d.refobjid
   where ${foreign} and d.classid = 'pg_policy'::regclass and d.objid in (select p.oid from pg_policy p join reach r on p.polrelid = r.oid)
  union all
  select 7, 'an operator, cast or type that somebody defined may do anything'
    from (select oprcode::oid as fn from pg_operator union all select castfunc from pg_cast union all select amproc from pg_amproc
          union all select typinput from pg_type union all select typoutput from pg_type union all select rngcanonical from pg_range
          union all select d.refobjid from pg_depend d join pg_constraint k on d.classid = 'pg_constraint'::regclass and d.objid = k.oid
           where k.contypid <> 0 and d.refclassid = 'pg_proc'::regclass) u join pg_proc f on f.oid = u.fn
   where ${foreign} ${isWritten ? ofWritten : ""}
) found order by n limit 1`,
  );
  return rows[0]?.[0] ?? undefined;
}
