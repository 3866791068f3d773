import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { Json } from "../kernel/json.ts";
import type { Tables } from "./tables.ts";
import { write, type Writer } from "./write.ts";

/** What the gate must remember of itself, by name. `put` creates or replaces, together with its events. */
export interface SettingStore {
  get(name: string): Promise<Json | undefined>;
  put(name: string, value: Json, events: readonly AuditEvent[]): Promise<void>;
}

export class SqlSettingStore implements SettingStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async get(name: string): Promise<Json | undefined> {
    const row = await this.#db.selectFrom("settings").select("doc").where("name", "=", name).executeTakeFirst();
    return row && (JSON.parse(row.doc) as Json);
  }

  async put(name: string, value: Json, events: readonly AuditEvent[]): Promise<void> {
    const row = { name, doc: JSON.stringify(value) };
    const insert = this.#db.insertInto("settings").values(row);
    const put = insert.onConflict((on) => on.column("name").doUpdateSet(row));
    await this.#writer.submit({ writes: [write(put)], events });
  }
}
