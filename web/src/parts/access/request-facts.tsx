import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { Badge } from "../badge.tsx";
import { Ago, formatDuration } from "../time.tsx";
import { Reason } from "./reason.tsx";
import style from "./request-facts.module.css";

type RequestView = Result<"requests.show">;

/** What a request says: why, what, for how long, and what its role lets one do. */
export function RequestFacts({ request }: { readonly request: RequestView }): ReactNode {
  const { type, requester, actsFor, reason, ticket, scope, role, allows, durationMs, createdAt } = request;
  return (
    <dl className={style["facts"]}>
      {actsFor !== undefined && (
        <>
          <dt>For</dt>
          <dd>
            <strong>{actsFor}</strong>: {requester} is an agent of theirs
          </dd>
        </>
      )}
      <dt>Why</dt>
      <dd className={style["why"]}>
        <Reason reason={reason} ticket={ticket} />
      </dd>
      <dt>What</dt>
      <dd>
        <ul className={style["scope"]}>
          {scope.map(({ target, kind, account, address, rule }) => (
            <li key={target}>
              <strong>{target}</strong>{" "}
              <span className={style["soft"]}>
                {kind} as {account} at {address}, by rule {rule}
              </span>
            </li>
          ))}
        </ul>
      </dd>
      <dt>How long</dt>
      <dd>
        {formatDuration(durationMs)}
        {type === "extension" && " more, of access there is already"}
        {type === "break-glass" && (
          <>
            {" "}
            <Badge tone="bad">break-glass</Badge>
          </>
        )}
      </dd>
      <dt>Role</dt>
      <dd>
        <strong>{role}</strong>
        <ul className={style["allows"]}>
          {allows.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </dd>
      <dt>Asked</dt>
      <dd>
        <Ago at={createdAt} />
      </dd>
    </dl>
  );
}
