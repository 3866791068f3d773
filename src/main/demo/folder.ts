/** The folder everything of the demo is in: found by a short name where that is free, removed at the end unless it was named. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DemoFolder extends AsyncDisposable {
  readonly path: string;
  /** Removed when the demo ends. */
  readonly temporary: boolean;
}

export async function openFolder(dataDir: string | undefined): Promise<DemoFolder> {
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
    return { path: dataDir, temporary: false, [Symbol.asyncDispose]: () => Promise.resolve() };
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
