import { Siren } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import style from "./request.module.css";

interface BreakGlassProps {
  readonly understood: boolean;
  readonly onUnderstand: (understood: boolean) => void;
  readonly onLeave: () => void;
  readonly ready: boolean;
  readonly busy: boolean;
}

/** Access first, review after: said plainly, and confirmed, before it is done. */
export function BreakGlass({ understood, onUnderstand, onLeave, ready, busy }: BreakGlassProps): ReactNode {
  return (
    <section className={style["loud"]} aria-labelledby="loud">
      <h2 id="loud">
        <Siren size={18} aria-hidden="true" /> Break the glass
      </h2>
      <ul className={style["consequences"]}>
        <li>You get the access at once, without anybody's yes.</li>
        <li>The approvers and the security team are told at once that you did.</li>
        <li>Somebody else reviews it afterwards. While that is overdue, you cannot ask for anything as usual.</li>
      </ul>
      <label className={style["confirm"]}>
        <input type="checkbox" checked={understood} onChange={({ target }) => onUnderstand(target.checked)} />
        <span>This cannot wait for an approval, and I answer for it.</span>
      </label>
      <div className={style["row"]}>
        <Button type="submit" look="danger" disabled={!ready} busy={busy}>
          Break the glass
        </Button>
        <Button look="quiet" onClick={onLeave}>
          Ask as usual
        </Button>
      </div>
    </section>
  );
}
