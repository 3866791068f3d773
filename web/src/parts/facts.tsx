import type { ReactNode } from "react";
import style from "./facts.module.css";

/** What is known of one thing, a name and a value each. `over`: the value below its name, for long ones. */
export function Facts({ over = false, children }: { readonly over?: boolean; readonly children: ReactNode }): ReactNode {
  return <dl className={over ? `${style["facts"]} ${style["over"]}` : style["facts"]}>{children}</dl>;
}

export function Fact({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** What is known of one thing in a few words each, on one line where there is room. */
export function FactLine({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className={style["line"]}>{children}</span>;
}
