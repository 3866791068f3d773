import { Check, CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import { Ago } from "../time.tsx";
import style from "./approval-places.module.css";

interface ApprovalPlacesProps {
  readonly demands: readonly string[];
  readonly approvals: readonly { readonly by: string; readonly at: number }[];
  readonly missing?: string | undefined;
  readonly approvers?: readonly string[] | undefined;
}

/** An approval expression as far as it has come: who has said yes, what is still to come and from whom. */
export function ApprovalPlaces({ demands, approvals, missing, approvers = [] }: ApprovalPlacesProps): ReactNode {
  if (demands.length === 0) return <p className={style["soft"]}>No approval is needed.</p>;
  return (
    <div className={style["places"]}>
      <p className={style["soft"]}>
        It takes <strong>{demands.join(" and ")}</strong>.
      </p>
      <ul className={style["list"]}>
        {approvals.map(({ by, at }) => (
          <li key={by} className={style["filled"]}>
            <Check size={14} aria-hidden="true" />
            <span>
              <strong>{by}</strong> said yes, <Ago at={at} />
            </span>
          </li>
        ))}
        {missing !== undefined && (
          <li className={style["missing"]}>
            <CircleDashed size={14} aria-hidden="true" />
            <span>
              Still to come: {missing}
              {approvers.length > 0 && <span className={style["soft"]}> ({namesInWords(approvers)})</span>}
            </span>
          </li>
        )}
      </ul>
    </div>
  );
}

const NAMED = 6;

export function namesInWords(names: readonly string[]): string {
  return names.length <= NAMED ? names.join(", ") : `${names.slice(0, NAMED - 1).join(", ")} and ${names.length - NAMED + 1} more`;
}
