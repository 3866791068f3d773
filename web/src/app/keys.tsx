/** Keys of a page, where nobody types text; `?` shows them. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { isTyping } from "./go-keys.ts";
import style from "./keys.module.css";

export interface PageKey {
  readonly key: string;
  readonly does: string;
  readonly act: () => void;
}

/** What the page shows somewhere: the list of the keys, while it is asked for. */
export function usePageKeys(keys: readonly PageKey[]): ReactNode {
  const [shown, setShown] = useState(false);
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (event.key === "?") setShown(true);
      const found = current.current.find(({ key }) => key === event.key);
      if (!found) return;
      event.preventDefault();
      found.act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <Dialog title="Keys of this page" open={shown} onOpenChange={setShown}>
      <dl className={style["keys"]}>
        {keys.map(({ key, does }) => (
          <div key={key} className={style["key"]}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div className={style["key"]}>
          <dt>
            <kbd>g</kbd> <kbd>…</kbd>
          </dt>
          <dd>go to a page: h home, a approve, s sessions, and so on</dd>
        </div>
      </dl>
    </Dialog>
  );
}
