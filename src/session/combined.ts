import { Relations } from "../policy/sql/relations.ts";
import { SQL_CLASSES, type SqlClass, type StatementFacts } from "../policy/sql/statement.ts";

/** A statement together with what it runs: every effect of either. */
export function combined(statement: StatementFacts, effects: Effects): StatementFacts {
  const { classes, relations, functions, settings, columns, secret } = effects;
  const all = new Set([...statement.classes, ...classes]);
  const together = new Relations();
  for (const each of [...statement.relations, ...relations]) together.add(each);
  const beyond = [...new Set([...(statement.beyond ?? []), ...(effects.beyond ?? [])])];
  return {
    ...statement,
    classes: SQL_CLASSES.filter((each) => all.has(each)),
    relations: together.all(),
    ...(beyond.length > 0 && { beyond }),
    functions: [...new Set([...statement.functions, ...functions])].sort(),
    settings: [...new Set([...statement.settings, ...settings])].sort(),
    columns: [...new Set([...statement.columns, ...columns])],
    secret: statement.secret || secret,
  };
}

type Effects = Pick<StatementFacts, "classes" | "relations" | "beyond" | "functions" | "settings" | "columns" | "secret">;

/** What runs cannot be told. */
export const OPAQUE: Effects = { classes: ["opaque"], relations: [], functions: [], settings: [], columns: [], secret: false };

/** What is known to run is not opaque. */
export function withoutOpaque(statement: StatementFacts): StatementFacts {
  return { ...statement, classes: statement.classes.filter((each) => each !== "opaque") };
}

/** EXPLAIN plans it: rows and definitions stay as they are, but functions may be tried on constants. */
export function onlyPlanned(statement: StatementFacts): StatementFacts {
  const classes = new Set<SqlClass>(statement.classes.filter((each) => each !== "write" && each !== "ddl"));
  return {
    ...statement,
    classes: SQL_CLASSES.filter((each) => classes.has(each) || each === "read"),
    relations: statement.relations.map(({ name, schema }) => ({ name, ...(schema !== undefined && { schema }), access: "read" })),
    ...(statement.beyond && { beyond: ["read"] }),
  };
}
