/** What waits for the person, in the order in which it is looked at. */
import type { Status } from "../../app/places.tsx";

type Request = Status["toApprove"][number];
type Hold = Status["toDecide"][number];

export type Item =
  | { readonly id: string; readonly request: Request; readonly hold?: undefined }
  | { readonly id: string; readonly hold: Hold; readonly request?: undefined };

/** Statements first: behind each somebody's client stands still. Then whoever has waited longest. */
export function queueOf({ toApprove, toDecide }: Pick<Status, "toApprove" | "toDecide">): readonly Item[] {
  const oldest = (a: { createdAt: number }, b: { createdAt: number }): number => a.createdAt - b.createdAt;
  return [
    ...toDecide.toSorted(oldest).map((hold): Item => ({ id: hold.id, hold })),
    ...toApprove.toSorted(oldest).map((request): Item => ({ id: request.id, request })),
  ];
}

/** The one after `id`, or before it where it is the last: where one goes on once it is decided. */
export function neighbourOf(queue: readonly Item[], id: string, step: 1 | -1): Item | undefined {
  const at = queue.findIndex((item) => item.id === id);
  if (at < 0) return queue[0];
  return queue[at + step] ?? queue[at];
}
