/** What a place shows while it has nothing to show: loading, empty, refused, failed. */
import type { ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Problem } from "../../../src/contract/problem.ts";
import { problemOf, type ProblemError } from "../api/problem.ts";
import { Button } from "./button.tsx";
import { NEXT_STEPS } from "./next-steps.ts";
import { Plain } from "./plain.tsx";
import style from "./state.module.css";

/** Grey lines in place of text, after a moment: what comes at once does not flicker. */
export function Loading({ lines = 3, what = "Loading" }: { readonly lines?: number; readonly what?: string }): ReactNode {
  return (
    <div className={style["loading"]} role="status" aria-label={what}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className={style["line"]} style={{ width: `${90 - ((index * 23) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <div className={style["empty"]}>
      <p className={style["title"]}>{title}</p>
      {children !== undefined && <p className={style["text"]}>{children}</p>}
      {action}
    </div>
  );
}

interface ProblemNoteProps {
  readonly problem: Problem;
  /** What to do next, where the page knows better. */
  readonly next?: string;
  readonly onRetry?: (() => void) | undefined;
}

/** A refusal or failure: what, why, what next, and its code to look up. */
export function ProblemNote({ problem, next, onRetry }: ProblemNoteProps): ReactNode {
  const refused = problem.status === 401 || problem.status === 403 || problem.status === 404;
  const words = next ?? NEXT_STEPS[problem.code] ?? problem.next;
  return (
    <div className={refused ? style["refused"] : style["failed"]} role="alert">
      <p className={style["title"]}>{problem.title}</p>
      {problem.detail !== undefined && (
        <p className={style["text"]}>
          <Plain text={problem.detail} />
        </p>
      )}
      <p className={style["text"]}>{words}</p>
      <p className={style["code"]}>
        <code>{problem.code}</code>
        {problem.instance !== undefined && <span> · {problem.instance.replace("urn:sallyport:request:", "request ")}</span>}
      </p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** The result of a call, in whichever state it is. */
export function Shown<T>({
  of,
  loading,
  children,
}: {
  readonly of: Pick<UseQueryResult<T, ProblemError>, "data" | "error"> & { readonly refetch: () => unknown };
  readonly loading?: ReactNode;
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <ProblemNote problem={problemOf(of.error)} onRetry={() => void of.refetch()} />;
  return loading ?? <Loading />;
}
