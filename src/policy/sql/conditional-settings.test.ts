import { loadModule, parse } from "libpg-query";
import { beforeAll, expect, test } from "vitest";
import { classify } from "./classify.ts";

beforeAll(() => loadModule());

async function factsOf(sql: string) {
  const { stmts } = (await parse(sql)) as { stmts: readonly { stmt: Readonly<Record<string, unknown>> }[] };
  return classify(stmts[0]?.stmt ?? {});
}

const CALL = "set_config(name, 'view, foreign-table', false)";

test.each([
  `SELECT ${CALL} FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`,
  `SELECT pg_catalog.${CALL} FROM pg_catalog.pg_settings WHERE 'restrict_nonsystem_relation_kind' = name`,
  "SELECT set_config(s.name, 'x', true) FROM pg_settings AS s WHERE s.name OPERATOR(pg_catalog.=) 'Restrict_Nonsystem_Relation_Kind'",
  `SELECT ${CALL} FROM pg_settings WHERE setting <> '' AND pg_settings.name = 'restrict_nonsystem_relation_kind' AND true`,
])("the condition names the setting: %s", async (sql) => {
  const facts = await factsOf(sql);
  expect(facts).toMatchObject({
    settings: ["restrict_nonsystem_relation_kind"],
    classes: ["read", "session"],
    functions: [],
    watched: true,
  });
});

test("what the condition names is held to what is said of that setting", async () => {
  expect(await factsOf(`SELECT ${CALL} FROM pg_settings WHERE name = 'client_encoding'`)).toMatchObject({ settings: ["client_encoding"] });
  const role = await factsOf(`SELECT ${CALL} FROM pg_settings WHERE name = 'ROLE'`);
  expect(role).toMatchObject({ settings: ["role"], classes: ["read", "dcl", "function"] });
});

test.each([
  `SELECT ${CALL} FROM pg_settings`,
  `SELECT ${CALL} FROM pg_settings WHERE name <> 'work_mem'`,
  `SELECT ${CALL} FROM pg_settings WHERE name LIKE 'work_mem'`,
  `SELECT ${CALL} FROM pg_settings WHERE name IN ('work_mem', 'client_encoding')`,
  `SELECT ${CALL} FROM pg_settings WHERE name = ANY ('{client_encoding}')`,
  `SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem' OR true`,
  `SELECT ${CALL} FROM pg_settings WHERE NOT (name = 'work_mem')`,
  `SELECT ${CALL} FROM pg_settings WHERE name = 'work' || '_mem'`,
  `SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem'::text`,
  `SELECT ${CALL} FROM pg_settings WHERE name OPERATOR(evil.=) 'work_mem'`,
  `SELECT ${CALL} FROM pg_settings WHERE setting = 'work_mem'`,
  `SELECT set_config(setting, 'x', false) FROM pg_settings WHERE name = 'work_mem'`,
  `SELECT set_config(name || '', 'x', false) FROM pg_settings WHERE name = 'work_mem'`,
  `SELECT length(${CALL}) FROM pg_settings WHERE name = 'work_mem'`,
  `SELECT ${CALL} FROM evil.pg_settings WHERE name = 'work_mem'`,
  `SELECT ${CALL} FROM settings WHERE name = 'work_mem'`,
  `SELECT ${CALL} FROM pg_settings s (setting, name) WHERE name = 'work_mem'`,
  `SELECT set_config(b.name, 'x', false) FROM pg_settings a, pg_settings b WHERE a.name = 'work_mem'`,
  `SELECT set_config(name, 'x', false) FROM pg_settings LEFT JOIN t ON true WHERE name = 'work_mem'`,
  `SELECT set_config((SELECT 'client_encoding'), 'x', false) FROM pg_settings WHERE name = 'work_mem'`,
  `WITH pg_settings(name) AS (SELECT 'client_encoding') SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem'`,
  `SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem' UNION SELECT 'x'`,
  `SELECT (SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem')`,
  `SELECT 1 FROM pg_settings WHERE name = 'work_mem' AND ${CALL} = 'x'`,
  `SELECT 1 FROM pg_settings WHERE name = 'work_mem' ORDER BY ${CALL}`,
  `WITH x AS (SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem') SELECT * FROM x`,
  `INSERT INTO t SELECT ${CALL} FROM pg_settings WHERE name = 'work_mem'`,
])("it may be any setting: %s", async (sql) => {
  const facts = await factsOf(sql);
  expect(facts.settings).toContain("*");
  expect(facts.classes).toContain("dcl");
});
