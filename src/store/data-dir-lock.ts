import { chmodSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GateError } from "../kernel/errors.ts";
import { isBusy } from "./sqlite/failure.ts";

/**
 * One gate per data directory. SQLite's exclusive lock on a database of its own: the kernel drops it with the process,
 * however it dies. Nothing else may open `lock.db`: closing any descriptor of it would drop the lock.
 */
export function lockDataDir(dataDir: string): Disposable {
  const path = join(dataDir, "lock.db");
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("pragma locking_mode = exclusive; begin exclusive");
    chmodSync(path, 0o600);
  } catch (cause) {
    db.close();
    if (!isBusy(cause)) throw cause;
    throw new GateError("data-dir-locked", `"${dataDir}"`, { cause });
  }
  return { [Symbol.dispose]: () => db.close() };
}
