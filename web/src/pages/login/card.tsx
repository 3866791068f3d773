import type { ReactNode } from "react";
import style from "./login.module.css";

/** What stands alone on the page: before somebody is logged in there is nothing round it. */
export function Card({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <main className={style["page"]}>
      <div className={style["card"]}>
        <div className={style["brand"]}>
          <img src="/gate.svg" alt="" width={36} height={36} />
          <h1>{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
