/** What a person came for: what they may reach now, how, and for how long; and the way to ask for more. */
import type { ReactNode } from "react";
import { useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { ButtonLink } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Empty } from "../../parts/state.tsx";
import { Remaining } from "../../parts/time.tsx";
import style from "./home.module.css";

export default function Home(): ReactNode {
  const { me, grants } = useStatus();
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
      <Panel title="My access" flush>
        {grants.length === 0 ? (
          <Empty title="You have no access now">Ask for it with a reason; it comes when somebody says yes, and goes by itself.</Empty>
        ) : (
          <ul>
            {grants.map((grant) => (
              <li key={grant.id} className={style["grant"]}>
                <p className={style["what"]}>
                  <strong>{grant.role}</strong> on {grant.scope.map(({ target }) => target).join(", ")}{" "}
                  {grant.breakGlass && <Badge tone="bad">break-glass</Badge>}
                </p>
                <p className={style["left"]}>
                  <Remaining ms={grant.remainingMs} /> left
                </p>
                <p className={style["why"]}>{grant.reason}</p>
                <ul className={style["commands"]}>
                  {grant.connect.map(({ target, command }) => (
                    <li key={target}>
                      <CopyLine text={command} />
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </Page>
  );
}
