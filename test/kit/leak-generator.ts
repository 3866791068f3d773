/** Statements at random against the database of secrets-database.ts: what nobody thinks of by hand. Deterministic for a seed. */
import { chanceOf } from "./seeded.ts";

interface Choose {
  below(n: number): number;
  of<T>(list: readonly T[]): T;
  /** One that none of the hundred before had. */
  alias(): string;
}

function chooser(seed: number): Choose {
  const below = chanceOf(seed);
  let aliases = 0;
  return {
    below,
    of: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new TypeError("nothing to choose from");
      return found;
    },
    alias: () => {
      aliases = (aliases + 1) % 100;
      return `t${aliases}`;
    },
  };
}

/** Name and type of each column; `t` text, `n` number, `o` anything else. */
type Columns = readonly (readonly [string, "t" | "n" | "o"])[];

const TABLES: readonly (readonly [string, Columns])[] = [
  [
    "customers",
    [
      ["id", "n"],
      ["name", "t"],
      ["email", "t"],
      ["phone", "t"],
      ["card", "t"],
      ["salary", "n"],
      ["born", "o"],
      ["tags", "o"],
      ["profile", "o"],
      ["city", "t"],
      ["email_lower", "t"],
    ],
  ],
  [
    "customers",
    [
      ["id", "n"],
      ["name", "t"],
      ["email", "t"],
      ["salary", "n"],
    ],
  ],
  [
    "purchases",
    [
      ["id", "n"],
      ["customer_id", "n"],
      ["amount", "n"],
      ["note", "t"],
    ],
  ],
  [
    "events",
    [
      ["id", "n"],
      ["at", "o"],
      ["customer_email", "t"],
      ["kind", "t"],
    ],
  ],
  [
    "events_2025",
    [
      ["id", "n"],
      ["customer_email", "t"],
    ],
  ],
  [
    "staff",
    [
      ["id", "n"],
      ["email", "t"],
      ["desk", "t"],
    ],
  ],
  [
    "customer_contacts",
    [
      ["id", "n"],
      ["name", "t"],
      ["address", "t"],
      ["city", "t"],
    ],
  ],
  [
    "contact_copy",
    [
      ["reach", "t"],
      ["id", "n"],
    ],
  ],
  [
    "customer_counts",
    [
      ["city", "t"],
      ["n", "n"],
      ["longest", "n"],
    ],
  ],
  [
    "customer_cards",
    [
      ["id", "n"],
      ["digits", "t"],
      ["salary", "n"],
    ],
  ],
  [
    "hr.customers",
    [
      ["id", "n"],
      ["name", "t"],
      ["iban", "t"],
    ],
  ],
];

interface Source {
  readonly sql: string;
  readonly alias: string;
  readonly columns: Columns;
}

export function makeStatements(seed: number, count: number): readonly string[] {
  const choose = chooser(seed);
  return Array.from({ length: count }, () => statement(choose));
}

function statement(choose: Choose): string {
  const kind = choose.below(12);
  if (kind === 0) return change(choose);
  if (kind === 1) return `with ${withs(choose)} ${query(choose, 2).sql}`;
  if (kind === 2) return setOperation(choose);
  return query(choose, 3).sql;
}

function source(choose: Choose, depth: number): Source {
  const name = choose.alias();
  const way = depth > 0 ? choose.below(10) : 0;
  if (way === 8) {
    const inner = query(choose, depth - 1);
    return { sql: `(${inner.sql}) ${name}`, alias: name, columns: inner.columns };
  }
  if (way === 9) {
    const inner = query(choose, depth - 1);
    const renamed = inner.columns.map(([, type], index): readonly [string, "t" | "n" | "o"] => [`x${index}`, type]);
    return { sql: `(${inner.sql}) ${name}(${renamed.map(([each]) => each).join(", ")})`, alias: name, columns: renamed };
  }
  const [table, columns] = choose.of(TABLES);
  return { sql: `${table} ${name}`, alias: name, columns };
}

function query(choose: Choose, depth: number): { sql: string; columns: Columns } {
  const sources = [source(choose, depth - 1)];
  let from = sources[0]?.sql ?? "";
  if (choose.below(3) === 0) {
    const second = source(choose, depth - 1);
    sources.push(second);
    from += choose.of([
      `, ${second.sql}`,
      ` left join ${second.sql} on true`,
      ` join ${second.sql} on ${sources[0]?.alias}.${pick(choose, sources[0])} = ${second.alias}.${pick(choose, second)}`,
      ` cross join lateral (select ${second.alias}.* from ${second.sql}) ${second.alias}`,
    ]);
  }
  const outputs = Array.from({ length: 1 + choose.below(3) }, (_, index) => {
    const [sql, type] = expression(choose, sources, depth);
    return { sql: `${sql} as c${index}`, column: [`c${index}`, type] as const };
  });
  const star = choose.below(8) === 0;
  const columns: Columns = star ? (sources.length === 1 ? (sources[0]?.columns ?? []) : []) : outputs.map(({ column }) => column);
  const list = star && columns.length > 0 ? "*" : outputs.map(({ sql }) => sql).join(", ");
  const real = list === "*" ? columns : outputs.map(({ column }) => column);
  let sql = `select ${choose.below(15) === 0 ? "distinct " : ""}${list} from ${from}`;
  if (choose.below(3) === 0) sql += ` where ${condition(choose, sources, depth)}`;
  if (choose.below(8) === 0) sql += ` order by ${choose.of(["1", `${sources[0]?.alias}.${pick(choose, sources[0])}`])}`;
  if (choose.below(3) > 0) sql += ` limit ${1 + choose.below(30)}`;
  return { sql, columns: real };
}

