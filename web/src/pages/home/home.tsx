/** What a person came for: what they may reach now, how, and for how long; what waits; and the way to ask for more. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useStatus } from "../../app/status.ts";
import { RequestState } from "../../parts/access/request-state.tsx";
import { Badge } from "../../parts/badge.tsx";
import { ButtonLink } from "../../parts/button.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import { GrantItem } from "./grant-item.tsx";
import style from "./home.module.css";
import { MyTargets } from "./my-targets.tsx";

export default function Home(): ReactNode {
  const { me, grants, requests, holds, locks } = useStatus();
  return (
    <Page
      title="Home"
      lead={`You are ${me.name}${me.groups.length > 0 ? `, in ${me.groups.join(", ")}` : ""}.`}
      actions={
        <ButtonLink to="/request" look="main">
          Request access
        </ButtonLink>
      }
    >
      {locks.map(({ id, reason }) => (
        <p key={id} className={style["locked"]} role="status">
          <strong>Locked:</strong> <Plain text={reason} />
        </p>
      ))}
      <Panel title="My access" flush>
        {grants.length === 0 ? (
          <Empty title="You have no access now">Ask for it with a reason; it comes when somebody says yes, and goes by itself.</Empty>
        ) : (
          <ul>
            {grants.map((grant) => (
              <GrantItem key={grant.id} grant={grant} />
            ))}
          </ul>
        )}
      </Panel>
      {(requests.length > 0 || holds.length > 0) && (
        <Panel title="Waiting for a yes" flush>
          <ul>
            {holds.map(({ id, target, what, missing, createdAt, approvers }) => (
              <li key={id} className={style["waiting"]}>
                <Badge tone="warn">held</Badge>
                <span className={style["what"]}>
                  <code>
                    <Plain text={what} />
                  </code>{" "}
                  on {target}
                </span>
                <span className={style["soft"]}>
                  {missing ?? "nobody"} still to come{approvers.length > 0 && ` (${approvers.join(", ")})`}, <Ago at={createdAt} />
                </span>
              </li>
            ))}
            {requests.map(({ id, role, scope, state, missing, approvers = [], createdAt, reason }) => (
              <li key={id} className={style["waiting"]}>
                <RequestState state={state} />
                <span className={style["what"]}>
                  <Link to={`/requests/${id}`}>
                    {role} on {scope.map(({ target }) => target).join(", ")}
                  </Link>
                  : <Plain text={reason} />
                </span>
                <span className={style["soft"]}>
                  {missing ?? "nobody"} still to come{approvers.length > 0 && ` (${approvers.join(", ")})`}, asked <Ago at={createdAt} />
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <MyTargets />
    </Page>
  );
}
