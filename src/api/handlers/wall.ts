import { setTimeout as sleep } from "node:timers/promises";
import { refusePermission } from "../admit.ts";
import type { Handlers } from "../handler.ts";
import { Wall, type WallEvent, type WallNeeds } from "../wall.ts";

export function wallHandlers(needs: WallNeeds): Handlers<"sessions.wall"> {
  return {
    "sessions.wall": async ({ caller, query: { all, principal, target, limit }, signal }) => {
      const me = caller.principal.name;
      const beyond = all || (principal !== undefined && principal !== me);
      if (beyond && !caller.permissions.has("recording.view")) return refusePermission("recording.view", caller);
      const whose = principal ?? (all ? undefined : me);
      const filter = { ...(whose !== undefined && { principal: whose }), ...(target !== undefined && { target }) };
      return numbered(new Wall(needs, { caller, filter, limit }).follow(signal, pause));
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A client that comes back starts with what is there then. */
async function* numbered(events: AsyncIterable<WallEvent>): AsyncGenerator<{ id: string; data: WallEvent }> {
  let number = 0;
  for await (const data of events) yield { id: String(number++), data };
}
