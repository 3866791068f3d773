import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { Factor, Passkey } from "../identity/factors/model.ts";
import type { FactorStore } from "../identity/factors/port.ts";
import type { FactorId, PrincipalName } from "../kernel/ids.ts";
import type { Tables } from "./tables.ts";
import { write, type Writer } from "./write.ts";

/** Second factors, a row each. What takes one away is written with priority. */
export class SqlFactorStore implements FactorStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async listFactors(user: PrincipalName): Promise<readonly Factor[]> {
    const rows = this.#db.selectFrom("user_factors").select("doc").where("user", "=", user).orderBy("added_at").orderBy("id");
    return (await rows.execute()).map(({ doc }) => JSON.parse(doc) as Factor);
  }

  async findPasskey(credential: string): Promise<Passkey | undefined> {
    const row = await this.#db.selectFrom("user_factors").select("doc").where("credential", "=", credential).executeTakeFirst();
    return row && (JSON.parse(row.doc) as Passkey);
  }

  async saveFactor(factor: Factor, events: readonly AuditEvent[]): Promise<void> {
    const { id, user, version, addedAt } = factor;
    const credential = factor.kind === "passkey" ? factor.credential : null;
    const row = { id, user, version, credential, added_at: addedAt, doc: JSON.stringify(factor) };
    const detail = `factor ${id}`;
    const save =
      version === 1
        ? write(
            this.#db
              .insertInto("user_factors")
              .values(row)
              .onConflict((on) => on.doNothing()),
            { rows: 1, otherwise: "already-exists", detail },
          )
        : write(
            this.#db
              .updateTable("user_factors")
              .set(row)
              .where("id", "=", id)
              .where("version", "=", version - 1),
            { rows: 1, otherwise: "conflict", detail },
          );
    await this.#writer.submit({ writes: [save], events });
  }

  async removeFactors(ids: readonly FactorId[], events: readonly AuditEvent[]): Promise<void> {
    const remove = this.#db.deleteFrom("user_factors").where("id", "in", ids);
    const writes = [write(remove, { rows: ids.length, otherwise: "conflict", detail: `factors ${ids.join(", ")}` })];
    await this.#writer.submit({ writes, events, priority: "reserved" });
  }
}
