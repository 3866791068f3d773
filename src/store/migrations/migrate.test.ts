import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { kyselyOver, sqliteParts } from "../sqlite/kysely.ts";
import { migrate, SCHEMA_VERSION } from "./migrate.ts";

/** What each schema of a release looks like. A later one needs a fixture of its own; those before are upgraded to it here. */
const FIXTURES = [1, 2, 3].map((schema) => readFileSync(new URL(`../fixtures/schema-${schema}.sql`, import.meta.url), "utf8"));
const NEWEST = FIXTURES.at(-1) ?? "";

/** Every object by its SQL; the shadow tables of the word index come with it. */
function schemaOf(db: DatabaseSync): string {
  const rows = db.prepare("select sql from sqlite_master where sql is not null and name not like 'log_words_%' order by rowid").all();
  const version = db.prepare("select max(version) as version from schema_version").get();
  const lines = [...rows.map(({ sql }) => sql), `INSERT INTO "schema_version" VALUES (${Number(version?.["version"])}, 0)`];
  return lines.map((line) => `${String(line)};\n`).join("");
}

test("the schema is frozen: a new database is made exactly so", async () => {
  const db = new DatabaseSync(":memory:");
  await migrate(kyselyOver(db), sqliteParts, 0);
  expect(FIXTURES).toHaveLength(SCHEMA_VERSION);
  expect(schemaOf(db)).toBe(NEWEST);
});

test.each(FIXTURES.keys().toArray())("a database with the schema at %i of them is brought up to date", async (index) => {
  const db = new DatabaseSync(":memory:");
  db.exec(FIXTURES[index] ?? "");
  await migrate(kyselyOver(db), sqliteParts, 1);
  expect(schemaOf(db)).toBe(NEWEST);
});

test("a later schema is refused and left alone", async () => {
  const db = new DatabaseSync(":memory:");
  db.exec(NEWEST);
  db.exec(`insert into schema_version values (${SCHEMA_VERSION + 1}, 0)`);
  const before = schemaOf(db);
  await expect(migrate(kyselyOver(db), sqliteParts, 1)).rejects.toMatchObject({ code: "store-newer" });
  expect(schemaOf(db)).toBe(before);
});
