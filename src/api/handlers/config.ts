import { deny } from "../../kernel/result.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Handlers, type Refusal } from "../handler.ts";
import type { WhyService } from "../services/access.ts";
import type { ConfigService, ReloadResult } from "../services/gate.ts";
import type { GroupDirectory } from "../services/people.ts";
import type { Reply } from "../../contract/types.ts";
import type { Denial } from "../../kernel/result.ts";
import { actorOf } from "../views.ts";

type ConfigRoutes = "config.show" | "config.explain" | "config.validate" | "config.reload" | "config.confirm" | "why.show";

export function configHandlers(config: ConfigService, why: WhyService, directory: GroupDirectory): Handlers<ConfigRoutes> {
  return {
    "config.show": () => config.show(),
    "config.explain": () => ({ lines: config.explain() }),
    "config.validate": ({ body: { text } }) => config.validate(text),
    "config.reload": async ({ caller }) => outcomeOf(await config.reload(actorOf(caller))),
    "config.confirm": async ({ caller, body: { hash } }) => outcomeOf(await config.confirm(hash, actorOf(caller))),
    "why.show": ({ caller, query: { principal = caller.principal.name, role, action, target } }) => {
      const own = principal === caller.principal.name;
      const seesAll = caller.permissions.has("target.read");
      if (!own && !seesAll) return refusePermission("target.read", caller);
      const what = role ?? action;
      if (what === undefined || (role !== undefined && action !== undefined)) {
        return deny("bad-request", { detail: "ask about a role or an action, one of the two" });
      }
      const actor = own ? actorOf(caller) : { name: principal, groups: directory.groupsOf(principal) };
      const { demands, ...same } = why.explain(actor, what, target, { seesAll });
      return { ...same, demands: demands === undefined ? [] : [demands] };
    },
  };
}

function outcomeOf(result: ReloadResult | Denial): Reply<"config.reload"> | Refusal {
  if (isRefusal(result)) return result;
  if (result.outcome !== "refused") return result;
  const { problems } = result;
  return { ...deny("bad-config", { detail: `${problems.length} problems; the configuration in force stays` }), errors: [...problems] };
}
