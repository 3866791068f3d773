/** One target: where it is, how the gate knows it, and whether it can be reached. */
import type { ReactNode } from "react";
import { useParams } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Findings } from "../../parts/findings.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";
import { labelsOf } from "./targets.tsx";

type TargetView = Result<"targets.show">;

export default function TargetPage(): ReactNode {
  const { name } = useParams<{ name: string }>();
  return (
    <AdminPage path="/admin/targets" title={name} actions={<ButtonLink to="/admin/targets">All targets</ButtonLink>}>
      <Target name={name} />
    </AdminPage>
  );
}

function Target({ name }: { readonly name: string }): ReactNode {
  const target = useCall("targets.show", { params: { name } });
  return (
    <Shown of={target}>
      {(target) => (
        <>
          <Panel title="As it is configured">
            <Facts>
              <Fact name="Kind">{target.kind}</Fact>
              <Fact name="Address">
                <Plain text={target.address} />
              </Fact>
              <Fact name="Labels">
                <Plain text={labelsOf(target.labels) || "none"} />
              </Fact>
              {target.hostKeys.length > 0 && (
                <Fact name="Host keys">
                  <KeyLines lines={target.hostKeys} />
                </Fact>
              )}
              {target.hostAuthorities.length > 0 && (
                <Fact name="Host authorities">
                  <KeyLines lines={target.hostAuthorities} />
                </Fact>
              )}
            </Facts>
          </Panel>
          <Tests target={target} />
        </>
      )}
    </Shown>
  );
}

function KeyLines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>
          <code>
            <Plain text={line} />
          </code>
        </li>
      ))}
    </ul>
  );
}

function Tests({ target: { name, kind } }: { readonly target: TargetView }): ReactNode {
  const [test, check] = [useChange("targets.test"), useChange("hosts.check")];
  if (!useMay("target.test")) return null;
  const last = [test, check].toSorted((a, b) => b.submittedAt - a.submittedAt)[0];
  return (
    <Panel
      title="Connection"
      flush
      actions={
        <>
          <Button busy={test.isPending} onClick={() => test.mutate({ params: { name } })}>
            Test the connection
          </Button>
          {kind === "ssh" && (
            <Button busy={check.isPending} onClick={() => check.mutate({ body: { target: name } })}>
              Check the host's set-up
            </Button>
          )}
        </>
      }
    >
      <div role="status" aria-live="polite">
        {last?.error && <ProblemNote problem={problemOf(last.error)} />}
        {last?.data && (
          <Findings
            ok={last.data.ok}
            verdict={last.data.ok ? `All is well at ${last.data.address}` : `Not everything is as it must be at ${last.data.address}`}
            findings={last.data.findings}
          />
        )}
        {last?.isPending === true && <p className={style["given"]}>The gate looks: it may take some seconds.</p>}
        {last?.isIdle === true && (
          <Empty title="Not tested yet">
            The gate connects itself, under a grant of its own that is in the log, and says what it finds.
          </Empty>
        )}
      </div>
    </Panel>
  );
}
