/** A real identity provider that the gate of a test's console takes people by. */
import { readFile, writeFile } from "node:fs/promises";
import type { TestConsole } from "./console.ts";
import { startOidcProvider, type OidcProvider } from "./oidc-provider.ts";
import { providerLines } from "./provider-gate.ts";

/** Called `corp`: of the group `eng-oncall` there people are in `oncall` here. Whoever else is to be let in, an administrator links. */
export async function addProvider({ serving, url }: TestConsole): Promise<OidcProvider> {
  const provider = await startOidcProvider({
    redirectUris: [`${url}/v1/login/callback/corp`],
    logoutUri: `${url}/v1/login/backchannel/corp`,
  });
  const lines = await providerLines("corp", provider, serving.dir, ["groups: { eng-oncall: oncall }"]);
  await writeFile(
    serving.configPath,
    (await readFile(serving.configPath, "utf8")).replace("\ngroups:", `  providers:\n${lines}\n\ngroups:`),
  );
  await serving.client("olga").call("config.reload");
  return provider;
}
