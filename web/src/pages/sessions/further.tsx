import type { ReactNode } from "react";
import { problemOf, type ProblemError } from "../../api/problem.ts";
import { Button } from "../../parts/button.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./sessions.module.css";

interface FurtherProps {
  readonly of: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly error: ProblemError | null;
    readonly fetchNextPage: () => unknown;
  };
  readonly label: string;
}

/** The next page of an answer that comes page by page, where there is one. */
export function Further({ of, label }: FurtherProps): ReactNode {
  if (!of.hasNextPage) return null;
  return (
    <div className={style["further"]}>
      {of.isFetchNextPageError && <ProblemNote problem={problemOf(of.error)} />}
      <Button onClick={() => void of.fetchNextPage()} busy={of.isFetchingNextPage}>
        {label}
      </Button>
    </div>
  );
}
