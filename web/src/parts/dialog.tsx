import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode, RefObject } from "react";
import style from "./dialog.module.css";

interface DialogProps {
  readonly title: ReactNode;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What has the focus first; absent: the first thing that can. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
}

/** Holds the focus while it is open, and gives it back. Escape closes it. */
export function Dialog({ title, open, onOpenChange, initialFocus, children }: DialogProps): ReactNode {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={style["backdrop"]} />
        <Base.Popup className={style["popup"]} {...(initialFocus && { initialFocus })}>
          <Base.Title className={style["title"]}>{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export function DialogActions({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={style["actions"]}>{children}</div>;
}
