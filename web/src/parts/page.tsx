import { createContext, use, useEffect, type ReactNode } from "react";
import style from "./page.module.css";

/** How many things wait for the person: before the name of the page, where a window behind others still shows it. */
export const Waiting = createContext(0);

interface PageProps {
  readonly title: string;
  /** Beside the title. */
  readonly actions?: ReactNode;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, actions, lead, children }: PageProps): ReactNode {
  const waiting = use(Waiting);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title} · Sallyport`;
  }, [title, waiting]);
  return (
    <div className={style["page"]}>
      <header className={style["head"]}>
        <div className={style["words"]}>
          <h1 tabIndex={-1}>{title}</h1>
          {lead !== undefined && <p className={style["lead"]}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={style["actions"]}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** Its content comes up to the edges: tables, terminals. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush = false, children }: PanelProps): ReactNode {
  return (
    <section className={style["panel"]}>
      {(title !== undefined || actions !== undefined) && (
        <div className={style["panelHead"]}>
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div className={style["actions"]}>{actions}</div>}
        </div>
      )}
      <div className={flush ? style["flush"] : style["panelBody"]}>{children}</div>
    </section>
  );
}
