import type { Source } from "./values.ts";

/** Not an error of anybody's: the statement would show, or let somebody find out, what is masked. */
export class Refused extends Error {
  readonly next: string;
  /** A name that the catalogue does not have: it may be newer than the catalogue. */
  readonly unknown: boolean;
  /** How many rows there are tells of what is masked, whichever columns are asked for. */
  readonly tells: boolean;

  /** `next`: what would be allowed instead. */
  constructor(detail: string, next: string, { unknown = false, tells = false } = {}) {
    super(detail);
    this.name = "Refused";
    this.next = next;
    this.unknown = unknown;
    this.tells = tells;
  }
}

/** What somebody may do who is refused because a form is not understood. */
export const NARROWER = "a simpler statement, or one that leaves masked columns out";

/** `how`: what would have been done with it: "sorted by". */
export function refusal({ column, class: name, unproven: why, compare }: Source, how: string): Refused {
  if (why !== undefined) return new Refused(`what ${column} holds is not known: ${why}`, `the same without ${column}`);
  const equal = compare === "equality" ? `; ${column} may only be compared by = with a value` : "";
  return new Refused(
    `${column} is masked and cannot be ${how}`,
    `the same without that use of ${column}${equal}, or a role that shows "${name}"`,
  );
}

/** What comes out would be in the order of its values. `by`: what it is that compares rows. */
export function ordering({ column }: Source, how: string, by: "join" | "group"): Refused {
  const next =
    by === "join"
      ? `the same by another column, or ${column} compared by = with values that the statement names`
      : "the same with columns, comparisons and count() alone and in a random order: ORDER BY gen_random_uuid(); or counted: SELECT count(*) FROM (…) AS x";
  return new Refused(`${column} is masked and cannot be ${how} here: that would tell which of its values comes first`, next);
}

export function unknown(name: string): Refused {
  return new Refused(
    `there is no "${name}" that the gate knows of in this database`,
    "another name; if it is new, the same again in a moment",
    { unknown: true },
  );
}

export function unprovenFunction(name: string): Refused {
  return new Refused(
    `the function ${name}() may read anything`,
    "the same without it, or have it named under masking.functions of the target",
  );
}
