import { useId, type ReactNode } from "react";
import { formatDuration } from "../../parts/time.tsx";
import type { RoleChoice } from "./draft.ts";
import style from "./request.module.css";

interface RoleFieldProps {
  readonly roles: readonly RoleChoice[];
  readonly chosen: string;
  readonly onChoose: (role: string) => void;
}

/** Roles by what they let one do. */
export function RoleField({ roles, chosen, onChoose }: RoleFieldProps): ReactNode {
  const group = useId();
  return (
    <fieldset className={style["set"]}>
      <legend className={style["legend"]}>To do what</legend>
      <div className={style["roles"]}>
        {roles.map(({ role, allows, approvals, maxDurationMs }) => (
          <label key={role} className={style["role"]}>
            <input type="radio" name={group} checked={role === chosen} onChange={() => onChoose(role)} />
            <span className={style["roleWords"]}>
              <strong>{role}</strong>
              {allows.map((line) => (
                <span key={line} className={style["allows"]}>
                  {line}
                </span>
              ))}
              <span className={style["takes"]}>
                {approvals.length === 0 ? "no approval needed" : `takes ${approvals.join(" and ")}`} · at most{" "}
                {formatDuration(maxDurationMs)}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
