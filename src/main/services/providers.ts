import type { ProviderService } from "../../api/services/logins.ts";
import type { Gate } from "../gate.ts";

/** Logging in by identity providers, as the API sees it. */
export function providerService({ identity: { providers }, store }: Pick<Gate, "identity" | "store">): ProviderService {
  const { logins, devices, backchannel } = providers;
  return {
    list: () => providers.list(),
    describe: () => {
      const health = new Map(providers.health().map((each) => [each.name, each]));
      return providers.settings().map(({ name, kind, issuer, clientId, create, groups }) => {
        const { ok, detail = "" } = health.get(name) ?? {};
        const state = ok === undefined ? "unknown" : ok ? "ok" : "failing";
        const redirectUri = logins.redirectUri(name);
        const logoutUri = redirectUri.replace("/callback/", "/backchannel/");
        return { name, kind, issuer, clientId, create, groups, redirectUri, logoutUri, health: { state, detail } };
      });
    },
    beginConsole: (provider, returnTo) => logins.beginConsole(provider, returnTo),
    beginLink: (by, provider, returnTo) => logins.beginLink(by, provider, returnTo),
    beginProgram: (provider, to) => logins.beginProgram(provider, to),
    finish: (provider, query, browser, context) => logins.finish(provider, query, browser, context),
    redeem: (code, verifier, context) => logins.redeem(code, verifier, context),
    beginDevice: (context) => devices.begin(context),
    pollDevice: (code, context) => devices.poll(code, context),
    findDevice: (by, code) => devices.find(by, code),
    decideDevice: (by, code, approve) => devices.decide(by, code, approve),
    receiveLogout: (provider, token, context) => backchannel.receive(provider, token, context),
    test: async (provider, by) => {
      const address = providers.settings().find(({ name }) => name === provider)?.issuer ?? "";
      await store.log.append([{ kind: "errand.started", principal: "gate", body: { errand: "provider test", address, by } }]);
      return { redirectUri: logins.redirectUri(provider), steps: await providers.test(provider) };
    },
    identitiesOf: async (user) => (await store.identity.findUser(user))?.identities ?? [],
    link: (actor, user, to) => providers.link(actor, user, to),
    unlinkOwn: (by, provider, isAdministrator) => providers.unlinkOwn(by, provider, isAdministrator),
    unlink: (actor, user, provider) => providers.unlink(actor, user, provider),
  };
}
