import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import type { NavigationEntry } from "./places.tsx";

const PATIENCE_MS = 1_500;

/** `g` and then a page's letter goes there, wherever nobody types text. */
export function useGoKeys(entries: readonly NavigationEntry[]): void {
  const [, go] = useLocation();
  // The page may be drawn anew between the two keys.
  const pressedAt = useRef(-Infinity);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const since = event.timeStamp - pressedAt.current;
      pressedAt.current = event.key === "g" ? event.timeStamp : -Infinity;
      if (since > PATIENCE_MS) return;
      const entry = entries.find(({ key }) => key === event.key);
      if (!entry) return;
      // The same letter may mean something to the page: not this time.
      event.stopImmediatePropagation();
      go(entry.path);
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, [entries, go]);
}

/** Whether a key belongs to what has the focus: fields, terminals, dialogs. A dialog that was closed has it for a moment yet. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.closest("[role=dialog][data-closed]")) return false;
  return target.isContentEditable || target.closest("input, textarea, select, .xterm, [role=dialog]") !== null;
}
