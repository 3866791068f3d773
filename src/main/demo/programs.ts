import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps programs that an ordinary user's PATH does not name. */
const MORE_PLACES = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/** Absolute path of an executable in PATH; `sbin`: and where daemons live. A PATH that was emptied on purpose stays empty. */
export function findProgram(name: string, options: { readonly path: string; readonly sbin?: boolean }): string | undefined {
  const places = options.path.split(delimiter).filter((place) => place !== "");
  // Whoever has /usr/bin in PATH has a usual system, and its daemons are meant too.
  const more = options.sbin && places.includes("/usr/bin") ? MORE_PLACES : [];
  return [...places, ...more].map((place) => join(place, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
