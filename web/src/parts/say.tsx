/** What became of something the person did, said once: seen at the edge of the page, heard by who does not see it. */
import { createContext, use, useCallback, useEffect, useState, type ReactNode } from "react";
import style from "./say.module.css";

const SHOWN_MS = 8_000;

type Say = (text: ReactNode) => void;
const SayContext = createContext<Say>(() => undefined);

export function useSay(): Say {
  return use(SayContext);
}

export function Saying({ children }: { readonly children: ReactNode }): ReactNode {
  const [said, setSaid] = useState<{ readonly text: ReactNode } | undefined>();
  const say = useCallback<Say>((text) => setSaid({ text }), []);
  useEffect(() => {
    if (said === undefined) return undefined;
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <SayContext value={say}>
      {children}
      <div className={style["place"]} role="status">
        {said !== undefined && <p className={style["said"]}>{said.text}</p>}
      </div>
    </SayContext>
  );
}
