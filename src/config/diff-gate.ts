import serialize from "canonicalize";
import type { Effects } from "./diff.ts";
import type { GateSettings } from "./model.ts";

/** The gate's own settings: what it watches, promises and listens on. What is not listed as harmless counts as widening. */
export function diffGate(old: GateSettings, now: GateSettings, effects: Effects): void {
  for (const list of ["anchors", "notify"] as const) {
    const [was, is] = [old[list].map(canonical), now[list].map(canonical)];
    const gone = old[list].filter((entry) => !is.includes(canonical(entry)));
    const come = now[list].filter((entry) => !was.includes(canonical(entry)));
    if (gone.length > 0) effects.widening.push(`gate: ${list} removed or changed: ${gone.map(({ name }) => name).join(", ")}`);
    if (come.length > gone.length) effects.narrowing.push(`gate: ${list} added: ${come.map(({ name }) => name).join(", ")}`);
  }
  diffProviders(old, now, effects);
  if (old.widening.secondOwner !== now.widening.secondOwner) {
    if (now.widening.secondOwner) effects.narrowing.push("gate: widening access needs a second owner");
    else effects.widening.push("gate: widening access no longer needs a second owner");
  }
  if (old.durability !== now.durability) {
    if (now.durability === "power") effects.narrowing.push("gate: records survive a loss of power");
    else effects.widening.push("gate: records no longer survive a loss of power");
  }
  for (const key of Object.keys(now.limits) as (keyof GateSettings["limits"])[]) {
    if (old.limits[key] === now.limits[key]) continue;
    const wider = key === "diskReserveBytes" ? now.limits[key] < old.limits[key] : now.limits[key] > old.limits[key];
    effects[wider ? "widening" : "narrowing"].push(`gate: limit ${key} ${now.limits[key]}, before ${old.limits[key]}`);
  }
  for (const key of ["name", "node", "ssh", "http", "public", "masterKey"] as const) {
    if (canonical(old[key]) !== canonical(now[key])) effects.widening.push(`gate: ${key} changed`);
  }
}

/** Groups they put people into are compared with the rules (provider-members.ts). Who else may come in is never narrower but when one goes. */
function diffProviders(old: GateSettings, now: GateSettings, effects: Effects): void {
  const before = new Map(old.providers.map((provider) => [provider.name, provider]));
  for (const provider of now.providers) {
    const was = before.get(provider.name);
    before.delete(provider.name);
    if (was === undefined) effects.widening.push(`gate: people log in by "${provider.name}"`);
    else if (canonical({ ...was, groups: {} }) !== canonical({ ...provider, groups: {} })) {
      effects.widening.push(`gate: identity provider "${provider.name}" changed`);
    } else if (canonical(was) !== canonical(provider)) {
      const added = Object.entries(provider.groups).filter(([theirs, ours]) => was.groups[theirs] !== ours);
      if (added.length === 0) effects.narrowing.push(`gate: "${provider.name}" puts people into fewer groups`);
      for (const [theirs, ours] of added) effects.widening.push(`gate: "${provider.name}" puts its "${theirs}" into ${ours}`);
    }
  }
  for (const name of before.keys()) effects.narrowing.push(`gate: nobody logs in by "${name}" any more`);
}

function canonical(value: unknown): string {
  return serialize(value) ?? "";
}
