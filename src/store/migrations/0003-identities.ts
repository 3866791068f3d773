import type { Kysely } from "kysely";
import type { Tables } from "../tables.ts";

/** Schema 3: who somebody is at identity providers, each identity one user's. Frozen: fixtures/schema-3.sql is what it makes. */
export async function identities(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("user_identities")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("user", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("user_identities_one", ["provider", "subject"])
    .execute();
  await db.schema.createIndex("user_identities_user").on("user_identities").column("user").execute();
}
