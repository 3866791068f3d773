import type { Config, ProviderSettings as Configured } from "../config/model.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { ProviderSettings } from "../identity/oidc/provider.ts";

/** The identity providers of the configuration in force; an entry stays the same object until its settings change. */
export function providerSettings(config: () => Config): () => ReadonlyMap<string, ProviderSettings> {
  let made: { readonly of: readonly Configured[]; readonly settings: ReadonlyMap<string, ProviderSettings> } | undefined;
  const known = new Map<string, ProviderSettings>();
  return () => {
    const of = config().gate.providers;
    if (made?.of === of) return made.settings;
    const settings = of.map((each): [string, ProviderSettings] => {
      const key = JSON.stringify(each);
      const same = known.get(key) ?? settingsOf(each);
      known.set(key, same);
      return [each.name, same];
    });
    made = { of, settings: new Map(settings) };
    return made.settings;
  };
}

/** The secret is read whenever it is needed: a file that was replaced counts from then on. */
function settingsOf({ clientSecret, ...settings }: Configured): ProviderSettings {
  return { ...settings, ...(clientSecret && { clientSecret: () => resolveSecret(clientSecret) }) };
}

/** Whether the configuration gives something to somebody by this name. */
export function isNamedIn({ groups, holders, rules, agents, workloads }: Config, name: string): boolean {
  const plain = name.toLowerCase();
  const named = [
    ...groups.values(),
    ...holders.map(({ who }) => who),
    ...rules.map(({ who }) => who),
    [...workloads.keys()],
    ...[...agents].map(([agent, { for: person }]) => [agent, person]),
  ].flat();
  return named.some((each) => each.toLowerCase() === plain);
}
