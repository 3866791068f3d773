/** Notifications of this browser about what waits for the person. Asked for by a click of theirs, never at load. */
import { plainText } from "../parts/plain.tsx";
import type { Change } from "./live-changes.ts";
import type { Status } from "./places.tsx";

const KEY = "sallyport.notify";

export function notifies(): boolean {
  return "Notification" in globalThis && Notification.permission === "granted" && localStorage.getItem(KEY) === "on";
}

/** Whether they will come from now on. */
export async function startNotifying(): Promise<boolean> {
  if (!("Notification" in globalThis)) return false;
  if ((await Notification.requestPermission()) !== "granted") return false;
  localStorage.setItem(KEY, "on");
  return true;
}

export function stopNotifying(): void {
  localStorage.removeItem(KEY);
}

/** Tells of each thing once; `known` waited already when the page was opened. */
export function notifier({ toApprove, toDecide }: Pick<Status, "toApprove" | "toDecide">, open: (path: string) => void) {
  const known = new Set<string>([...toApprove, ...toDecide].map(({ id }) => id));
  return ({ request, hold }: Change): void => {
    const { id } = request ?? hold;
    const waits = request ? request.mayApprove : hold.mayDecide;
    if (!waits || known.has(id)) return;
    known.add(id);
    if (!notifies()) return;
    // No statement: it may hold what is not for the screen of a locked telephone.
    const title = request
      ? `${request.requester} asks for ${request.role} on ${request.scope.map(({ target }) => target).join(", ")}`
      : `A statement of ${hold.principal} waits on ${hold.target}`;
    const shown = new Notification(plainText(title), { body: plainText((request ?? hold).reason), tag: id });
    shown.addEventListener("click", () => {
      globalThis.focus();
      shown.close();
      open(`/approve/${id}`);
    });
  };
}
