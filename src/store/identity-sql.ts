import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { Priority } from "../audit/port.ts";
import type { Token, User, UserKey } from "../identity/model.ts";
import type { IdentityStore } from "../identity/port.ts";
import type { KeyId, PrincipalName, TokenId } from "../kernel/ids.ts";
import type { Tables } from "./tables.ts";
import { write, type Write, type Writer } from "./write.ts";

/**
 * Users, their SSH keys and their tokens (hashed before they come here). What takes something away — disabling, removing,
 * revoking — is written with priority: it must work when the disk is nearly full.
 */
export class SqlIdentityStore implements IdentityStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async findUser(name: PrincipalName): Promise<User | undefined> {
    const row = await this.#db.selectFrom("users").select("doc").where("name", "=", name).executeTakeFirst();
    return row && (JSON.parse(row.doc) as User);
  }

  async findUserByIdentity(provider: string, subject: string): Promise<User | undefined> {
    const found = this.#db
      .selectFrom("user_identities")
      .innerJoin("users", "users.name", "user_identities.user")
      .select("users.doc")
      .where("provider", "=", provider)
      .where("subject", "=", subject);
    const row = await found.executeTakeFirst();
    return row && (JSON.parse(row.doc) as User);
  }

  async listUsers(): Promise<readonly User[]> {
    const rows = await this.#db.selectFrom("users").select("doc").orderBy("name").execute();
    return rows.map(({ doc }) => JSON.parse(doc) as User);
  }

  async saveUser(user: User, events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<void> {
    const urgent = user.disabled !== undefined || priority === "reserved";
    await this.#writer.submit({
      writes: [saveUser(this.#db, user), ...saveIdentities(this.#db, user)],
      events,
      priority: urgent ? "reserved" : "ordinary",
    });
  }

  async findKey(fingerprint: string): Promise<UserKey | undefined> {
    const row = await this.#db.selectFrom("user_keys").select("doc").where("fingerprint", "=", fingerprint).executeTakeFirst();
    return row && (JSON.parse(row.doc) as UserKey);
  }

  async listKeys(user: PrincipalName): Promise<readonly UserKey[]> {
    const rows = this.#db.selectFrom("user_keys").select("doc").where("user", "=", user).orderBy("added_at").orderBy("id");
    return (await rows.execute()).map(({ doc }) => JSON.parse(doc) as UserKey);
  }

  /** Throws `already-exists` when the key, anybody's, is there. */
  async addKey(key: UserKey, events: readonly AuditEvent[]): Promise<void> {
    const { id, user, fingerprint, addedAt } = key;
    const insert = this.#db.insertInto("user_keys").values({ id, user, fingerprint, added_at: addedAt, doc: JSON.stringify(key) });
    const expect = { rows: 1, otherwise: "already-exists", detail: `key "${fingerprint}"` } as const;
    const add = insert.onConflict((on) => on.doNothing());
    await this.#writer.submit({ writes: [write(add, expect)], events });
  }

  /** Throws `not-found`. */
  async removeKey(id: KeyId, events: readonly AuditEvent[]): Promise<void> {
    const remove = this.#db.deleteFrom("user_keys").where("id", "=", id);
    const writes = [write(remove, { rows: 1, otherwise: "not-found", detail: `key ${id}` })];
    await this.#writer.submit({ writes, events, priority: "reserved" });
  }

  async findToken(id: TokenId): Promise<Token | undefined> {
    const row = await this.#db.selectFrom("tokens").select("doc").where("id", "=", id).executeTakeFirst();
    return row && (JSON.parse(row.doc) as Token);
  }

  async listTokens(user: PrincipalName, since = 0): Promise<readonly Token[]> {
    const own = this.#db.selectFrom("tokens").select("doc").where("user", "=", user).where("created_at", ">=", since);
    const rows = own.orderBy("created_at", "desc").orderBy("id");
    return (await rows.execute()).map(({ doc }) => JSON.parse(doc) as Token);
  }

  /** Creates or replaces. Throws `conflict` where it would bring a revoked token back. */
  async saveToken(token: Token, events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<void> {
    const urgent = token.revokedAt !== undefined || priority === "reserved";
    await this.#writer.submit({ writes: [saveToken(this.#db, token)], events, priority: urgent ? "reserved" : "ordinary" });
  }
}

/** A new user has version 0 or 1; another user of the name: `already-exists`. Later versions follow one by one, else `conflict`. */
export function saveUser(db: Kysely<Tables>, user: User): Write {
  const { name, version } = user;
  const row = { name, version, doc: JSON.stringify(user) };
  const detail = `user "${name}"`;
  if (version > 1) {
    const update = db
      .updateTable("users")
      .set(row)
      .where("name", "=", name)
      .where("version", "=", version - 1);
    return write(update, { rows: 1, otherwise: "conflict", detail });
  }
  const insert = db.insertInto("users").values(row);
  const save = insert.onConflict((on) =>
    on
      .column("name")
      .doUpdateSet(row)
      .where("users.version", "=", version - 1),
  );
  return write(save, { rows: 1, otherwise: "already-exists", detail });
}

/** All of a user's, in the place of those before. Throws `already-exists` for one that is another user's. */
function saveIdentities(db: Kysely<Tables>, { name, identities = [] }: User): Write[] {
  const detail = "this identity is somebody else's";
  const added = identities.map(({ provider, subject }) => {
    const insert = db.insertInto("user_identities").values({ provider, subject, user: name });
    return write(
      insert.onConflict((on) => on.doNothing()),
      { rows: 1, otherwise: "already-exists", detail },
    );
  });
  return [write(db.deleteFrom("user_identities").where("user", "=", name)), ...added];
}

export function saveToken(db: Kysely<Tables>, token: Token): Write {
  const { id, user, createdAt, revokedAt } = token;
  const row = { id, user, created_at: createdAt, revoked_at: revokedAt ?? null, doc: JSON.stringify(token) };
  const insert = db.insertInto("tokens").values(row);
  const save =
    revokedAt === undefined
      ? insert.onConflict((on) => on.column("id").doUpdateSet(row).where("tokens.revoked_at", "is", null))
      : insert.onConflict((on) => on.column("id").doUpdateSet(row));
  return write(save, { rows: 1, otherwise: "conflict", detail: `token ${id} is revoked` });
}
