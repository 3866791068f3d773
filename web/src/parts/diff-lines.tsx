import type { ReactNode } from "react";
import style from "./diff-lines.module.css";
import { Plain } from "./plain.tsx";

/** What would be, or was, changed, a line for each change, as the gate words it. */
export function DiffLines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <ul className={style["lines"]} aria-label="Changes">
      {lines.map((line, index) => (
        <li key={`${index} ${line}`} data-sign={/^[+-]/.exec(line)?.[0]}>
          <Plain text={line} />
        </li>
      ))}
    </ul>
  );
}
