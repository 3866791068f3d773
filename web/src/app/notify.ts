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

interface Told {
  /** What it is told of once. */
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly path: string;
}

/** Tells of each thing once; `known` waited already when the page was opened. */
export function notifier({ me, ...waiting }: Waiting, open: (path: string) => void): (change: Change) => void {
  const { toApprove, toDecide, toReview, toModerate } = waiting;
  const known = new Set<string>([
    ...[...toApprove, ...toDecide, ...toModerate].map(({ id }) => id),
    ...toReview.map(({ request }) => request),
  ]);
  return (change) => {
    const told = toldOf(change, me.name);
    // A session waits each time that others have left it; of what one left oneself one knows.
    const present = "session" in change ? (change.session.moderation?.present ?? []) : [];
    if ("session" in change && told === undefined && !present.some(({ who }) => who === me.name)) known.delete(change.session.id);
    if (told === undefined || known.has(told.id)) return;
    known.add(told.id);
    if (!notifies()) return;
    const shown = new Notification(plainText(told.title), { body: plainText(told.body), tag: told.id });
    shown.addEventListener("click", () => {
      globalThis.focus();
      shown.close();
      open(told.path);
    });
  };
}

type Waiting = Pick<Status, "me" | "toApprove" | "toDecide" | "toReview" | "toModerate">;

/** Nothing where it does not wait for the person. No statement: it may hold what is not for the screen of a locked telephone. */
function toldOf(change: Change, me: string): Told | undefined {
  if ("request" in change) {
    const { id, requester, role, scope, reason, mayApprove, type, grant, state } = change.request;
    const on = `${role} on ${scope.map(({ target }) => target).join(", ")}`;
    if (mayApprove) return { id, title: `${requester} asks for ${on}`, body: reason, path: `/approve/${id}` };
    if (type !== "break-glass" || state !== "approved" || grant === undefined || requester === me) return undefined;
    return { id, title: `${requester} broke the glass for ${on}`, body: reason, path: `/approve/${grant}` };
  }
  if ("hold" in change) {
    const { id, principal, target, reason, mayDecide } = change.hold;
    return mayDecide ? { id, title: `A statement of ${principal} waits on ${target}`, body: reason, path: `/approve/${id}` } : undefined;
  }
  const { id, principal, target, ended, moderation } = change.session;
  if (ended || moderation?.mayModerate !== true || moderation.present.length > 0) return undefined;
  return {
    id,
    title: `${principal} on ${target} waits for a moderator`,
    body: "Nothing passes in it until one is there",
    path: `/live/${id}`,
  };
}
