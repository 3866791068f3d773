/**
 * Whether approvals meet an expression: exact, not counted group by group.
 *
 * An expression is expanded into alternatives (its ORs), each a list of places (its quorums); an alternative is met
 * when every place can be given to a different person who was in one of the place's groups when approving: a matching
 * between places and people. So one person in two groups fills one place, and more approvals than needed do no harm.
 */
import type { Approval, ApprovalExpression } from "./model.ts";
import { personIn } from "./person-place.ts";

/** One seat: the groups any of whose members may take it. */
export type Place = readonly string[];

const MAX_ALTERNATIVES = 64;
const MAX_PLACES = 40;

/** The alternatives of an expression; `undefined` when there are too many to decide exactly. */
export function expand(expression: ApprovalExpression): readonly (readonly Place[])[] | undefined {
  if (expression.kind === "quorum") return [Array.from({ length: expression.count }, () => expression.groups)];
  let found: (readonly Place[])[] = expression.kind === "and" ? [[]] : [];
  for (const part of expression.parts) {
    const alternatives = expand(part);
    if (alternatives === undefined) return undefined;
    found =
      expression.kind === "or" ? [...found, ...alternatives] : found.flatMap((left) => alternatives.map((right) => left.concat(right)));
    if (found.length > MAX_ALTERNATIVES || found.some((places) => places.length > MAX_PLACES)) return undefined;
  }
  return found;
}

/** `requester`'s own approvals never count. Fails closed: an expression too large to decide is not met. */
export function isMet(expression: ApprovalExpression, approvals: readonly Approval[], requester: string): boolean {
  const people = distinct(approvals, requester);
  return expand(expression)?.some((places) => unfilled(places, people).length === 0) ?? false;
}

/** What is still to come, in words: `1 of leads and 1 of (security or owners)`; one line for each way; empty when met. */
export function missing(expression: ApprovalExpression, approvals: readonly Approval[], requester: string): readonly string[] {
  const people = distinct(approvals, requester);
  const open = (expand(expression) ?? []).map((places) => unfilled(places, people));
  if (open.some((places) => places.length === 0)) return [];
  return [...new Set(open.map(inWords))];
}

/** Whether somebody in these groups could fill any place of the expression. */
export function hasPlace(expression: ApprovalExpression, groups: readonly string[]): boolean {
  if (expression.kind === "quorum") return expression.groups.some((group) => groups.includes(group));
  return expression.parts.some((part) => hasPlace(part, groups));
}

function distinct(approvals: readonly Approval[], requester: string): readonly Approval[] {
  const seen = new Set<string>([requester]);
  return approvals.filter(({ by }) => {
    if (seen.has(by)) return false;
    seen.add(by);
    return true;
  });
}

/** The places left over by a largest matching of places to people (augmenting paths). */
function unfilled(places: readonly Place[], people: readonly Approval[]): readonly Place[] {
  const seatOf = new Map<number, number>();
  const seat = (place: number, tried: Set<number>): boolean => {
    for (const [index, person] of people.entries()) {
      if (tried.has(index) || !(places[place] ?? []).some((group) => person.groups.includes(group))) continue;
      tried.add(index);
      const taken = seatOf.get(index);
      if (taken === undefined || seat(taken, tried)) {
        seatOf.set(index, place);
        return true;
      }
    }
    return false;
  };
  return places.filter((_, place) => !seat(place, new Set()));
}

function inWords(places: readonly Place[]): string {
  const counts = new Map<string, number>();
  for (const groups of places) {
    const name = groups.length === 1 ? (groups[0] ?? "") : `(${groups.join(" or ")})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => personIn(name) ?? `${count} of ${name}`).join(" and ");
}
