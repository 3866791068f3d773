/** What would become of a request, before it is sent: which rule, whose yes, for how long. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { call, type Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { namesInWords } from "../../parts/access/approval-places.tsx";
import { Panel } from "../../parts/page.tsx";
import { Loading, ProblemNote } from "../../parts/state.tsx";
import { formatDuration } from "../../parts/time.tsx";
import type { Draft } from "./draft.ts";
import style from "./request.module.css";

export type Outlook = Result<"requests.preview">;

const SETTLED_MS = 250;

/** Asked for once nothing was changed for a moment. What is said meanwhile is of what was chosen before. */
export function useOutlook({ targets, role, durationMs, breakGlass }: Draft, reason: string) {
  const complete = role !== "" && targets.length > 0;
  const body = {
    // The rules do not look at it, and it may not be written yet.
    reason: reason.trim() === "" ? "not written yet" : "written",
    role,
    targets: [...targets],
    breakGlass,
    ...(durationMs !== undefined && { durationMs }),
  };
  const text = JSON.stringify(body);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useQuery({
    queryKey: ["requests.preview", settled],
    queryFn: ({ signal }) => call("requests.preview", { body: JSON.parse(settled) as typeof body }, signal),
    enabled: complete && settled === text,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function OutlookPanel({ of, draft }: { readonly of: ReturnType<typeof useOutlook>; readonly draft: Draft }): ReactNode {
  const complete = draft.role !== "" && draft.targets.length > 0;
  return (
    <Panel title="What happens then">
      <div role="status" aria-live="polite" className={style["outlook"]}>
        {complete ? (
          <Then of={of} draft={draft} />
        ) : (
          <p className={style["soft"]}>
            Choose what you want to reach, and to do what. Then it says here which rule applies and who is asked.
          </p>
        )}
      </div>
    </Panel>
  );
}

function Then({ of: { data, error }, draft }: { readonly of: ReturnType<typeof useOutlook>; readonly draft: Draft }): ReactNode {
  if (error) return <ProblemNote problem={problemOf(error)} />;
  if (!data) return <Loading lines={3} />;
  const { rules, demands, approvers, durationMs, maxDurationMs, targets } = data;
  return (
    <dl className={style["facts"]}>
      <dt>{rules.length === 1 ? "Rule" : "Rules"}</dt>
      <dd>{rules.join(", ")}</dd>
      <dt>Approval</dt>
      <dd>
        {draft.breakGlass
          ? "afterwards: it is reviewed"
          : demands.length === 0
            ? "none needed: access comes at once"
            : demands.join(" and ")}
      </dd>
      {approvers.length > 0 && !draft.breakGlass && (
        <>
          <dt>Asked</dt>
          <dd>{namesInWords(approvers)}</dd>
        </>
      )}
      <dt>Lasts</dt>
      <dd>
        {formatDuration(durationMs)}, from the moment it is given; {formatDuration(maxDurationMs)} at most
      </dd>
      <dt>Covers</dt>
      <dd>{namesInWords(targets)}, and nothing else</dd>
    </dl>
  );
}
