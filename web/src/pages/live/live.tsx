/** Everything that runs now. */
import type { ReactNode } from "react";
import { useCall } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { useListKeys } from "../../parts/list-keys.ts";
import { Page, Panel } from "../../parts/page.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { SessionRow } from "../sessions/row.tsx";

export default function Live(): ReactNode {
  const others = useMay("session.read");
  const live = useCall("sessions.list", { query: { live: true, ...(others && { all: true }), limit: 200 } }, { everyMs: 2_000 });
  useListKeys();
  return (
    <Page title="Live" lead="What runs in production now, through this gate.">
      <Shown of={live}>
        {({ sessions }) => (
          <Panel flush>
            {sessions.length === 0 ? (
              <Empty title="Nobody is connected">Sessions appear here the moment they begin.</Empty>
            ) : (
              <ul>
                {sessions.map((session) => (
                  <SessionRow key={session.id} session={session} within="/live" />
                ))}
              </ul>
            )}
          </Panel>
        )}
      </Shown>
    </Page>
  );
}
