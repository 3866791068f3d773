/**
 * Certificate files that a killed process left: a process that writes some notes down first where they are, and the next
 * one that connects from this profile's folder removes those of processes that are gone.
 *
 * Invariants: a file is removed only beside the very key that the note is of, so that nothing of somebody else's goes;
 * files of a process that lives stay; a note that cannot be read takes nothing with it.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "../profile.ts";
import { FILES } from "./certificate-info.ts";

const note = z.strictObject({
  pid: z.number().int().positive(),
  /** When that process began, where the system says it: another may have its number by now. */
  began: z.string().exactOptional(),
  folder: z.string(),
  /** The folder was made for the files. */
  ownFolder: z.boolean(),
  /** SHA-256 (hex) of the private key's file. */
  key: z.string(),
});

type Note = z.output<typeof note>;

/** Removes the note when disposed of. `home`: the folder of the profiles. */
export function noteFiles(home: string, files: Pick<Note, "folder" | "ownFolder"> & { readonly keyFile: string | Buffer }): Disposable {
  const [folder, name] = [notesIn(home), `${process.pid}.json`];
  const { keyFile, ...where } = files;
  const began = beganAt(process.pid);
  const content: Note = { pid: process.pid, ...(began !== undefined && { began }), ...where, key: digestOf(keyFile) };
  writePrivate(folder, name, `${JSON.stringify(content)}\n`);
  return { [Symbol.dispose]: () => rmSync(join(folder, name), { force: true }) };
}

/** The folders from which something was removed. */
export function removeLeftBehind(home: string): readonly string[] {
  const notes = notesIn(home);
  if (!existsSync(notes)) return [];
  return readdirSync(notes).flatMap((name) => {
    const path = join(notes, name);
    const read = note.safeParse(readJson(path));
    if (!read.success || isAlive(read.data)) return [];
    const isTheirs = removeFiles(read.data);
    rmSync(path, { force: true });
    return isTheirs ? [read.data.folder] : [];
  });
}

function removeFiles({ folder, ownFolder, key }: Note): boolean {
  const keyFile = readFileOf(join(folder, FILES.key));
  // Fails closed: another key is another's, and so may be what lies beside it.
  if (keyFile === undefined || digestOf(keyFile) !== key) return false;
  // The key last: what is cut short here is found again by the next.
  const others = Object.values(FILES).filter((name) => name !== FILES.key);
  for (const name of [...others, FILES.key]) rmSync(join(folder, name), { force: true });
  if (ownFolder) removeEmpty(folder);
  return true;
}

export function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody keeps something else there by now.
  }
}

function notesIn(home: string): string {
  return join(home, "certificates");
}

function isAlive({ pid, began }: Note): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return began === undefined || beganAt(pid) === began;
}

/** Field 22 of /proc/<pid>/stat, behind a name that may hold anything; `undefined` where the system has no such thing. */
function beganAt(pid: number): string | undefined {
  const stat = readFileOf(`/proc/${pid}/stat`)?.toString("latin1");
  return stat
    ?.slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .at(19);
}

function digestOf(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function readFileOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
