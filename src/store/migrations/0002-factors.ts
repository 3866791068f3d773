import type { Kysely } from "kysely";
import type { Tables } from "../tables.ts";

/** Second factors of people: src/identity/factors/. */
export async function factors(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("user_factors")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("user", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("credential", "text", (column) => column.unique())
    .addColumn("added_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("user_factors_user").on("user_factors").columns(["user", "added_at"]).execute();
}
