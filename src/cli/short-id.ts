/** Ids may be shortened to anything that fits only one: `gr-k3`, `k3`. */
import { GateError } from "../kernel/errors.ts";
import { parseId } from "../kernel/ids.ts";
import { UsageError } from "./usage-error.ts";

type Prefix = Parameters<typeof parseId>[0];
type IdOf<P extends Prefix> = NonNullable<ReturnType<typeof parseId<P>>>;

/** A full id is taken as it is; a shortened one is looked up among `candidates`, which is asked only then. */
export async function resolveId<P extends Prefix>(
  prefix: P,
  text: string,
  candidates: () => Promise<readonly IdOf<P>[]>,
): Promise<IdOf<P>> {
  const given = text.toLowerCase();
  const full = parseId(prefix, given);
  if (full !== undefined) return full;
  const start = given.startsWith(`${prefix}-`) ? given : `${prefix}-${given}`;
  if (!/^[a-z]+-[0-9a-z]{1,10}$/.test(start))
    throw new UsageError(`"${text}" is not an id`, `Ids look like ${prefix}-4k0…; the first characters are enough`);
  const fitting = [...new Set(await candidates())].filter((id) => id.startsWith(start));
  if (fitting.length === 0) throw new GateError("not-found", `"${text}"`);
  if (fitting.length > 1)
    throw new UsageError(`"${text}" fits ${fitting.length}: ${fitting.slice(0, 5).join(", ")}`, "Give more characters");
  return fitting[0] as IdOf<P>;
}
