import type { ReactNode } from "react";
import { Link } from "wouter";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { formatBytes, formatDuration, Time, useNow } from "../../parts/time.tsx";
import type { Session } from "./filters.ts";
import style from "./sessions.module.css";

/** One line; on a phone, a few. */
export function SessionRow({
  session,
  within = "/sessions",
  action,
}: {
  readonly session: Session;
  readonly within?: "/sessions" | "/live";
  /** What else can be done with it than to open it. */
  readonly action?: ReactNode;
}): ReactNode {
  const { id, principal, target, protocol, remote, startedAt, ended } = session;
  return (
    <li className={action === undefined ? undefined : style["acted"]}>
      <Link to={`${within}/${id}`} className={style["row"]} data-row="">
        <span className={style["whoWhat"]}>
          <strong>
            <Plain text={principal} />
          </strong>{" "}
          on <Plain text={target} />
        </span>
        <span className={style["kind"]}>{protocol}</span>
        <span className={style["when"]}>
          <Time at={startedAt} />
        </span>
        <span className={style["long"]}>{ended ? formatDuration(ended.durationMs) : <Since at={startedAt} />}</span>
        <span className={style["bytes"]}>{ended ? formatBytes(ended.bytesIn + ended.bytesOut) : ""}</span>
        <span className={style["from"]}>
          <Plain text={remote.replace(/:[0-9]+$/, "")} />
        </span>
        <span className={style["how"]}>
          <HowItEnded session={session} />
        </span>
      </Link>
      {action}
    </li>
  );
}

function Since({ at }: { readonly at: number }): ReactNode {
  return formatDuration(useNow() - at);
}

/** In a word; why is on the session's page. */
export function HowItEnded({ session: { ended, moderation } }: { readonly session: Session }): ReactNode {
  if (!ended && moderation?.present.length === 0) return <Badge tone="warn">waits</Badge>;
  if (!ended) return <Badge tone="good">live</Badge>;
  if (ended.how === "cut") return <Badge tone="bad">{ended.code ? ended.code.replaceAll("-", " ") : "cut"}</Badge>;
  if (ended.how === "lost") return <Badge tone="warn">lost</Badge>;
  return <Badge>closed</Badge>;
}
