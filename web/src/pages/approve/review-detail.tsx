/** Somebody broke the glass: access came first, and this is the look afterwards, with what was found in words of one's own. */
import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useCall } from "../../api/queries.ts";
import { useStatus } from "../../app/status.ts";
import { Reason } from "../../parts/access/reason.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Ago, formatDuration } from "../../parts/time.tsx";
import { SessionRow } from "../sessions/row.tsx";
import style from "./approve.module.css";
import { DecideBar } from "./decide-bar.tsx";
import type { DetailProps } from "./request-detail.tsx";
import { ReviewDialog } from "./review-dialog.tsx";

type Grant = Result<"grants.show">;

export function ReviewDetail(props: DetailProps): ReactNode {
  const grant = useCall("grants.show", { params: { id: props.id } });
  return <Shown of={grant}>{(found) => <Detail {...props} grant={found} />}</Shown>;
}

function Detail({ grant, deciding, onDecide, onDone }: DetailProps & { readonly grant: Grant }): ReactNode {
  const { id, principal, role } = grant;
  const waits = useStatus().toReview.some((each) => each.id === id);
  return (
    <>
      <Panel
        title={
          <span className={style["title"]}>
            {principal} broke the glass for {role} <ReviewState grant={grant} />
          </span>
        }
      >
        <Facts grant={grant} />
      </Panel>
      <Panel title="What was done" flush>
        <SessionsOf grant={id} />
      </Panel>
      {waits && (
        <>
          <DecideBar onDecide={onDecide} no="Not justified…" yes="Justified…" />
          <ReviewDialog
            grant={grant}
            verdict={deciding === "deny" ? "unjustified" : "justified"}
            open={deciding !== undefined}
            onClose={() => onDecide(undefined)}
            onDone={onDone}
          />
        </>
      )}
    </>
  );
}

function ReviewState({ grant: { breakGlass } }: { readonly grant: Grant }): ReactNode {
  if (breakGlass?.verdict !== undefined)
    return <Badge tone={breakGlass.verdict === "justified" ? "good" : "bad"}>{breakGlass.verdict}</Badge>;
  return breakGlass?.escalatedAt === undefined ? <Badge tone="warn">waits for review</Badge> : <Badge tone="bad">overdue</Badge>;
}

function Facts({ grant }: { readonly grant: Grant }): ReactNode {
  const { reason, ticket, scope, start, end, state, endedAt, endedReason, breakGlass } = grant;
  return (
    <dl className={style["facts"]}>
      <dt>Why</dt>
      <dd>
        <Reason reason={reason} ticket={ticket} />
      </dd>
      <dt>Where</dt>
      <dd>
        <ul>
          {scope.map(({ target, kind, account, address }) => (
            <li key={target}>
              <strong>{target}</strong>{" "}
              <span className={style["soft"]}>
                {kind} as {account} at {address}
              </span>
            </li>
          ))}
        </ul>
      </dd>
      <dt>When</dt>
      <dd>
        <Ago at={start} />, for {formatDuration(end - start)};{" "}
        {state === "active" ? (
          <Badge tone="warn">still open</Badge>
        ) : (
          <>
            ended {endedAt !== undefined && <Ago at={endedAt} />}
            {endedReason !== undefined && (
              <>
                : <Plain text={endedReason} />
              </>
            )}
          </>
        )}
      </dd>
      {breakGlass?.reviewedBy !== undefined && breakGlass.reviewedAt !== undefined && (
        <>
          <dt>Reviewed</dt>
          <dd>
            by <strong>{breakGlass.reviewedBy}</strong>, <Ago at={breakGlass.reviewedAt} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** Each leads to what was done in it. */
function SessionsOf({ grant }: { readonly grant: Grant["id"] }): ReactNode {
  const found = useCall("sessions.list", { query: { grant, all: true } }, { everyMs: 5_000 });
  return (
    <Shown of={found}>
      {({ sessions }) =>
        sessions.length === 0 ? (
          <Empty title="No session was opened under it">Access was taken, and not used so far.</Empty>
        ) : (
          <ul>
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )
      }
    </Shown>
  );
}
