/** A gate with its API where its configuration says, an identity provider that is real, and a browser that goes between them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildHandlers } from "../../src/api/handlers.ts";
import { startApi } from "../../src/api/start.ts";
import { openClient, type Client } from "../../src/contract/client.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { gateServices } from "../../src/main/services.ts";
import type { TestGate } from "./gate.ts";
import type { MiniBrowser } from "./mini-browser.ts";
import type { OidcProvider } from "./oidc-provider.ts";

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
