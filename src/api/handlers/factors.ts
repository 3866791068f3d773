import { deny, type Denial } from "../../kernel/result.ts";
import { Secret } from "../../kernel/secret.ts";
import type { factorRoutes } from "../../contract/factors.ts";
import type { Received } from "../../contract/types.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Handlers } from "../handler.ts";
import type { FactorProof } from "../../identity/factors/factors.ts";
import type { FactorService, LoginService } from "../services/logins.ts";
import { administratorOf } from "../views.ts";
import { emptyOr } from "./empty-or.ts";

/** Codes are wrapped as they come in; new ones are unwrapped only into the one answer that hands them out. */
export function factorHandlers(factors: FactorService, login: Pick<LoginService, "loginByPasskey">): Handlers<keyof typeof factorRoutes> {
  const from = (remote: string) => ({ door: "api" as const, remote });
  return {
    "factors.list": async ({ caller, query: { user = caller.principal.name } }) => {
      if (user !== caller.principal.name && !caller.permissions.has("user.read")) return refusePermission("user.read", caller);
      return { factors: await factors.list(user) };
    },
    "factors.start-passkey": ({ caller }) => factors.startPasskey(caller.authenticated),
    "factors.add-passkey": ({ caller, body: { name, answer }, remote }) =>
      factors.finishPasskey(caller.authenticated, name, answer, from(remote)),
    "factors.start-totp": async ({ caller }) => {
      const made = await factors.startTotp(caller.authenticated);
      return isRefusal(made) ? made : { secret: made.secret.reveal(), uri: made.uri.reveal() };
    },
    "factors.add-totp": ({ caller, body: { name, code }, remote }) => factors.confirmTotp(caller.authenticated, name, code, from(remote)),
    "factors.make-recovery-codes": async ({ caller }) => {
      const codes = await factors.makeRecoveryCodes(caller.authenticated);
      return isRefusal(codes) ? codes : { codes: codes.map((code) => code.reveal()) };
    },
    "factors.rename": ({ caller, params: { id }, body: { name } }) => factors.rename(caller.authenticated, id, name),
    "factors.remove": async ({ caller, params: { id } }) => emptyOr(await factors.remove(caller.authenticated, id)),
    "users.reset-factors": async ({ caller, params: { name } }) => {
      const issued = await factors.reset(administratorOf(caller), name);
      return isRefusal(issued) ? issued : { code: issued.code.reveal(), expiresAt: issued.expiresAt };
    },
    "step-up.start": ({ caller }) => factors.startStepUp(caller.authenticated),
    "step-up.finish": async ({ caller, body, remote }) => {
      const proof = proofOf(body);
      if (isRefusal(proof)) return proof;
      const shown = await factors.finishStepUp(caller.authenticated, proof, from(remote));
      return isRefusal(shown) ? shown : { factors: shown };
    },
    "step-up.open-page": async ({ caller }) => factors.openPage(caller.authenticated),
    "step-up.show-page": ({ params: { page } }) => factors.findLink(page),
    "step-up.finish-page": async ({ params: { page }, body: { answer }, remote }) => {
      const user = await factors.finishLink(page, answer, from(remote));
      return isRefusal(user) ? user : { user };
    },
    "login.start-passkey": () => factors.startLogin(),
    "login.passkey": async ({ body: { answer }, remote, browser }) => {
      const made = await login.loginByPasskey(answer, from(remote));
      if (isRefusal(made)) return made;
      browser.begin(made.token, made.expiresAt);
      return { user: made.authenticated.principal.name, expiresAt: made.expiresAt };
    },
  };
}

function proofOf({ passkey, totp, recovery }: Received<"step-up.finish">["body"]): FactorProof | Denial {
  const given = [passkey, totp, recovery].filter((each) => each !== undefined);
  if (given.length === 1) {
    if (passkey) return { kind: "passkey", answer: passkey };
    if (totp !== undefined) return { kind: "totp", code: totp };
    if (recovery !== undefined) return { kind: "recovery", code: new Secret(recovery) };
  }
  return deny("bad-request", { detail: "exactly one of `passkey`, `totp` and `recovery` is shown at a time" });
}
