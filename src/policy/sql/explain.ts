import { optionsOf } from "./options.ts";
import type { Tree } from "./tree.ts";

/** EXPLAIN (ANALYZE): `off`, `false` and `0` alone mean that what is explained does not run. */
export function runsWhatItExplains({ options }: Tree): boolean {
  return optionsOf(options).has("analyze");
}
