import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { SecretStore } from "../identity/port.ts";
import { GateError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { deriveKey, masterKeyId } from "./master-key.ts";
import { seal, unseal } from "./sealed-box.ts";
import type { Tables } from "./tables.ts";
import { write, type Writer } from "./write.ts";

/** Secrets leave this thread sealed under the master key, bound to its id and to their name. */
export class SqlSecretStore implements SecretStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;
  readonly #key: Secret<Buffer>;
  readonly #keyId: string;
  readonly #random: Random;

  constructor(db: Kysely<Tables>, writer: Writer, masterKey: Secret<Buffer>, random: Random) {
    this.#db = db;
    this.#writer = writer;
    this.#key = deriveKey(masterKey, "secrets");
    this.#keyId = masterKeyId(masterKey);
    this.#random = random;
  }

  /** Throws `bad-master-key` when it is there but sealed with another key, or altered. */
  async find(name: string): Promise<Secret<Buffer> | undefined> {
    const row = await this.#db.selectFrom("secrets").select(["key_id", "sealed"]).where("name", "=", name).executeTakeFirst();
    if (row === undefined) return undefined;
    const value = row.key_id === this.#keyId ? unseal(this.#key, this.#context(name), row.sealed) : undefined;
    if (value === undefined) throw new GateError("bad-master-key", `the secret "${name}" was not sealed with it`);
    return new Secret(value);
  }

  async put(name: string, value: Secret<Buffer>, events: readonly AuditEvent[]): Promise<void> {
    const row = { name, key_id: this.#keyId, sealed: seal(this.#key, this.#context(name), value.reveal(), this.#random) };
    const insert = this.#db.insertInto("secrets").values(row);
    const put = insert.onConflict((on) => on.column("name").doUpdateSet(row));
    await this.#writer.submit({ writes: [write(put)], events });
  }

  /** Throws `not-found`. No copy stays in the write-ahead log. */
  async remove(name: string, events: readonly AuditEvent[]): Promise<void> {
    const remove = this.#db.deleteFrom("secrets").where("name", "=", name);
    const writes = [write(remove, { rows: 1, otherwise: "not-found", detail: `secret "${name}"` })];
    await this.#writer.submit({ writes, events, scrub: true });
  }

  #context(name: string): string {
    return JSON.stringify(["secret", this.#keyId, name]);
  }
}
