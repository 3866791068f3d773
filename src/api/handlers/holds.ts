import type { Reply } from "../../contract/types.ts";
import type { HoldId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Hold } from "../../session/holds.ts";
import type { ChangeFeed } from "../change-feed.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import type { HoldService } from "../services/access.ts";
import { actorOf } from "../views.ts";

type HoldRoutes = "holds.list" | "holds.stream" | "holds.show" | "holds.approve" | "holds.deny";
type HoldView = Reply<"holds.show">;

export function holdHandlers(holds: HoldService, changes: ChangeFeed<Hold>): Handlers<HoldRoutes> {
  const maySee = (hold: Hold, caller: Caller): boolean =>
    hold.principal === caller.principal.name || caller.permissions.has("request.read") || holds.mayDecide(hold, actorOf(caller));
  const view = (hold: Hold, caller: Caller): HoldView => viewHold(hold, holds, caller);
  /** The same answer for what is not there and what is not theirs. */
  const find = (id: HoldId, caller: Caller): Hold | Denial => {
    const hold = holds.find(id);
    return hold && maySee(hold, caller) ? hold : deny("not-found", { detail: `held action "${id}"` });
  };
  const decide = async (id: HoldId, caller: Caller, approved: boolean, reason?: string): Promise<HoldView | Denial> => {
    const hold = find(id, caller);
    if (isRefusal(hold)) return hold;
    const decided = await holds.decide(id, actorOf(caller), approved, reason);
    return isRefusal(decided) ? decided : view(decided, caller);
  };
  return {
    "holds.list": ({ caller, query: { state } }) => ({
      holds: holds
        .list()
        .filter((hold) => maySee(hold, caller) && (state === undefined || hold.state === state))
        .map((hold) => view(hold, caller)),
    }),
    "holds.stream": ({ caller, signal, lastEventId }) => {
      const waiting = async (): Promise<readonly Hold[]> => holds.list().filter(({ state }) => state === "waiting");
      return (async function* () {
        for await (const { id, data } of changes.follow(lastEventId, waiting, signal)) {
          if (maySee(data, caller)) yield { id, data: { hold: view(data, caller) } };
        }
      })();
    },
    "holds.show": ({ caller, params: { id } }) => {
      const hold = find(id, caller);
      return isRefusal(hold) ? hold : view(hold, caller);
    },
    "holds.approve": ({ caller, params: { id } }) => decide(id, caller, true),
    "holds.deny": ({ caller, params: { id }, body: { reason } }) => decide(id, caller, false, reason),
  };
}

export function viewHold(hold: Hold, holds: Pick<HoldService, "mayDecide" | "inWords">, caller: Caller): HoldView {
  const { grant, demands, approvals, missing, reason, forMs: _, ...same } = hold;
  return {
    ...same,
    grant: grant.id,
    role: grant.role.name,
    reason: grant.reason,
    demands: demands.map((demand) => holds.inWords(demand)),
    approvals: approvals.map(({ by, at }) => ({ by, at })),
    ...(missing !== "" && { missing }),
    ...(reason !== undefined && { closedReason: reason }),
    mayDecide: hold.state === "waiting" && holds.mayDecide(hold, actorOf(caller)),
  };
}
