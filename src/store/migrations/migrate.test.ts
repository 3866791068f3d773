import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { kyselyOver, sqliteParts } from "../sqlite/connection.ts";
import { migrate, SCHEMA_VERSION } from "./migrate.ts";

const FIXTURE = readFileSync(new URL("../fixtures/schema-1.sql", import.meta.url), "utf8");

/** Every object by its SQL; the shadow tables of the word index come with it. */
function schemaOf(db: DatabaseSync): string {
  const rows = db.prepare("select sql from sqlite_master where sql is not null and name not like 'log_words_%' order by rowid").all();
  const version = db.prepare("select max(version) as version from schema_version").get();
  const lines = [...rows.map(({ sql }) => sql), `INSERT INTO "schema_version" VALUES (${Number(version?.["version"])}, 0)`];
  return lines.map((line) => `${String(line)};\n`).join("");
}

test("schema 1 is frozen: a new database is made exactly so", async () => {
  const db = new DatabaseSync(":memory:");
  await migrate(kyselyOver(db), sqliteParts, 0);
  // A later schema needs a fixture of its own, and this one upgraded in a test.
  expect(SCHEMA_VERSION).toBe(1);
  expect(schemaOf(db)).toBe(FIXTURE);
});

test("a database made from the fixture is taken as it is", async () => {
  const db = new DatabaseSync(":memory:");
  db.exec(FIXTURE);
  await migrate(kyselyOver(db), sqliteParts, 1);
  expect(schemaOf(db)).toBe(FIXTURE);
});

test("a later schema is refused and left alone", async () => {
  const db = new DatabaseSync(":memory:");
  db.exec(FIXTURE);
  db.exec("insert into schema_version values (2, 0)");
  const before = schemaOf(db);
  await expect(migrate(kyselyOver(db), sqliteParts, 1)).rejects.toMatchObject({ code: "store-newer" });
  expect(schemaOf(db)).toBe(before);
});
