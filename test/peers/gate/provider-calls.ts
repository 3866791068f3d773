/** The routes of identity providers and of machines without a browser, called by who may. */
import { createHash, randomBytes } from "node:crypto";
import type { PrincipalName } from "../../../src/kernel/ids.ts";
import type { providerRoutes } from "../../../src/contract/providers.ts";
import { MiniBrowser } from "../../kit/mini-browser.ts";
import { newUser, type RightCall, type World } from "./right-calls.ts";

const corp = { provider: "corp" };
let people = 0;

/** Somebody new signs in at the provider, on behalf of a program: where the gate sends the browser, and the program's verifier. */
async function signIn({ api, provider }: World): Promise<{ account: string; verifier: string; location: URL }> {
  const account = `visitor-${++people}`;
  provider.accounts.set(account, { groups: [] });
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const body = { port: 50_000, state: "0123456789012345678901", challenge };
  const { url } = await api.nobody.call("login.beginProgram", { params: corp, body });
  const browser = new MiniBrowser();
  const callback = await browser.walk(url, account, ({ pathname }) => pathname.startsWith("/v1/"));
  const answer = await browser.fetch(new URL(callback.pathname + callback.search, api.url));
  return { account, verifier, location: new URL(answer.headers.get("location") ?? "") };
}

async function logIn(world: World): Promise<{ user: PrincipalName; token: string }> {
  const { verifier, location } = await signIn(world);
  const code = location.searchParams.get("code") ?? "";
  return world.api.nobody.call("login.redeem", { body: { code, verifier } });
}

export const PROVIDER_CALLS: Record<keyof typeof providerRoutes, RightCall> = {
  "providers.offered": ({ api }) => api.nobody.call("providers.offered"),
  "login.begin": ({ api }) => api.nobody.call("login.begin", { params: corp, body: { returnTo: "/" } }),
  "login.beginLink": ({ ana }) => ana.call("login.beginLink", { params: corp, body: { returnTo: "/" } }),
  "login.beginProgram": ({ api }) =>
    api.nobody.call("login.beginProgram", {
      params: corp,
      body: { port: 50_000, state: "0123456789012345678901", challenge: "A".repeat(43) },
    }),
  "login.callback": async (world) => {
    const { location } = await signIn(world);
    if (!location.searchParams.has("code")) throw new Error(location.href);
  },
  "login.redeem": logIn,
  "device.begin": ({ api }) => api.nobody.call("device.begin"),
  "device.show": async ({ api, ana }) => {
    const { userCode } = await api.nobody.call("device.begin");
    await ana.call("device.show", { params: { code: userCode } });
  },
  "device.decide": async ({ api, ana }) => {
    const { userCode } = await api.nobody.call("device.begin");
    await ana.call("device.decide", { body: { code: userCode, approve: false } });
  },
  "device.poll": async ({ api, ana }) => {
    const { userCode, deviceCode } = await api.nobody.call("device.begin");
    await ana.call("device.decide", { body: { code: userCode, approve: true } });
    const polled = await api.nobody.call("device.poll", { body: { deviceCode } });
    if (polled.state !== "done") throw new Error(polled.state);
  },
  "login.backchannel": async (world) => {
    const { user } = await logIn(world);
    const [token] = await world.estate.test.gate.store.identity.listTokens(user);
    await world.provider.logOut(user, token?.login?.session ?? "", `${world.api.url}/v1/login/backchannel/corp`);
  },
  "providers.list": ({ olga }) => olga.call("providers.list"),
  "providers.test": async ({ olga }) => {
    const { ok, steps } = await olga.call("providers.test", { params: corp });
    if (!ok) throw new Error(JSON.stringify(steps));
  },
  "identities.list": async ({ olga }) => olga.call("identities.list", { params: { name: await newUser(olga) } }),
  "identities.link": async ({ olga }) =>
    olga.call("identities.link", { params: { name: await newUser(olga) }, body: { provider: "corp", subject: `linked-${++people}` } }),
  "identities.unlink": async ({ olga }) => {
    const name = await newUser(olga);
    await olga.call("identities.link", { params: { name }, body: { provider: "corp", subject: `linked-${++people}` } });
    await olga.call("identities.unlink", { params: { name, provider: "corp" } });
  },
};
