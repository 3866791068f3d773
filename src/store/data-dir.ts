import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { GateError } from "../kernel/errors.ts";
import type { Tables } from "./tables.ts";

/** What lies where in a data directory. The store owns database and journal; `recordings` and `log` are audit's. */
export function dataPaths(dataDir: string): { database: string; journal: string; recordings: string; published: string } {
  return {
    database: join(dataDir, "sallyport.db"),
    journal: join(dataDir, "journal"),
    recordings: join(dataDir, "recordings"),
    published: join(dataDir, "log"),
  };
}

/** Throws `store-unavailable` when others could read it. */
export async function requireDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const { mode } = await stat(dataDir);
  if ((mode & 0o077) !== 0) throw new GateError("store-unavailable", `"${dataDir}" is open to others: chmod 700 it`);
}

/** Fixed at the first start: another origin, node or master key would make this another log. */
export interface DataDirIdentity {
  readonly node: string;
  readonly origin: string;
  readonly masterKeyId: string;
}

const IDENTITY = "store.identity";

/** Throws `bad-config` or `bad-master-key` when the directory belongs to another. */
export async function requireSameIdentity(db: Kysely<Tables>, now: DataDirIdentity): Promise<void> {
  const then = await findIdentity(db);
  if (then === undefined) {
    await db
      .insertInto("settings")
      .values({ name: IDENTITY, doc: JSON.stringify(now) })
      .execute();
    return;
  }
  if (then.origin !== now.origin || then.node !== now.node) {
    throw new GateError("bad-config", `the log in the data directory is "${then.origin}", the configuration says "${now.origin}"`);
  }
  if (then.masterKeyId !== now.masterKeyId) throw new GateError("bad-master-key", "it is not the one this data directory was made with");
}

export async function findIdentity(db: Kysely<Tables>): Promise<DataDirIdentity | undefined> {
  const row = await db.selectFrom("settings").select("doc").where("name", "=", IDENTITY).executeTakeFirst();
  return row && (JSON.parse(row.doc) as DataDirIdentity);
}
