import { cp, readFile, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** A copy that runs: with the links of the libraries, where the server's account can read it. Returns its `bin`. */
export async function unpackPostgres(packedBin: string, software: string): Promise<string> {
  const native = dirname(packedBin);
  await rm(software, { recursive: true, force: true });
  await cp(native, software, { recursive: true, filter: (path) => !path.endsWith(".a") });
  const links = linksSchema.parse(JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")));
  for (const { source, target } of links) {
    const link = join(software, "lib", basename(target));
    // Where install scripts run, it is there, and leads out of this copy.
    await rm(link, { force: true });
    await symlink(basename(source), link);
  }
  return join(software, "bin");
}
