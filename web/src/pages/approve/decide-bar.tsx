import type { ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import type { Deciding } from "./approve.tsx";
import style from "./approve.module.css";

/** Yes and no, always in reach of the thumb. */
export function DecideBar({
  onDecide,
  no = "Deny",
  yes,
}: {
  readonly onDecide: (how: Deciding) => void;
  readonly no?: string;
  readonly yes: string;
}): ReactNode {
  return (
    <div className={style["bar"]}>
      <Button look="danger" onClick={() => onDecide("deny")}>
        {no}
      </Button>
      <Button look="main" onClick={() => onDecide("approve")}>
        {yes}
      </Button>
    </div>
  );
}
