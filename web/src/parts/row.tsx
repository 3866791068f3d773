import type { ReactNode } from "react";
import style from "./row.module.css";

/** A few things on one line, and on the next where there is no room. */
export function Row({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className={style["row"]}>{children}</span>;
}
