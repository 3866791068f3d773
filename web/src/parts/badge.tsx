import type { ReactNode } from "react";
import style from "./badge.module.css";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info";

export function Badge({ tone = "neutral", children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={`${style["badge"]} ${style[tone]}`}>{children}</span>;
}
