import serialize from "canonicalize";
import type { Effects } from "./diff.ts";
import type { Config } from "./model.ts";

/** Who may come in as a service or an agent. What another proof means nobody can tell from the texts: it is never narrower but when one goes. */
export function diffWorkloads(before: Config | undefined, after: Config, effects: Effects): void {
  const old = new Map(before?.workloads);
  for (const [name, workload] of after.workloads) {
    const was = old.get(name);
    old.delete(name);
    if (was === undefined) effects.widening.push(`workload: ${name} logs in by ${"issuer" in workload ? workload.issuer : "certificate"}`);
    else if (serialize(was) !== serialize(workload)) effects.widening.push(`workload: ${name} proves itself by something else`);
  }
  for (const name of old.keys()) effects.narrowing.push(`workload: ${name} no longer logs in by what its platform says`);
}
