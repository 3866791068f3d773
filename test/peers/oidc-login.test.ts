/** People log in by a real identity provider: the console's flow, the command line's, a machine's without a browser. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGate, type TestGate } from "../kit/gate.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { logInToConsole, openConfiguredApi, providerLines, sessionOf } from "../kit/provider-gate.ts";

const YAML = `
groups: { owners: [olga], oncall: [] }
roles: { owner: { gate: ["*"] } }
holders: [{ role: owner, who: ["group:owners"] }]
`;

describe("a gate with a provider", () => {
  let test_: TestGate;
  let provider: OidcProvider;
  let api: { url: string } & AsyncDisposable;

  beforeAll(async () => {
    test_ = await startGate(YAML, { limits: "  public: {}" });
    const url = test_.gate.configuration.current.gate.public.url;
    provider = await startOidcProvider({
      redirectUris: [`${url}/v1/login/callback/corp`],
      logoutUri: `${url}/v1/login/backchannel/corp`,
      accounts: { "ana-1": { name: "ana", groups: ["eng-oncall", "everybody"] } },
    });
    const lines = await providerLines("corp", provider, test_.dir, ["groups: { eng-oncall: oncall }", "create: true", "refresh: 2s"]);
    const text = test_.gate.configuration.text.replace("\ngroups:", `  providers:\n${lines}\n\ngroups:`);
    await writeFile(test_.configPath, text);
    const loaded = await test_.gate.configuration.reload("gate");
    if (loaded.outcome === "refused") throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
    api = await openConfiguredApi(test_);
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await test_?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
  });

  test("somebody logs in to the console for the first time", async () => {
    const browser = new MiniBrowser();
    const end = await logInToConsole(browser, api.url, "corp", "ana-1", "/requests");
    expect(end.pathname).toBe("/requests");
    const { me } = await sessionOf(browser, api.url).call("status.show");
    expect(me).toMatchObject({ name: "ana", groups: ["oncall"] });
    expect(test_.faults).toEqual([]);
  });
});