function pick(choose: Choose, from: Source | undefined): string {
  const columns = from?.columns ?? [];
  return columns.length === 0 ? "id" : choose.of(columns)[0];
}

function expression(choose: Choose, sources: readonly Source[], depth: number): [string, "t" | "n" | "o"] {
  const from = choose.of(sources);
  const [name, type] = from.columns.length === 0 ? (["id", "n"] as const) : choose.of(from.columns);
  const column = `${from.alias}.${name}`;
  const inner = (): string => expression(choose, sources, depth - 1)[0];
  switch (depth > 0 ? choose.below(26) : 0) {
    case 1:
      return [`${column}::text`, "t"];
    case 2:
      return [`coalesce(${column}::text, ${inner()}::text)`, "t"];
    case 3:
      return [`case when ${condition(choose, sources, depth - 1)} then ${inner()}::text else ${inner()}::text end`, "t"];
    case 4:
      return [`upper(${column}::text)`, "t"];
    case 5:
      return [`(select ${expression(choose, sources, depth - 1)[0]}::text limit 1)`, "t"];
    case 6:
      return [`to_jsonb(${from.alias})`, "o"];
    case 7:
      return [`(to_jsonb(${from.alias}) ->> '${name}')`, "t"];
    case 8:
      return [`concat(${column}, ${inner()})`, "t"];
    case 9:
      return [`(${from.alias}).${name}`, type];
    case 10:
      return [`array[${inner()}::text]`, "o"];
    case 11:
      return [`length(${column}::text)`, "n"];
    case 12:
      return [`first_value(${column}) over (order by ${inner()})`, type];
    case 13:
      return [`array(select ${inner()}::text)`, "o"];
    case 14:
      return [`substring(${column}::text from 1 for ${1 + choose.below(20)})`, "t"];
    case 15:
      return [`reverse(${inner()}::text)`, "t"];
    case 16:
      return [`row(${column}, ${inner()})`, "o"];
    case 17:
      return [from.alias, "o"];
    case 18:
      return [`greatest(${column}::text, ${inner()}::text)`, "t"];
    case 19:
      return [`nullif(${column}::text, ${inner()}::text)`, "t"];
    case 20:
      return [`regexp_replace(${inner()}::text, '^.', '')`, "t"];
    case 21: {
      const { sql, columns } = query(choose, depth - 1);
      return columns.length === 1 ? [`(select q.c0::text from (${sql}) q limit 1)`, "t"] : [column, type];
    }
    case 22:
      return [`(${column} is null)`, "o"];
    case 23:
      return [`convert_from(convert_to(${inner()}::text, 'UTF8'), 'UTF8')`, "t"];
    default:
      return [column, type];
  }
}

function condition(choose: Choose, sources: readonly Source[], depth: number): string {
  const left = expression(choose, sources, depth - 1)[0];
  switch (choose.below(7)) {
    case 0:
      return `${left}::text like '%a%'`;
    case 1:
      return `${left}::text > 'm'`;
    case 2:
      return `${left} is not null`;
    case 3:
      return `exists (${query(choose, depth - 1).sql})`;
    case 4:
      return `${left}::text in (select ${expression(choose, sources, depth - 1)[0]}::text)`;
    default: {
      const from = choose.of(sources);
      return `${from.alias}.${from.columns[0]?.[0] ?? "id"} is not null`;
    }
  }
}

function withs(choose: Choose): string {
  // A name that hides a table, sometimes.
  const name = choose.of(["w1", "customers", "purchases", "events"]);
  return `${name} as (${query(choose, 2).sql})`;
}

function setOperation(choose: Choose): string {
  const branch = (): string => {
    const from = source(choose, 1);
    return `select ${expression(choose, [from], 2)[0]}::text as u from ${from.sql}`;
  };
  return `${branch()} ${choose.of(["union all", "union all", "union", "except", "intersect all"])} ${branch()} limit 40`;
}

function change(choose: Choose): string {
  const from = source(choose, 0);
  switch (choose.below(5)) {
    case 0:
      return `update customers t0 set name = ${expression(choose, [{ alias: "t0", sql: "", columns: TABLES[0]?.[1] ?? [] }], 2)[0]}::text where id = 7 returning name`;
    case 1:
      return `insert into purchases (id, amount, note) select ${20_000 + choose.below(1_000_000_000)}, 1, ${expression(choose, [from], 2)[0]}::text from ${from.sql} limit 1 returning *`;
    case 2:
      return `with d as (update customers set city = city where id = 3 returning *) select ${expression(choose, [{ alias: "d", sql: "", columns: TABLES[0]?.[1] ?? [] }], 2)[0]} from d`;
    case 3:
      return `delete from purchases where id = 150 returning ${expression(choose, [{ alias: "purchases", sql: "", columns: TABLES[2]?.[1] ?? [] }], 1)[0]}`;
    default:
      return `update purchases set note = s.v from (select ${expression(choose, [from], 2)[0]}::text as v from ${from.sql} limit 1) s where purchases.id = 9 returning note`;
  }
}
