/** What this browser remembers of the gate's log, in its own store. */
import type { Remembered } from "./head.ts";
import { parseCheckpoint } from "./note.ts";

const KEY = "sallyport.log";

/** Untrusted: what is there may have been cut short or be another version's; then it is as if there were nothing. */
export function recall(store: Pick<Storage, "getItem"> = localStorage): Remembered | undefined {
  try {
    const value: unknown = JSON.parse(store.getItem(KEY) ?? "null");
    if (typeof value !== "object" || value === null) return undefined;
    const { vkey, note } = value as Partial<Record<string, unknown>>;
    return typeof vkey === "string" && typeof note === "string" && parseCheckpoint(note) ? { vkey, note } : undefined;
  } catch {
    return undefined;
  }
}

/** Another tab may have seen a later head meanwhile, which stays. */
export function remember(seen: Remembered, store: Pick<Storage, "getItem" | "setItem"> = localStorage): void {
  const stored = recall(store);
  if (stored && (parseCheckpoint(stored.note)?.size ?? 0) > (parseCheckpoint(seen.note)?.size ?? 0)) return;
  store.setItem(KEY, JSON.stringify(seen));
}

/** Somebody decided that the log they see is the one to trust from now on. */
export function forget(store: Pick<Storage, "removeItem"> = localStorage): void {
  store.removeItem(KEY);
}
