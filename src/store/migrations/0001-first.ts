import type { Kysely } from "kysely";
import type { DialectParts } from "../dialect.ts";
import type { Tables } from "../tables.ts";

/** Schema 1. Frozen: fixtures/schema-1.sql is what it makes, and later versions of the product must be able to start from it. */
export async function first(db: Kysely<Tables>, { bytes, place, words }: DialectParts): Promise<void> {
  await db.schema
    .createTable("log")
    .addColumn("seq", place, (column) => column.primaryKey().notNull())
    .addColumn("time", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("principal", "text")
    .addColumn("grant_id", "text")
    .addColumn("session", "text")
    .addColumn("target", "text")
    .addColumn("request", "text")
    .addColumn("decision", "text")
    .addColumn("envelope", bytes, (column) => column.notNull())
    .addColumn("salt", bytes)
    .addColumn("body", bytes)
    .execute();
  await db.schema.createIndex("log_time").on("log").columns(["time", "seq"]).execute();
  await db.schema.createIndex("log_kind").on("log").columns(["kind", "seq"]).execute();
  for (const column of ["principal", "grant_id", "session", "target", "request", "decision"] as const) {
    await db.schema.createIndex(`log_${column}`).on("log").columns([column, "seq"]).where(column, "is not", null).execute();
  }
  await db.schema
    .createTable("log_tile")
    .addColumn("number", place, (column) => column.primaryKey().notNull())
    .addColumn("root", bytes, (column) => column.notNull())
    .execute();
  await words.create(db);
  await accessTables(db);
  await identityTables(db, bytes);
}

async function accessTables(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("requests")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("requester", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("requests_state").on("requests").columns(["state", "created_at"]).execute();
  await db.schema.createIndex("requests_requester").on("requests").columns(["requester", "created_at"]).execute();
  await db.schema
    .createTable("grants")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("principal", "text", (column) => column.notNull())
    .addColumn("start_at", "bigint", (column) => column.notNull())
    .addColumn("unreviewed", "integer", (column) => column.notNull())
    .addColumn("used_bytes", "bigint", (column) => column.notNull())
    .addColumn("used_ms", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("grants_state").on("grants").columns(["state", "start_at"]).execute();
  await db.schema.createIndex("grants_principal").on("grants").columns(["principal", "state", "start_at"]).execute();
  await db.schema.createIndex("grants_unreviewed").on("grants").column("unreviewed").where("unreviewed", "=", 1).execute();
  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("live", "integer", (column) => column.notNull())
    .addColumn("principal", "text", (column) => column.notNull())
    .addColumn("target", "text", (column) => column.notNull())
    .addColumn("grant_id", "text", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sessions_live").on("sessions").column("live").where("live", "=", 1).execute();
  for (const column of ["principal", "target", "grant_id"] as const) {
    await db.schema.createIndex(`sessions_${column}`).on("sessions").columns([column, "started_at"]).execute();
  }
  await db.schema.createIndex("sessions_started").on("sessions").column("started_at").execute();
}

async function identityTables(db: Kysely<Tables>, bytes: DialectParts["bytes"]): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("user_keys")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("user", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull().unique())
    .addColumn("added_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("user_keys_user").on("user_keys").columns(["user", "added_at"]).execute();
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("user", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("tokens_user").on("tokens").columns(["user", "created_at"]).execute();
  await db.schema
    .createTable("locks")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("secrets")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("sealed", bytes, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("settings")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
}
