import type { ReactNode } from "react";
import { Link } from "wouter";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Ago, formatDuration } from "../../parts/time.tsx";
import style from "./approve.module.css";
import type { Item } from "./queue.ts";

export function QueueItem({ item, current }: { readonly item: Item; readonly current: boolean }): ReactNode {
  return (
    <li>
      <Link to={`/approve/${item.id}`} className={style["item"]} aria-current={current ? "true" : undefined}>
        <InShort item={item} />
      </Link>
    </li>
  );
}

function InShort({ item }: { readonly item: Item }): ReactNode {
  if (item.kind === "hold") {
    const { principal, target, what, createdAt } = item.hold;
    return (
      <>
        <span className={style["who"]}>
          <Badge tone="warn">held</Badge> <strong>{principal}</strong> on {target}
        </span>
        <code className={style["what"]}>
          <Plain text={what} />
        </code>
        <span className={style["when"]}>
          waits since <Ago at={createdAt} />
        </span>
      </>
    );
  }
  if (item.kind === "review") {
    const { principal, role, scope, reason, start, state, breakGlass } = item.grant;
    return (
      <>
        <span className={style["who"]}>
          <Badge tone="bad">broken glass</Badge> <strong>{principal}</strong>: {role} on {targetsInWords(scope)}
        </span>
        <span className={style["why"]}>
          <Plain text={reason} />
        </span>
        <span className={style["when"]}>
          to review, since <Ago at={start} />
          {breakGlass?.escalatedAt !== undefined && <Badge tone="bad">overdue</Badge>}
          {state === "active" && <Badge tone="warn">still open</Badge>}
        </span>
      </>
    );
  }
  const { requester, role, scope, reason, durationMs, createdAt, type } = item.request;
  return (
    <>
      <span className={style["who"]}>
        <strong>{requester}</strong>: {role} on {targetsInWords(scope)}
      </span>
      <span className={style["why"]}>
        <Plain text={reason} />
      </span>
      <span className={style["when"]}>
        {formatDuration(durationMs)} · asked <Ago at={createdAt} />
        {type !== "ordinary" && <Badge>{type}</Badge>}
      </span>
    </>
  );
}

function targetsInWords([first, ...others]: readonly { readonly target: string }[]): string {
  const name = first?.target ?? "";
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}
