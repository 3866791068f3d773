import { Check, Copy } from "lucide-react";
import { useState, type ReactNode } from "react";
import style from "./copy-line.module.css";

/** A command or value to take along, as it is. */
export function CopyLine({ text, label = "Copy" }: { readonly text: string; readonly label?: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span className={style["line"]}>
      <code className={style["text"]}>{text}</code>
      <button type="button" className={style["copy"]} aria-label={`${label}: ${text}`} onClick={() => void copy().catch(() => undefined)}>
        {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
      </button>
      <span className="visually-hidden" role="status">
        {copied ? "Copied" : ""}
      </span>
    </span>
  );
}
