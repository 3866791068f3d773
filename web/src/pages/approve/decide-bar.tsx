import type { ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import type { Deciding } from "./approve.tsx";
import style from "./approve.module.css";

/** Yes and no, always in reach of the thumb. */
export function DecideBar({ onDecide, yes }: { readonly onDecide: (how: Deciding) => void; readonly yes: string }): ReactNode {
  return (
    <div className={style["bar"]}>
      <Button look="danger" onClick={() => onDecide("deny")}>
        Deny
      </Button>
      <Button look="main" onClick={() => onDecide("approve")}>
        {yes}
      </Button>
    </div>
  );
}
