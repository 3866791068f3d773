/** The configuration in force: reading its file again, and letting through what another owner wants to widen. */
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { DiffLines } from "../../parts/diff-lines.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

type Config = Result<"config.show">;
type Held = NonNullable<Config["held"]>;

export default function ConfigurationPage(): ReactNode {
  return (
    <AdminPage path="/admin/configuration">
      <Configuration />
    </AdminPage>
  );
}

function Configuration(): ReactNode {
  const config = useCall("config.show");
  const reload = useChange("config.reload");
  const may = useMay("config.reload");
  return (
    <Shown of={config}>
      {({ source, hash, loadedAt, held }) => (
        <>
          {held && <Waiting held={held} />}
          <div role="status" className={style["stack"]}>
            {reload.error && <ProblemNote problem={problemOf(reload.error)} />}
            {reload.data && <Outcome {...reload.data} />}
          </div>
          <Panel
            title="In force"
            actions={
              may && (
                <Button busy={reload.isPending} onClick={() => reload.mutate({})}>
                  Read the file again
                </Button>
              )
            }
          >
            <Facts>
              <Fact name="File">
                <Plain text={source} />
              </Fact>
              <Fact name="Loaded">
                <Time at={loadedAt} />
              </Fact>
              <Fact name="SHA-256">
                <code>{hash}</code>
              </Fact>
              <Fact name="Read it">
                <span className={style["links"]}>
                  <Link to="/access/rules">Roles and rules</Link>
                  <Link to="/access/check">Check a change before it is loaded</Link>
                  <Link to="/audit?kind=config.loaded,config.held,config.refused">Loaded before</Link>
                </span>
              </Fact>
            </Facts>
          </Panel>
        </>
      )}
    </Shown>
  );
}

function Waiting({ held: { hash, by, at, widening, diff } }: { readonly held: Held }): ReactNode {
  const { name: me } = useStatus().me;
  const [open, setOpen] = useState(false);
  const confirm = useChange("config.confirm");
  const may = useMay("config.confirm");
  return (
    <Panel
      title={
        <>
          A change waits for a second owner <Badge tone="warn">widens access</Badge>
        </>
      }
      actions={
        may &&
        by !== me && (
          <Button look="danger" onClick={() => setOpen(true)}>
            Look at it and confirm
          </Button>
        )
      }
    >
      <div className={style["stack"]}>
        <p role="status">
          {by} loaded it <Time at={at} />. It is not in force.
          {by === me ? " Somebody else has to confirm it: nobody widens access alone." : !may && " You may not confirm it."}
        </p>
        <Widening lines={widening} />
        <DiffLines lines={diff} />
      </div>
      <Confirm
        title="Let the change through"
        action="Put it in force"
        open={open}
        onOpenChange={setOpen}
        reason={false}
        busy={confirm.isPending}
        error={confirm.error}
        onConfirm={() => confirm.mutate({ body: { hash } }, { onSuccess: () => setOpen(false) })}
      >
        <p>Exactly this is put in force, and your name goes into the log beside that of {by}:</p>
        <Widening lines={widening} />
      </Confirm>
    </Panel>
  );
}

function Widening({ lines }: { readonly lines: readonly string[] }): ReactNode {
  return (
    <ul className={style["widening"]}>
      {lines.map((line) => (
        <li key={line}>
          <Plain text={line} />
        </li>
      ))}
    </ul>
  );
}

const OUTCOMES = {
  loaded: "Loaded, and in force",
  unchanged: "The file says what is in force already",
  held: "It widens access, and so waits for a second owner; what was in force stays",
} as const;

function Outcome({ outcome, diff }: Result<"config.reload">): ReactNode {
  return (
    <Panel title={OUTCOMES[outcome]}>
      {diff.length === 0 ? <p className={style["soft"]}>Nothing changes.</p> : <DiffLines lines={diff} />}
    </Panel>
  );
}
