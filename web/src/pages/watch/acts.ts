import type { RouteId } from "../../../../src/contract/routes.ts";
import type { Session } from "../sessions/filters.ts";
import type { Act } from "./act.tsx";

/** With its place among the page's buttons and keys. */
// oxlint-disable-next-line typescript/no-explicit-any -- each takes the input of its own route; the dialog never mixes them
export type SomeAct = Act<any> & { readonly name: string; readonly key: string };

export interface MayAct {
  readonly kill: boolean;
  readonly control: boolean;
}

function act<Id extends RouteId>(name: string, key: string, rest: Act<Id>): SomeAct {
  return { ...rest, name, key };
}

export function actsOn({ id, principal, target, frozen }: Session, may: MayAct): SomeAct[] {
  const acts: SomeAct[] = [];
  if (may.control) {
    acts.push(
      act<"sessions.message">("Message", "m", {
        route: "sessions.message",
        title: `A message to ${principal}`,
        lead: "A line in their terminal, with your name. It is in the record.",
        label: "Message",
        button: "Send",
        look: "main",
        input: (text) => ({ params: { id }, body: { text } }),
      }),
      frozen
        ? act<"sessions.thaw">("Thaw", "f", {
            route: "sessions.thaw",
            title: "Let this session go on",
            lead: `It was frozen by ${frozen.by}. What ${principal} typed meanwhile passes now.`,
            label: "Why? They are told, and it is in the record",
            button: "Thaw the session",
            look: "main",
            input: (reason) => ({ params: { id }, body: { reason } }),
          })
        : act<"sessions.freeze">("Freeze", "f", {
            route: "sessions.freeze",
            title: "Freeze this session",
            lead: "Nothing passes in either direction until somebody thaws it. What they type is kept.",
            label: "Why? They are told, and it is in the record",
            button: "Freeze the session",
            look: "main",
            input: (reason) => ({ params: { id }, body: { reason } }),
          }),
    );
  }
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
