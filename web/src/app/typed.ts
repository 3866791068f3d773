/** What somebody has typed and not sent yet, kept in this tab: a login that ended meanwhile, at a provider or here, does not lose it. */
import { useCallback, useState } from "react";
import { useStatus } from "./status.ts";

const PREFIX = "sallyport.typed.";

/** `given` goes before what was kept. `forget` once it is sent. */
export function useTyped(field: string, given: string | null): readonly [text: string, type: (text: string) => void, forget: () => void] {
  // Whoever logs in next in this tab does not find it.
  const key = `${PREFIX}${useStatus().me.name}.${field}`;
  const [text, setText] = useState(() => given ?? sessionStorage.getItem(key) ?? "");
  const type = useCallback(
    (next: string): void => {
      setText(next);
      sessionStorage.setItem(key, next);
    },
    [key],
  );
  const forget = useCallback((): void => sessionStorage.removeItem(key), [key]);
  return [text, type, forget];
}

/** Of everybody, at the end of a login that its person ended. */
export function forgetTyped(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
