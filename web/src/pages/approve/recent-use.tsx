import type { ReactNode } from "react";
import { Link } from "wouter";
import { useCall } from "../../api/queries.ts";
import { RequestState } from "../../parts/access/request-state.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./approve.module.css";

const SHOWN = 5;

/** What the same person asked for before, as far as the approver may see it. */
export function RecentUse({ requester, besides }: { readonly requester: string; readonly besides: string }): ReactNode {
  const requests = useCall("requests.list", { query: { requester, limit: SHOWN + 1 } });
  return (
    <Panel title={`Asked for by ${requester} before`}>
      <Shown of={requests}>
        {({ requests: all }) => {
          const others = all.filter(({ id }) => id !== besides).slice(0, SHOWN);
          if (others.length === 0) return <p className={style["soft"]}>Nothing that you may see.</p>;
          return (
            <ul className={style["recent"]}>
              {others.map(({ id, role, scope, reason, state, createdAt }) => (
                <li key={id} className={style["earlier"]}>
                  <RequestState state={state} />
                  <Link to={`/requests/${id}`}>
                    {role} on {scope.map(({ target }) => target).join(", ")}
                  </Link>
                  <span className={style["soft"]}>
                    <Ago at={createdAt} />: <Plain text={reason} />
                  </span>
                </li>
              ))}
            </ul>
          );
        }}
      </Shown>
    </Panel>
  );
}
