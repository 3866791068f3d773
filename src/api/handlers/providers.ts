import { deny, type Denial } from "../../kernel/result.ts";
import { refusePermission } from "../admit.ts";
import type { Browser } from "../browser.ts";
import { isRefusal, type Handlers } from "../handler.ts";
import type { GateFacts } from "../services/gate.ts";
import type { DeviceAsked, ProviderService, BegunLogin } from "../services/logins.ts";
import { administratorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

type ProviderRoutes =
  | "providers.offered"
  | "login.begin"
  | "login.beginLink"
  | "login.beginProgram"
  | "login.callback"
  | "login.redeem"
  | "device.begin"
  | "device.poll"
  | "device.show"
  | "device.decide"
  | "login.backchannel"
  | "providers.list"
  | "providers.test"
  | "identities.list"
  | "identities.link"
  | "identities.unlink";

/** What stands beside the code on the page, in the gate's words: they are the only defence against a good story. */
const WARNING =
  "Approve only a code that you see at this moment on a machine in front of you. Whoever sent you a code, whatever they say, " +
  "would be logged in as you.";

export function providerHandlers(providers: ProviderService, gate: Pick<GateFacts, "url">): Handlers<ProviderRoutes> {
  return {
    "providers.offered": () => ({ providers: providers.list() }),
    "login.begin": async ({ params: { provider }, body: { returnTo }, browser }) =>
      goOn(await providers.beginConsole(provider, returnTo), browser),
    "login.beginLink": async ({ caller, params: { provider }, body: { returnTo }, browser }) =>
      goOn(await providers.beginLink(caller.authenticated, provider, returnTo), browser),
    "login.beginProgram": async ({ params: { provider }, body, browser }) => goOn(await providers.beginProgram(provider, body), browser),
    "login.callback": async ({ params: { provider }, query, browser, remote }) => {
      const finished = await providers.finish(provider, new URLSearchParams(query), browser.flow, { door: "api", remote });
      browser.dropFlow();
      if (finished.kind === "console") browser.begin(finished.login.token, finished.login.expiresAt);
      return { location: finished.location };
    },
    "login.redeem": async ({ body: { code, verifier }, remote }) => {
      const made = await providers.redeem(code, verifier, { door: "api", remote });
      return isRefusal(made) ? made : { user: made.user.name, token: made.token.reveal(), expiresAt: made.expiresAt };
    },
    "device.begin": ({ remote }) => ({ ...providers.beginDevice({ door: "api", remote }), verifyUrl: `${gate.url}/login/device` }),
    "device.poll": async ({ body: { deviceCode }, remote }) => {
      const polled = await providers.pollDevice(deviceCode, { door: "api", remote });
      if (polled.state !== "done") return polled;
      return { state: "done", user: polled.user.name, token: polled.token.reveal(), expiresAt: polled.expiresAt };
    },
    "device.show": ({ caller, params: { code } }) => asked(providers.findDevice(caller.authenticated, code)),
    "device.decide": async ({ caller, body: { code, approve } }) =>
      asked(await providers.decideDevice(caller.authenticated, code, approve)),
    "login.backchannel": async ({ params: { provider }, body, remote }) =>
      emptyOr(await providers.receiveLogout(provider, body.logout_token, { door: "api", remote })),
    "providers.list": () => ({ providers: providers.describe() }),
    "providers.test": async ({ caller, params: { provider } }) => {
      if (!providers.list().some(({ name }) => name === provider)) return deny("not-found", { detail: `identity provider "${provider}"` });
      const { steps, redirectUri } = await providers.test(provider, caller.principal.name);
      return { ok: steps.every(({ ok }) => ok), redirectUri, steps };
    },
    "identities.list": async ({ caller, params: { name } }) => {
      const may = caller.principal.name === name || caller.permissions.has("user.read");
      return may ? { identities: await providers.identitiesOf(name) } : refusePermission("user.read", caller);
    },
    "identities.link": async ({ caller, params: { name }, body }) => {
      if (!providers.list().some((each) => each.name === body.provider)) {
        return deny("not-found", { detail: `identity provider "${body.provider}"` });
      }
      return providers.link(administratorOf(caller), name, body);
    },
    "identities.unlink": async ({ caller, params: { name, provider } }) => {
      const isAdministrator = caller.permissions.has("user.write");
      if (caller.principal.name === name) return emptyOr(await providers.unlinkOwn(caller.authenticated, provider, isAdministrator));
      if (!isAdministrator) return refusePermission("user.write", caller);
      return emptyOr(await providers.unlink(administratorOf(caller), name, provider));
    },
  };
}

function goOn(begun: BegunLogin | Denial, browser: Browser): Denial | { url: string; expiresAt: number } {
  if (isRefusal(begun)) return begun;
  const { url, expiresAt, browser: secret } = begun;
  if (secret) browser.keepFlow(secret, expiresAt);
  return { url, expiresAt };
}

function asked(found: DeviceAsked | Denial): Denial | (DeviceAsked & { warning: string }) {
  return isRefusal(found) ? found : { ...found, warning: WARNING };
}
