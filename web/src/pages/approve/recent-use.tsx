import type { ReactNode } from "react";
import { useCall } from "../../api/queries.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./approve.module.css";

/** A thousand stands for more. */
const MANY = 1_000;

/** How usual this is: how often the same person was there, and held the role, in the last thirty days. */
export function RecentUse({ id, requester, role }: { readonly id: string; readonly requester: string; readonly role: string }): ReactNode {
  const context = useCall("requests.context", { params: { id } });
  return (
    <Panel title={`${requester} in the last thirty days`}>
      <Shown of={context}>
        {({ targets, role: held, recent }) => (
          <div className={style["stack"]}>
            <ul className={style["recent"]}>
              {targets.map(({ target, sessions, lastSessionAt }) => (
                <li key={target}>
                  {sessions === 0 ? (
                    <>
                      never on <strong>{target}</strong>
                    </>
                  ) : (
                    <>
                      {times(sessions)} on <strong>{target}</strong>
                      {lastSessionAt !== undefined && (
                        <>
                          , last <Ago at={lastSessionAt} />
                        </>
                      )}
                    </>
                  )}
                </li>
              ))}
              <li>
                {held.grants === 0 ? "never held" : `held ${times(held.grants)}`} <strong>{role}</strong>
                {held.lastGrantAt !== undefined && (
                  <>
                    , last <Ago at={held.lastGrantAt} />
                  </>
                )}
              </li>
            </ul>
            {recent.length > 0 && (
              <ul className={style["recent"]} aria-label="Newest access">
                {recent.map((grant) => (
                  <li key={grant.id} className={style["soft"]}>
                    <Ago at={grant.start} />: {grant.role} on {grant.targets.join(", ")}, “<Plain text={grant.reason} />”
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Shown>
    </Panel>
  );
}

function times(count: number): string {
  if (count === 1) return "once";
  return count >= MANY ? "a thousand times or more" : `${count} times`;
}
