/** The folder everything of the demo is in: found by a short name where that is free, removed at the end unless it was named. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GateError } from "../../kernel/errors.ts";
import { lockDataDir } from "../../store/data-dir-lock.ts";

/** Tells a folder of a demo from any other. */
const MARK = ".sallyport-demo";

export interface DemoFolder extends AsyncDisposable {
  readonly path: string;
  /** Removed when the demo ends. */
  readonly temporary: boolean;
}

export async function openFolder(dataDir: string | undefined): Promise<DemoFolder> {
  if (dataDir !== undefined) {
    // A mistyped folder must not be filled and closed to others: an empty one, or one that a demo made.
    const names = await readdir(dataDir).catch((): string[] => []);
    if (names.length > 0 && !names.includes(MARK)) {
      throw new GateError("already-exists", `"${dataDir}" is not empty, and no demo was kept there`);
    }
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
    await writeFile(join(dataDir, MARK), "This folder is kept by sallyport demo --data-dir.\n");
    // Before anything is written: a demo that runs here needs its configuration as it is.
    const lock = lockDataDir(dataDir);
    return { path: dataDir, temporary: false, [Symbol.asyncDispose]: async () => lock[Symbol.dispose]() };
  }
  const path = await makeTemporary();
  return { path, temporary: true, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

async function makeTemporary(): Promise<string> {
  const short = join(tmpdir(), "sallyport-demo");
  try {
    // Made here or not used at all: somebody else may have put a folder of theirs, or a link, in its place.
    await mkdir(short, { mode: 0o700 });
    return short;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return await mkdtemp(`${short}-`);
  }
}
