import { parseId } from "../../kernel/ids.ts";
import { deny } from "../../kernel/result.ts";
import { Secret } from "../../kernel/secret.ts";
import { isRefusal, type Handlers } from "../handler.ts";
import type { GateFacts } from "../services/gate.ts";
import type { LoginService } from "../services/logins.ts";
import { emptyOr } from "./empty-or.ts";

type LoginRoutes =
  | "login.password"
  | "login.console"
  | "login.handover"
  | "login.workload"
  | "handover.create"
  | "login.end"
  | "setup.state"
  | "setup.complete"
  | "password.change"
  | "password.reset";

/** Secrets are wrapped as they come in, and unwrapped only into the one answer that hands a new one out. */
export function loginHandlers({
  login,
  gate,
}: {
  readonly login: LoginService;
  readonly gate: Pick<GateFacts, "url">;
}): Handlers<LoginRoutes> {
  return {
    "login.password": async ({ body: { user, password, ttlMs }, remote }) => {
      const made = await login.login(user, new Secret(password), { door: "api", remote }, ttlMs === undefined ? {} : { ttlMs });
      if (isRefusal(made)) return made;
      return { user: made.authenticated.principal.name, token: made.token.reveal(), expiresAt: made.expiresAt };
    },
    "login.console": async ({ body: { user, password }, remote, browser }) => {
      const made = await login.login(user, new Secret(password), { door: "api", remote }, {});
      if (isRefusal(made)) return made;
      browser.begin(made.token, made.expiresAt);
      return { user: made.authenticated.principal.name, expiresAt: made.expiresAt };
    },
    "handover.create": async ({ caller }) => {
      const made = await login.createHandover(caller.authenticated);
      return isRefusal(made) ? made : { code: made.code.reveal(), url: gate.url, expiresInMs: made.expiresInMs };
    },
    "login.handover": async ({ body: { code }, remote, browser }) => {
      const made = await login.redeemHandover(new Secret(code), { door: "api", remote });
      if (isRefusal(made)) return made;
      browser.begin(made.token, made.expiresAt);
      return { user: made.user, expiresAt: made.expiresAt };
    },
    "login.workload": async ({ body, remote, certificate }) => {
      const proof = body.token === undefined ? { certificate: certificate() } : { token: new Secret(body.token) };
      const made = await login.loginByWorkload(body.service, proof, { door: "api", remote });
      if (isRefusal(made)) return made;
      return { user: made.authenticated.principal.name, token: made.token.reveal(), expiresAt: made.expiresAt };
    },
    "login.end": async ({ caller, browser }) => {
      browser.end();
      const token = parseId("tok", caller.authenticated.credential);
      return token ? emptyOr(await login.logout(token)) : deny("wrong-state", { detail: "this login has no token to end" });
    },
    "setup.state": () => ({ pending: login.setupPending() }),
    "setup.complete": async ({ body: { secret, owner, password, publicKey }, remote }) => {
      const draft = {
        owner,
        ...(password !== undefined && { password: new Secret(password) }),
        ...(publicKey !== undefined && { publicKey }),
      };
      const result = await login.setup(new Secret(secret), draft, { door: "api", remote });
      return isRefusal(result) ? result : { owner };
    },
    "password.change": async ({ caller, body, remote }) =>
      emptyOr(await login.setPassword(caller.authenticated, new Secret(body.old), new Secret(body.new), { door: "api", remote })),
    "password.reset": async ({ body: { user, secret, password }, remote }) =>
      emptyOr(await login.completeReset(user, new Secret(secret), new Secret(password), { door: "api", remote })),
  };
}
