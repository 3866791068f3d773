import type { RouteId } from "../../../../src/contract/routes.ts";
import type { Session } from "../sessions/filters.ts";
import type { Act } from "./act.tsx";

/** With its place among the page's buttons and keys. */
// oxlint-disable-next-line typescript/no-explicit-any -- each takes the input of its own route; the dialog never mixes them
export type SomeAct = Act<any> & { readonly name: string; readonly key: string };

export interface MayAct {
  readonly kill: boolean;
}

function act<Id extends RouteId>(name: string, key: string, rest: Act<Id>): SomeAct {
  return { ...rest, name, key };
}

export function actsOn({ id, principal, target }: Session, may: MayAct): SomeAct[] {
  const acts: SomeAct[] = [];
  if (may.kill) {
    acts.push(
      act<"sessions.kill">("Kill", "x", {
        route: "sessions.kill",
        title: "Kill this session",
        lead: `The connection of ${principal} to ${target} ends within a second. The access stays until somebody revokes it.`,
        label: "Why? They are told, and it is in the record",
        button: "Kill the session",
        look: "danger",
        input: (reason) => ({ params: { id }, body: { reason } }),
      }),
    );
  }
  return acts;
}
