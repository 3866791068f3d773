/**
 * The last head of a gate's log that was verified from this machine, and the key that signed it. A gate that shows a
 * shorter or another history later is found out by the next `audit verify`, without anybody having kept a file.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Gate } from "./client.ts";
import { writePrivate } from "./profile.ts";

export interface Remembered {
  readonly checkpoint?: string;
  readonly key?: string;
}

export function recallCheckpoint(gate: Gate): Remembered {
  const folder = gate.profiles.folderOf(gate.profileName);
  const read = (name: string): string | undefined => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const [checkpoint, key] = [read("checkpoint"), read("log-key")?.trim()];
  return { ...(checkpoint !== undefined && { checkpoint }), ...(key !== undefined && { key }) };
}

export function rememberCheckpoint(gate: Gate, { checkpoint, key }: Remembered): void {
  const folder = gate.profiles.folderOf(gate.profileName);
  if (checkpoint !== undefined) writePrivate(folder, "checkpoint", checkpoint);
  if (key !== undefined) writePrivate(folder, "log-key", `${key}\n`);
}

export function forgetCheckpoint(gate: Gate): void {
  for (const name of ["checkpoint", "log-key"]) rmSync(join(gate.profiles.folderOf(gate.profileName), name), { force: true });
}
