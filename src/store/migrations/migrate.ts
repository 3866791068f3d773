import type { Kysely } from "kysely";
import { GateError } from "../../kernel/errors.ts";
import type { DialectParts } from "../dialect.ts";
import type { Tables } from "../tables.ts";
import { first } from "./0001-first.ts";
import { factors } from "./0002-factors.ts";
import { identities } from "./0003-identities.ts";

/** In order; a released one never changes. */
export const MIGRATIONS = [
  { version: 1, up: first },
  { version: 2, up: factors },
  { version: 3, up: identities },
] as const;
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the schema up to date, each step in a transaction with its version.
 * Throws `store-newer` when the data was written by a later version of the product, and touches nothing then.
 */
export async function migrate(db: Kysely<Tables>, parts: DialectParts, now: number): Promise<void> {
  await db.schema
    .createTable("schema_version")
    .ifNotExists()
    .addColumn("version", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .execute();
  const found = await schemaVersion(db);
  if (found > SCHEMA_VERSION) {
    throw new GateError("store-newer", `its schema is ${found}, the newest this version knows is ${SCHEMA_VERSION}`);
  }
  for (const { version, up } of MIGRATIONS) {
    if (version <= found) continue;
    await db.transaction().execute(async (step) => {
      await up(step, parts);
      await step.insertInto("schema_version").values({ version, applied_at: now }).execute();
    });
  }
}

async function schemaVersion(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom("schema_version")
    .select((the) => the.fn.max("version").as("version"))
    .executeTakeFirst();
  return row?.version ?? 0;
}
