import type { ReactNode } from "react";
import { Link } from "wouter";
import style from "./tabs.module.css";

export interface Tab {
  readonly to: string;
  readonly name: ReactNode;
  readonly current: boolean;
}

/** Parts of one page, each with an address of its own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }): ReactNode {
  return (
    <nav className={style["tabs"]} aria-label={label}>
      {tabs.map(({ to, name, current }) => (
        <Link key={to} to={to} replace className={style["tab"]} aria-current={current ? "true" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
