/** What this browser knows of the head of the log. A head that is not to be trusted is the guard's to say, on every page. */
import type { ReactNode } from "react";
import { ShieldCheck, ShieldQuestionMark } from "lucide-react";
import { toBase64 } from "../../record/bytes.ts";
import { placeOf } from "../../record/head.ts";
import { useLogHead, type LogHead } from "../../record/use-log.ts";
import { Button } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import style from "./audit.module.css";

const EVERY_MS = 30_000;

export function HeadPanel(): ReactNode {
  const { data, refetch } = useLogHead({ everyMs: EVERY_MS });
  if (data === undefined) return null;
  if (data.state === "broken" || data.state === "missing") return null;
  return (
    <section className={style["head"]} aria-label="Head of the log">
      {data.state === "good" ? <Good {...data} /> : <NotYet head={data} onRetry={() => void refetch()} />}
    </section>
  );
}

function Good({ head, since, keep, kept }: Extract<LogHead, { state: "good" }>): ReactNode {
  return (
    <>
      <p className={style["good"]} role="status">
        <ShieldCheck size={16} aria-hidden="true" /> {head.size.toLocaleString()} entries, signed{continued(since, head.size)}.
        {!kept && " This browser keeps nothing, and so it will not notice a log that is replaced."}
      </p>
      <details>
        <summary>Head and key</summary>
        <Facts>
          <Fact name="Log">{placeOf(head.origin)}</Fact>
          <Fact name="Root">
            <code>{toBase64(head.root)}</code>
          </Fact>
          <Fact name="Verifier key">
            <CopyLine text={keep.vkey} label="Copy the verifier key" />
            <p>Compare it once with what the gate printed at its start, over another way than this page.</p>
          </Fact>
        </Facts>
      </details>
    </>
  );
}

function continued(since: Extract<LogHead, { state: "good" }>["since"], size: number): string {
  if (since === "first") return "; this browser sees this log for the first time and remembers its head";
  if (since.size === size) return ", as this browser saw them before";
  return `, and they begin with the ${since.size.toLocaleString()} that this browser saw before`;
}

function NotYet({
  head,
  onRetry,
}: {
  readonly head: Exclude<LogHead, { state: "good" | "broken" | "missing" }>;
  readonly onRetry: () => void;
}): ReactNode {
  return (
    <p className={style["unsure"]} role="status">
      <ShieldQuestionMark size={16} aria-hidden="true" />
      {head.state === "none-yet" ? (
        "The gate has signed no head of the log yet. It does so within a second of its first entry."
      ) : (
        <>
          <span>
            The head of the log could not be verified. {head.why}. {head.next}.
          </span>
          <Button onClick={onRetry}>Look again</Button>
        </>
      )}
    </p>
  );
}
