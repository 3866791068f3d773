/** How the gate is used, where looking beats reading. */
import { lazy, Suspense, useMemo, type ReactNode } from "react";
import { Link } from "wouter";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { SelectField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";
import { approvalBars, approvalsFinding, denialsFinding, sessionBars, sessionsFinding, targetsFinding, type Stats } from "./use-data.ts";

const Bars = lazy(() => import("../../charts/bars.tsx"));

const RANGES = {
  day: { name: "24 hours", ms: 86_400_000, by: "hour" },
  week: { name: "7 days", ms: 7 * 86_400_000, by: "day" },
  month: { name: "30 days", ms: 30 * 86_400_000, by: "day" },
  quarter: { name: "90 days", ms: 90 * 86_400_000, by: "day" },
} as const;
type Range = keyof typeof RANGES;

const MINUTE_MS = 60_000;

export default function UsePage(): ReactNode {
  return (
    <AdminPage path="/admin/use">
      <Use />
    </AdminPage>
  );
}

function Use(): ReactNode {
  const [of, change] = useAddress();
  const range = Object.hasOwn(RANGES, of("range")) ? (of("range") as Range) : "month";
  const { ms, by } = RANGES[range];
  // To the minute, so that the same question is asked again and not a new one each second.
  const since = useMemo(() => Math.floor((Date.now() - ms) / MINUTE_MS) * MINUTE_MS, [ms]);
  const stats = useCall("stats.show", { query: { since, by } });
  return (
    <>
      <div className={style["narrow"]}>
        <SelectField label="The last" value={range} onChange={({ target }) => change({ range: target.value }, "step")}>
          {Object.entries(RANGES).map(([key, { name }]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <Shown of={stats}>{(stats) => <Charts stats={stats} />}</Shown>
    </>
  );
}

function Charts({ stats }: { readonly stats: Stats }): ReactNode {
  const sessions = useMemo(() => sessionBars(stats), [stats]);
  const approvals = useMemo(() => approvalBars(stats), [stats]);
  const [found, approved] = [sessionsFinding(sessions), approvalsFinding(stats)];
  return (
    <>
      <Panel title={found}>
        {stats.sessions.length === 0 ? (
          <Empty title="Nothing to draw">A session begins when somebody connects under a grant.</Empty>
        ) : (
          <Suspense fallback={<Loading what="Drawing" />}>
            <Bars title={found} bars={sessions} unit="Sessions" />
          </Suspense>
        )}
      </Panel>
      <Panel title={approved}>
        {stats.approvals.count === 0 ? (
          <Empty title="Nothing to draw">How long it took from asking to the last yes is counted for each approved request.</Empty>
        ) : (
          <Suspense fallback={<Loading what="Drawing" />}>
            <Bars title={approved} bars={approvals} unit="Requests" />
          </Suspense>
        )}
      </Panel>
      <Panel title={targetsFinding(stats)} flush>
        {stats.targets.length > 0 && <TargetTable targets={stats.targets} />}
      </Panel>
      <Panel title={denialsFinding(stats)} flush>
        {stats.denials.length > 0 && (
          <Table caption="Refusals" columns={DENIALS} rows={stats.denials} rowKey={({ of, code }) => `${of} ${code}`} />
        )}
      </Panel>
    </>
  );
}

type Target = Stats["targets"][number];

function TargetTable({ targets }: { readonly targets: Stats["targets"] }): ReactNode {
  const most = Math.max(1, ...targets.map(({ sessions }) => sessions));
  const columns: readonly Column<Target>[] = [
    { name: "Target", cell: ({ target }) => <Link to={`/sessions?${new URLSearchParams({ target }).toString()}`}>{target}</Link> },
    { name: "Kind", cell: ({ kind }) => kind },
    { name: "Sessions", cell: ({ sessions }) => sessions, align: "number" },
    { name: "People", cell: ({ people }) => people, align: "number" },
    { name: "Share", cell: ({ sessions }) => <meter className={style["share"]} aria-label="Share" min={0} max={most} value={sessions} /> },
  ];
  return <Table caption="Use of each target" columns={columns} rows={targets} rowKey={({ target }) => target} />;
}

const DENIALS: readonly Column<Stats["denials"][number]>[] = [
  { name: "Of", cell: ({ of }) => of },
  {
    name: "Code",
    cell: ({ code }) => (
      <code>
        <Plain text={code} />
      </code>
    ),
  },
  { name: "Times", cell: ({ count }) => count, align: "number" },
];
