import type { FactorService } from "../../api/services/logins.ts";
import type { Door } from "../../audit/events/identity.ts";
import type { Factors } from "../../identity/factors/factors.ts";
import type { Authenticated } from "../../identity/model.ts";
import type { StepUpWays } from "../../session/step-up.ts";

/** Second factors as the API sees them; pages of the console are at the gate's public address. */
export function factorService(factors: Factors, publicUrl: string): FactorService {
  return {
    list: (user) => factors.list(user),
    startPasskey: (by) => factors.startPasskey(by),
    finishPasskey: (by, name, answer, context) => factors.finishPasskey(by, name, answer, context),
    startTotp: (by) => factors.startTotp(by),
    confirmTotp: (by, name, code, context) => factors.confirmTotp(by, name, code, context),
    makeRecoveryCodes: (by) => factors.makeRecoveryCodes(by),
    rename: (by, id, name) => factors.rename(by, id, name),
    remove: (by, id) => factors.remove(by, id),
    reset: (actor, user) => factors.reset(actor, user),
    startStepUp: (by) => factors.startStepUp(by),
    finishStepUp: (by, proof, context) => factors.finishStepUp(by, proof, context),
    openPage: async (by) => {
      const link = await factors.openOwnLink(by, "the command line", { door: "api", remote: by.remote });
      return "allowed" in link ? link : { url: stepUpUrl(publicUrl, link.id) };
    },
    findLink: (page) => factors.findLink(page),
    finishLink: (page, answer, context) => factors.finishLink(page, answer, context),
    startLogin: () => factors.startLogin(),
  };
}

/** The page of the console on which a passkey is shown for somebody who waits elsewhere. */
export function stepUpUrl(publicUrl: string, id: string): string {
  return `${publicUrl}/step-up/${id}`;
}

/** For doors whose clients wait. */
export function stepUpWays(factors: Factors, door: Door, publicUrl: () => string): StepUpWays {
  const from = ({ remote }: Authenticated) => ({ door, remote });
  return {
    kindsAt: (by, wanted) => factors.kindsAt(by, wanted),
    showCode: (by, kind, code) => factors.showCode(by, kind, code, from(by)),
    openPage: (by, what) => {
      const link = factors.openLink(by, what, from(by));
      if ("allowed" in link) return link;
      return { url: stepUpUrl(publicUrl(), link.id), shown: link.shown, [Symbol.dispose]: () => link[Symbol.dispose]() };
    },
  };
}
