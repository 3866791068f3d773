/** The end of what happened in a live session, as it goes on: as lines beside its screen, or as its statements. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import type { ProblemError } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { Panel } from "../../parts/page.tsx";
import { Shown } from "../../parts/state.tsx";
import { entriesOf } from "../session/entries.ts";
import { Statements } from "../session/statements.tsx";
import { Timeline } from "../session/timeline.tsx";
import type { Session } from "../sessions/filters.ts";
import { Connection } from "./connection.tsx";
import type { Following } from "./live-frames.ts";
import style from "./watch.module.css";

const LOOK_MS = 2_000;
const LATEST = 200;

export function Happened({ id, live }: { readonly id: string; readonly live: boolean }): ReactNode {
  const latest = useLatest(id, live);
  const [chosen, setChosen] = useState<number>();
  return (
    <Panel title="What happened" flush>
      <Shown of={latest}>
        {({ entries: told, earlier }) => {
          const entries = entriesOf(told);
          return (
            <>
              <Timeline entries={entries} current={chosen ?? entries.at(-1)?.seq} onChoose={({ seq }) => setChosen(seq)} />
              {earlier && <Earlier id={id} />}
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}

export function Stream({ session: { id, ended }, following }: { readonly session: Session; readonly following: Following }): ReactNode {
  const latest = useLatest(id, ended === undefined);
  const [chosen, setChosen] = useState<number>();
  return (
    <Panel title="Statements" flush actions={<Connection state={ended ? "over" : following.state} />}>
      <Shown of={latest}>
        {({ entries, earlier }) => (
          <>
            <Statements session={id} told={entries.toReversed()} current={chosen} onChoose={setChosen} />
            {earlier && <Earlier id={id} />}
          </>
        )}
      </Shown>
    </Panel>
  );
}

function Earlier({ id }: { readonly id: string }): ReactNode {
  return (
    <p className={style["foot"]}>
      These are the latest. <Link to={`/sessions/${id}`}>Everything from the start</Link>
    </p>
  );
}

/** The end of what happened, as it goes on. */
function useLatest(id: string, live: boolean): UseQueryResult<Result<"sessions.timeline">, ProblemError> {
  return useCall("sessions.timeline", { params: { id }, query: { latest: true, limit: LATEST } }, live ? { everyMs: LOOK_MS } : {});
}
