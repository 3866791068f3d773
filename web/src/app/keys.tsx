/** Keys of what is on the page, where nobody types text; `?` shows them all, on every page. */
import { Keyboard } from "lucide-react";
import { createContext, use, useEffect, useRef, useState, type ReactNode } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { isTyping } from "./go-keys.ts";
import style from "./keys.module.css";
import type { NavigationEntry } from "./places.tsx";

export interface PageKey {
  /** As the browser calls it. */
  readonly key: string;
  readonly does: string;
  readonly act: () => void;
}

/** What a part of the page answers to at this moment. */
type Source = () => readonly PageKey[];

interface AllKeys {
  /** Of whoever came last first. */
  readonly sources: Set<Source>;
  readonly show: () => void;
}

const KeysContext = createContext<AllKeys | undefined>(undefined);

/** Around all that has keys. `entries`: where `g` and a letter go. */
export function Keys({ entries, children }: { readonly entries: readonly NavigationEntry[]; readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState<readonly PageKey[]>();
  const [sources] = useState(() => new Set<Source>());
  const [all] = useState<AllKeys>(() => ({ sources, show: () => setShown(keysOf(sources)) }));
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (event.key === "?") {
        event.preventDefault();
        return all.show();
      }
      const found = keysOf(sources).find(({ key }) => key === event.key);
      if (!found) return;
      event.preventDefault();
      found.act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [all, sources]);
  return (
    <KeysContext value={all}>
      {children}
      <Dialog title="Keys of this page" open={shown !== undefined} onOpenChange={(open) => !open && setShown(undefined)}>
        <dl className={style["keys"]}>
          {shown?.map(({ key, does }) => (
            <Line key={key} keys={[key === "Escape" ? "Esc" : key]}>
              {does}
            </Line>
          ))}
          <Line keys={["g", "…"]}>go to a page: {entries.map(({ key, name }) => `${key} ${name.toLowerCase()}`).join(", ")}</Line>
          <Line keys={["?"]}>these keys</Line>
        </dl>
      </Dialog>
    </KeysContext>
  );
}

function Line({ keys, children }: { readonly keys: readonly string[]; readonly children: ReactNode }): ReactNode {
  return (
    <div className={style["key"]}>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Each key once: the part of the page that came last has it. */
function keysOf(sources: ReadonlySet<Source>): readonly PageKey[] {
  const found = new Map<string, PageKey>();
  for (const source of [...sources].toReversed()) {
    for (const each of source()) if (!found.has(each.key)) found.set(each.key, each);
  }
  return [...found.values()];
}

/** For as long as what calls it is on the page. */
export function useKeys(keys: readonly PageKey[] | Source): void {
  const sources = use(KeysContext)?.sources;
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const source: Source = () => (typeof current.current === "function" ? current.current() : current.current);
    sources?.add(source);
    return () => void sources?.delete(source);
  }, [sources]);
}

/** The same for a pointer. */
export function ShowKeys({ className }: { readonly className: string | undefined }): ReactNode {
  const all = use(KeysContext);
  return (
    <button type="button" className={className} aria-label="Keys of this page" title="Keys of this page (?)" onClick={() => all?.show()}>
      <Keyboard size={16} aria-hidden="true" />
    </button>
  );
}
