/** The identity providers people log in by: as they are configured, what to enter at them, and whether they answer. */
import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Findings } from "../../parts/findings.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

type Provider = Result<"providers.list">["providers"][number];

const HEALTH: Readonly<Record<Provider["health"]["state"], Tone>> = { ok: "good", failing: "bad", unknown: "neutral" };

export default function ProvidersPage(): ReactNode {
  return (
    <AdminPage path="/admin/providers">
      <Providers />
    </AdminPage>
  );
}

function Providers(): ReactNode {
  const providers = useCall("providers.list");
  return (
    <Shown of={providers}>
      {({ providers }) =>
        providers.length === 0 ? (
          <Panel>
            <Empty title="People log in with passwords and passkeys only">
              An identity provider comes from `gate.providers` of the configuration: its issuer, a client, and which of its groups are which
              here.
            </Empty>
          </Panel>
        ) : (
          providers.map((provider) => <One key={provider.name} provider={provider} />)
        )
      }
    </Shown>
  );
}

function One({
  provider: { name, kind, issuer, clientId, create, groups, redirectUri, logoutUri, health },
}: {
  readonly provider: Provider;
}): ReactNode {
  const test = useChange("providers.test");
  const [tested, setTested] = useState(false);
  return (
    <Panel
      title={
        <>
          <Plain text={name} /> <Badge tone={HEALTH[health.state]}>{health.state}</Badge>
        </>
      }
      actions={
        <Button
          busy={test.isPending}
          onClick={() => {
            setTested(true);
            test.mutate({ params: { provider: name } });
          }}
        >
          Test it
        </Button>
      }
    >
      <div className={style["stack"]}>
        <Facts>
          <Fact name="Kind">{kind}</Fact>
          <Fact name="Issuer">
            <Plain text={issuer} />
          </Fact>
          <Fact name="Client">
            <Plain text={clientId} />
          </Fact>
          <Fact name="State">
            <Plain text={health.detail || health.state} />
          </Fact>
          <Fact name="Unknown people">{create ? "are created at their first login" : "are refused until somebody creates them"}</Fact>
          <Fact name="Groups">
            {Object.keys(groups).length === 0 ? (
              "none are taken over"
            ) : (
              <Plain
                text={Object.entries(groups)
                  .map(([theirs, ours]) => `${theirs} → ${ours}`)
                  .join(", ")}
              />
            )}
          </Fact>
          <Fact name="Redirect to">
            <CopyLine text={redirectUri} label="Copy the redirect address" />
          </Fact>
          <Fact name="Log-out to">
            <CopyLine text={logoutUri} label="Copy the log-out address" />
          </Fact>
        </Facts>
        <div role="status">
          {test.error && <ProblemNote problem={problemOf(test.error)} />}
          {tested && test.data && (
            <Findings
              ok={test.data.ok}
              verdict={test.data.ok ? "People can log in by it" : "A login by it would fail"}
              findings={test.data.steps}
            />
          )}
        </div>
      </div>
    </Panel>
  );
}
