import { useState, type ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import style from "./setup.module.css";

/** A piece of the configuration, to be copied into the file. */
export function Block({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className={style["block"]}>
      <pre className={style["text"]} tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <Button onClick={() => void copy().catch(() => undefined)}>{copied ? "Copied" : "Copy"}</Button>
    </div>
  );
}
