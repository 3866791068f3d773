/**
 * What waits for the person's yes or no: requests for access, statements that stand still until they are decided, and access
 * that was taken by breaking glass, to be looked back at.
 */
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { useKeys } from "../../app/keys.tsx";
import { NotifyChoice } from "../../app/notify-choice.tsx";
import { useStatus } from "../../app/status.ts";
import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/state.tsx";
import style from "./approve.module.css";
import { HoldDetail } from "./hold-detail.tsx";
import { neighbourOf, queueOf } from "./queue.ts";
import { QueueItem } from "./queue-item.tsx";
import { RequestDetail } from "./request-detail.tsx";
import { ReviewDetail } from "./review-detail.tsx";

export type Deciding = "approve" | "deny" | undefined;

export default function Approve(): ReactNode {
  const { id } = useParams<{ id?: string }>();
  const queue = queueOf(useStatus());
  const [, go] = useLocation();
  const [deciding, setDeciding] = useState<{ readonly id: string; readonly how: Deciding }>();
  const [first] = queue;
  // On a wide window the first is open beside the list; its address stays the list's.
  const shown = id ?? first?.id;
  const move = (step: 1 | -1): void => {
    const next = shown === undefined ? undefined : neighbourOf(queue, shown, step);
    if (next) go(`/approve/${next.id}`, { replace: id !== undefined });
  };
  const decide = (how: Deciding): void => {
    if (shown !== undefined) setDeciding({ id: shown, how });
  };
  useKeys([
    { key: "j", does: "the next one", act: () => move(1) },
    { key: "k", does: "the one before", act: () => move(-1) },
    { key: "a", does: "approve: as it is, shorter, or for less; of broken glass: justified", act: () => decide("approve") },
    { key: "d", does: "deny, with a reason; of broken glass: not justified", act: () => decide("deny") },
  ]);
  /** On to the next; what was decided leaves the queue by itself. */
  const done = (): void => {
    setDeciding(undefined);
    const next = queue.find((item) => item.id !== shown);
    go(next ? `/approve/${next.id}` : "/approve", { replace: true });
  };
  const how = deciding !== undefined && deciding.id === shown ? deciding.how : undefined;
  return (
    <Page title="Approve" lead="Nobody approves their own." actions={<NotifyChoice />}>
      <div className={style["columns"]} data-open={id !== undefined}>
        <nav className={style["queue"]} aria-label="Waiting for you">
          {queue.length === 0 ? (
            <Empty title="Nothing waits for you">
              Requests that you have a place in, statements held for you and broken glass to look back at come here by themselves.
            </Empty>
          ) : (
            <ul>
              {queue.map((item) => (
                <QueueItem key={item.id} item={item} current={item.id === shown} />
              ))}
            </ul>
          )}
        </nav>
        {shown !== undefined && (
          <div className={style["detail"]}>
            <Link to="/approve" className={style["back"]}>
              ← All that waits
            </Link>
            {shown.startsWith("hold-") ? (
              <HoldDetail key={shown} id={shown} deciding={how} onDecide={decide} onDone={done} />
            ) : shown.startsWith("gr-") ? (
              <ReviewDetail key={shown} id={shown} deciding={how} onDecide={decide} onDone={done} />
            ) : (
              <RequestDetail key={shown} id={shown} deciding={how} onDecide={decide} onDone={done} />
            )}
          </div>
        )}
      </div>
      {queue.length > 0 && (
        <p className={style["hint"]}>
          <kbd>j</kbd> <kbd>k</kbd> next and before · <kbd>a</kbd> approve · <kbd>d</kbd> deny · <kbd>?</kbd> all keys
        </p>
      )}
    </Page>
  );
}
