import type { ApprovalExpression } from "./model.ts";

/** No group is called so: names have no colon. */
const PERSON = "person:";

/** The place of the person for whom an agent acts. No text of a configuration reads as it. */
export function personPlace(name: string): ApprovalExpression & { readonly kind: "quorum" } {
  return { kind: "quorum", count: 1, groups: [PERSON + name] };
}

/** Whose place it is; `undefined`: a group's. */
export function personIn(group: string): string | undefined {
  return group.startsWith(PERSON) ? group.slice(PERSON.length) : undefined;
}
