/** Where a gate on this machine keeps its things, for the verbs that run on the gate's own machine. */
import { join, dirname, resolve } from "node:path";
import type { Surroundings } from "./cli.ts";

/** Paths as typed are relative to the folder the person is in; the data directory defaults to one beside the configuration. */
export function openLocalFolders(
  at: Surroundings,
  options: { readonly config: string; readonly dataDir?: string },
): { readonly configPath: string; readonly dataDir: string } {
  const configPath = resolve(at.cwd, options.config);
  const dataDir = options.dataDir ?? (at.env["SALLYPORT_DATA"] || undefined);
  return { configPath, dataDir: dataDir === undefined ? join(dirname(configPath), "sallyport-data") : resolve(at.cwd, dataDir) };
}
