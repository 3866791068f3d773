import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GateError } from "../kernel/errors.ts";

export const MANIFEST = "manifest.json";
/** No path leads out of the folder. */
export const RECORDING_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const HASH = /^[0-9a-f]{64}$/;

function isBackedUp(path: string): boolean {
  const [folder, name = ""] = path.split(/\/(.*)/s);
  return path === "sallyport.db" || (folder === "recordings" && RECORDING_NAME.test(name));
}

const schema = z.strictObject({
  format: z.literal(1),
  node: z.string(),
  origin: z.string(),
  /** Milliseconds since the Unix epoch. */
  createdAt: z.number(),
  /** The log in the backup: its number of entries and, in base64, its root. */
  size: z.int().nonnegative(),
  root: z.string(),
  /** Time of its last entry. */
  lastTime: z.number(),
  /** Untrusted: the database, or a file directly in `recordings`; nothing else, so that no path leads out. */
  files: z.array(
    z.strictObject({
      path: z.string().refine(isBackedUp, "neither the database nor a recording"),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(HASH),
    }),
  ),
});

/** What a backup holds, and the hash of every file in it. */
export type BackupManifest = z.infer<typeof schema>;

/** Untrusted. Throws `bad-backup`. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch((cause: unknown) => {
    throw new GateError("bad-backup", `"${folder}" has no ${MANIFEST}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GateError("bad-backup", `${MANIFEST} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new GateError("bad-backup", `${MANIFEST}: ${z.prettifyError(parsed.error)}`);
  if (!parsed.data.files.some(({ path }) => path === "sallyport.db")) throw new GateError("bad-backup", "it holds no database");
  return parsed.data;
}
