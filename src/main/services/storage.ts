import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HealthService } from "../../api/services/gate.ts";
import type { Clock } from "../../kernel/clock.ts";
import { dataPaths } from "../../store/data-dir.ts";
import { freeBytes } from "../free-bytes.ts";

type Storage = Awaited<ReturnType<HealthService["storage"]>>;

/** A folder of a hundred thousand recordings takes a second to add up: asked for often, it is added up once. */
const KEPT_MS = 30_000;

/** What a gate's data takes of the disk. */
export function storageOf(dataDir: string, reserve: () => number, clock: Pick<Clock, "elapsed">): () => Promise<Storage> {
  const { database, journal, recordings, published } = dataPaths(dataDir);
  let kept: { readonly at: number; readonly storage: Promise<Omit<Storage, "free" | "reserve">> } | undefined;
  const measure = async (): Promise<Omit<Storage, "free" | "reserve">> => {
    const files = ["", "-wal", "-shm"].map((suffix) => sizeOf(`${database}${suffix}`));
    const [inJournal, recorded, log, backups] = await Promise.all(
      [journal, recordings, published, join(dataDir, "backups")].map((path) => sizeOf(path)),
    );
    const ofDatabase = (await Promise.all(files)).reduce((sum, bytes) => sum + bytes, 0);
    return { database: ofDatabase, journal: inJournal ?? 0, recordings: recorded ?? 0, published: log ?? 0, backups: backups ?? 0 };
  };
  return async () => {
    const now = clock.elapsed();
    if (kept === undefined || now - kept.at > KEPT_MS) kept = { at: now, storage: measure() };
    return { ...(await kept.storage), free: freeBytes(dataDir), reserve: reserve() };
  };
}

/** Of a file, or of all files below a folder, one folder after the other; 0 of what is not there. */
async function sizeOf(path: string): Promise<number> {
  const known = await stat(path).catch(() => undefined);
  if (known === undefined) return 0;
  if (!known.isDirectory()) return known.size;
  let bytes = 0;
  for (const { name } of await readdir(path, { withFileTypes: true }).catch(() => [])) bytes += await sizeOf(join(path, name));
  return bytes;
}
