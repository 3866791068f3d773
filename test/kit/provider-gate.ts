/** A gate with its API where its configuration says, an identity provider that is real, and a browser that goes between them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildHandlers } from "../../src/api/handlers.ts";
import { startApi } from "../../src/api/start.ts";
import { openClient, type Client } from "../../src/contract/client.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { gateServices } from "../../src/main/services.ts";
import { startGate, type TestGate } from "./gate.ts";
import type { MiniBrowser } from "./mini-browser.ts";
import { startOidcProvider, type OidcProvider } from "./oidc-provider.ts";

/** The API of a gate, on the port of its configuration: what providers and browsers are sent to must be there. */
export async function openConfiguredApi({ gate, dir, faults }: TestGate): Promise<{ url: string } & AsyncDisposable> {
  const { http, public: reach } = gate.configuration.current.gate;
  const built = buildHandlers(gateServices(gate, join(dir, "data")), systemRandom);
  const api = await startApi({
    handlers: built.handlers,
    guard: gate.identity,
    locks: gate.locks,
    random: systemRandom,
    listenHost: http.host,
    port: http.port,
    publicUrl: reach.url,
    rates: { token: 100_000, address: 100_000 },
    onFailure: (thrown) => faults.push(thrown),
  });
  return { url: reach.url, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

/** Lines of `gate.providers` for one provider, with four spaces before each. */
export async function providerLines(
  name: string,
  provider: Pick<OidcProvider, "issuer" | "clientId" | "clientSecret">,
  dir: string,
  more: readonly string[] = [],
): Promise<string> {
  const file = join(dir, `${name}.secret`);
  await writeFile(file, provider.clientSecret, { mode: 0o600 });
  return [
    `    - name: ${name}`,
    "      kind: oidc",
    `      issuer: ${provider.issuer}`,
    `      clientId: ${provider.clientId}`,
    `      clientSecret: file:${file}`,
    ...more.map((line) => `      ${line}`),
  ].join("\n");
}

/** Starts a login in the console, as its page does. */
export async function beginConsole(browser: MiniBrowser, url: string, provider: string, returnTo = "/"): Promise<string> {
  const response = await browser.fetch(`${url}/v1/login/providers/${provider}/start`, {
    method: "POST",
    headers: { "content-type": "application/json", "sallyport-console": "1" },
    body: JSON.stringify({ returnTo }),
  });
  const answer = (await response.json()) as { url?: string; code?: string; detail?: string };
  if (answer.url === undefined) throw new Error(`the login did not begin: ${answer.code ?? ""} ${answer.detail ?? ""}`);
  return answer.url;
}

/** A whole login in the console: the browser holds the session afterwards; where it was sent in the end. */
export async function logInToConsole(browser: MiniBrowser, url: string, provider: string, account: string, returnTo = "/"): Promise<URL> {
  const begun = await beginConsole(browser, url, provider, returnTo);
  const isPage = (at: URL): boolean => at.origin === url && !at.pathname.startsWith("/v1/");
  return browser.walk(begun, account, isPage);
}

/** The console's own calls, with the cookie that the browser holds. */
export function sessionOf(browser: MiniBrowser, url: string): Client {
  return openClient({ url, token: new Secret(browser.cookie(new URL(url).host, "sallyport") ?? "none") });
}

/** A gate without targets, before providers called `names`, each real; what further lines of each say is by its name. */
export async function startProviderGate(
  names: readonly string[],
  more: Readonly<Record<string, readonly string[]>> = {},
  options: Partial<Omit<Parameters<typeof startOidcProvider>[0], "redirectUris" | "logoutUri">> = {},
): Promise<{ test: TestGate; url: string; providers: readonly OidcProvider[] } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const test = opened.use(await startGate(YAML, { limits: "  public: {}" }));
  const { gate, dir, configPath } = test;
  const { url } = gate.configuration.current.gate.public;
  const providers: OidcProvider[] = [];
  const lines: string[] = [];
  for (const name of names) {
    const uris = { redirectUris: [`${url}/v1/login/callback/${name}`], logoutUri: `${url}/v1/login/backchannel/${name}` };
    const provider = opened.use(await startOidcProvider({ ...uris, clientId: `gate-at-${name}`, ...options }));
    providers.push(provider);
    lines.push(await providerLines(name, provider, dir, more[name] ?? ["groups: { eng-oncall: oncall }", "create: true"]));
  }
  await writeFile(
    configPath,
    gate.configuration.text.replace("\ngroups:", `  providers:${lines.length === 0 ? " []" : `\n${lines.join("\n")}`}\n\ngroups:`),
  );
  const loaded = await gate.configuration.reload("gate");
  if (loaded.outcome === "refused") throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  opened.use(await openConfiguredApi(test));
  const everything = opened.move();
  return { test, url, providers, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** Olga owns it; `named` is somebody only the configuration speaks of. */
const YAML = `
groups: { owners: [olga], leads: [olga], oncall: [named] }
roles:
  owner: { gate: ["*"] }
  debug: { ssh: { account: infra, shell: true } }
holders: [{ role: owner, who: ["group:owners"] }]
rules:
  - { name: all, who: ["group:oncall"], roles: [debug], targets: { names: [web-1] }, max: 1h, approval: 1 of leads }
targets:
  web-1: { kind: ssh, address: "127.0.0.1:1", hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU"] }
`;
