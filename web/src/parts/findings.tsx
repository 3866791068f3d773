/** What a test found, step by step, below what it comes to. */
import type { ReactNode } from "react";
import { Check, X } from "lucide-react";
import { Plain } from "./plain.tsx";
import style from "./findings.module.css";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

interface FindingsProps {
  readonly ok: boolean;
  readonly verdict: string;
  readonly findings: readonly Finding[];
}

export function Findings({ ok, verdict, findings }: FindingsProps): ReactNode {
  return (
    <>
      <p className={style["verdict"]} data-ok={ok}>
        {ok ? <Check size={16} aria-hidden="true" /> : <X size={16} aria-hidden="true" />}
        {verdict}
      </p>
      <ul className={style["rows"]}>
        {findings.map(({ check, ok, detail, fix }) => (
          <li key={check} className={style["finding"]} data-ok={ok}>
            {ok ? <Check size={16} aria-label="right" /> : <X size={16} aria-label="wrong" />}
            <div>
              <p>
                <Plain text={check} />
              </p>
              <p className={style["soft"]}>
                <Plain text={detail} />
              </p>
              {fix !== undefined && (
                <p>
                  <Plain text={fix} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
