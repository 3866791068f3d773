/** Is the gate well: each thing it watches about itself, and what it keeps. */
import { useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { ProblemNote, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Ago, formatBytes, Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

type Health = Result<"health.details">;
type HealthCheck = Health["checks"][number];

const EVERY_MS = 10_000;
const TONES: Readonly<Record<Health["state"], Tone>> = { ok: "good", warning: "warn", failing: "bad" };

export default function HealthPage(): ReactNode {
  return (
    <AdminPage path="/admin">
      <Checks />
      <Backup />
    </AdminPage>
  );
}

function Checks(): ReactNode {
  const health = useCall("health.details", {}, { everyMs: EVERY_MS });
  return (
    <Shown of={health}>
      {({ state, version, startedAt, log, sessions, checks, storage }) => (
        <>
          <Panel
            title="The gate"
            actions={
              <span role="status">
                <Badge tone={TONES[state]}>{state === "ok" ? "well" : state}</Badge>
              </span>
            }
          >
            <Facts>
              <Fact name="Version">{version}</Fact>
              <Fact name="Started">
                <Time at={startedAt} />
              </Fact>
              <Fact name="Sessions now">{sessions}</Fact>
              <Fact name="Log">
                {log.size.toLocaleString()} entries, the last <Ago at={log.lastTime} />
              </Fact>
            </Facts>
          </Panel>
          <StoragePanel {...storage} />
          <Panel title="What it watches" flush>
            <Table caption="Checks of the gate" columns={CHECK_COLUMNS} rows={checks} rowKey={({ name, detail }) => `${name} ${detail}`} />
          </Panel>
        </>
      )}
    </Shown>
  );
}

const STORED: readonly (readonly [name: keyof Health["storage"], title: string])[] = [
  ["database", "Database, with the log"],
  ["journal", "Journal, not in the database yet"],
  ["recordings", "Recordings"],
  ["published", "The log as it is published"],
  ["backups", "Backups"],
];

function StoragePanel(storage: Health["storage"]): ReactNode {
  const used = STORED.reduce((sum, [name]) => sum + storage[name], 0);
  return (
    <Panel title={`${formatBytes(used)} used, ${formatBytes(storage.free)} free`}>
      <Facts>
        {STORED.map(([name, title]) => (
          <Fact key={name} name={title}>
            {formatBytes(storage[name])}
          </Fact>
        ))}
        <Fact name="Kept in reserve">{formatBytes(storage.reserve)}, which only break-glass and owners may use</Fact>
      </Facts>
    </Panel>
  );
}

const CHECK_COLUMNS: readonly Column<HealthCheck>[] = [
  { name: "Check", cell: ({ name }) => <Plain text={name} /> },
  { name: "State", cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
  { name: "What was found", cell: ({ detail }) => <Plain text={detail} /> },
];

function Backup(): ReactNode {
  const may = useMay("backup.make");
  const [name, setName] = useState("");
  const backup = useChange("backup.make");
  if (!may) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    backup.mutate({ body: name === "" ? {} : { name } });
  };
  return (
    <Panel title="Backup">
      <form className={style["stack"]} onSubmit={submit}>
        <p className={style["soft"]}>
          Written into the gate's own folder while it goes on. It does not open without the master key, which is not in it: keep both,
          apart.
        </p>
        {backup.error && <ProblemNote problem={problemOf(backup.error)} />}
        <div className={style["line"]}>
          <TextField
            label="Name"
            placeholder="before-upgrade"
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
            hint="Letters, digits, . _ and -; without one the time is its name"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <Button type="submit" busy={backup.isPending}>
            Make a backup
          </Button>
        </div>
        <div role="status">
          {backup.data && (
            <Facts>
              <Fact name="Written to">
                <code>{backup.data.path}</code>
              </Fact>
              <Fact name="Log">{backup.data.size.toLocaleString()} entries</Fact>
              <Fact name="Log root">
                <code>{backup.data.root}</code>
              </Fact>
            </Facts>
          )}
        </div>
      </form>
    </Panel>
  );
}
