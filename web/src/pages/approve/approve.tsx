/** What waits for the person's yes or no: requests for access, and statements that stand still until they are decided. */
import { BellOff, BellRing } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { usePageKeys } from "../../app/keys.tsx";
import { notifies, startNotifying, stopNotifying } from "../../app/notify.ts";
import { useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Page } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Empty } from "../../parts/state.tsx";
import { Ago, formatDuration } from "../../parts/time.tsx";
import style from "./approve.module.css";
import { HoldDetail } from "./hold-detail.tsx";
import { neighbourOf, queueOf, type Item } from "./queue.ts";
import { RequestDetail } from "./request-detail.tsx";

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
  const help = usePageKeys([
    { key: "j", does: "the next one", act: () => move(1) },
    { key: "k", does: "the one before", act: () => move(-1) },
    { key: "a", does: "approve: as it is, shorter, or for less", act: () => decide("approve") },
    { key: "d", does: "deny, with a reason", act: () => decide("deny") },
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
              Requests that you have a place in, and statements held for you, come here by themselves.
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
      {help}
    </Page>
  );
}

function QueueItem({ item: { id, request, hold }, current }: { readonly item: Item; readonly current: boolean }): ReactNode {
  return (
    <li>
      <Link to={`/approve/${id}`} className={style["item"]} aria-current={current ? "true" : undefined}>
        {request ? (
          <>
            <span className={style["who"]}>
              <strong>{request.requester}</strong>: {request.role} on {targetsInWords(request.scope.map(({ target }) => target))}
            </span>
            <span className={style["why"]}>
              <Plain text={request.reason} />
            </span>
            <span className={style["when"]}>
              {formatDuration(request.durationMs)} · asked <Ago at={request.createdAt} />
              {request.type !== "ordinary" && <Badge>{request.type}</Badge>}
            </span>
          </>
        ) : (
          <>
            <span className={style["who"]}>
              <Badge tone="warn">held</Badge> <strong>{hold.principal}</strong> on {hold.target}
            </span>
            <code className={style["what"]}>
              <Plain text={hold.what} />
            </code>
            <span className={style["when"]}>
              waits since <Ago at={hold.createdAt} />
            </span>
          </>
        )}
      </Link>
    </li>
  );
}

function targetsInWords([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function NotifyChoice(): ReactNode {
  const say = useSay();
  const [on, setOn] = useState(notifies);
  const turn = async (): Promise<void> => {
    if (on) stopNotifying();
    const now = !on && (await startNotifying());
    if (!on && !now) say("This browser does not allow notifications of the gate; its settings for this page can");
    setOn(now);
  };
  return (
    <Button
      look="quiet"
      aria-pressed={on}
      icon={on ? <BellRing size={15} aria-hidden="true" /> : <BellOff size={15} aria-hidden="true" />}
      onClick={() => void turn()}
    >
      {on ? "This browser tells me" : "Tell me in this browser"}
    </Button>
  );
}
