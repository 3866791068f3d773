/** What waits for the person, in the order in which it is looked at. */
import type { Status } from "../../app/places.tsx";

type Request = Status["toApprove"][number];
type Hold = Status["toDecide"][number];

type Review = Status["toReview"][number];

export type Item =
  | { readonly id: string; readonly kind: "request"; readonly request: Request }
  | { readonly id: string; readonly kind: "hold"; readonly hold: Hold }
  | { readonly id: string; readonly kind: "review"; readonly grant: Review };

/**
 * Statements first: behind each somebody's client stands still. Then whoever has waited longest. What is looked back at comes
 * last: nobody waits behind it.
 */
export function queueOf({ toApprove, toDecide, toReview }: Pick<Status, "toApprove" | "toDecide" | "toReview">): readonly Item[] {
  const oldest = (a: { createdAt: number }, b: { createdAt: number }): number => a.createdAt - b.createdAt;
  return [
    ...toDecide.toSorted(oldest).map((hold): Item => ({ id: hold.id, kind: "hold", hold })),
    ...toApprove.toSorted(oldest).map((request): Item => ({ id: request.id, kind: "request", request })),
    ...toReview.toSorted((a, b) => a.start - b.start).map((grant): Item => ({ id: grant.id, kind: "review", grant })),
  ];
}

/** The one after `id`, or before it where it is the last: where one goes on once it is decided. */
export function neighbourOf(queue: readonly Item[], id: string, step: 1 | -1): Item | undefined {
  const at = queue.findIndex((item) => item.id === id);
  if (at < 0) return queue[0];
  return queue[at + step] ?? queue[at];
}
