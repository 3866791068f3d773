/** The log as it is: newest first, everything that can be asked for in the address, each entry a step away from its proof. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { Link, useSearch } from "wouter";
import { call, pathOf, type Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useAddress } from "../../app/address.ts";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, DownloadLink } from "../../parts/button.tsx";
import { Permitted } from "../../parts/denied.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import style from "./audit.module.css";
import { FilterForm } from "./filter-form.tsx";
import { FILTERS, queryOf, type Filters, type SearchQuery } from "./filters.ts";
import { HeadPanel } from "./head-panel.tsx";
import { summaryOf } from "./summary.ts";

export type Event = Result<"audit.search">["events"][number];

const PAGE = 50;
const LOOK_MS = 10_000;

export default function Audit(): ReactNode {
  const [of] = useAddress();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, of(name)])) as Filters;
  return (
    <Page
      title="Audit"
      lead="Every decision and every action, in the order the gate wrote them down. Open an entry to have its proof verified by this browser."
      actions={<Downloads query={queryOf(filters)} />}
    >
      <Permitted what="the audit log" permission="audit.read">
        <HeadPanel />
        <FilterForm key={JSON.stringify(filters)} filters={filters} />
        <Entries query={queryOf(filters)} />
      </Permitted>
    </Page>
  );
}

function Downloads({ query }: { readonly query: SearchQuery }): ReactNode {
  const [mayRead, mayExport] = [useMay("audit.read"), useMay("audit.export")];
  return (
    <>
      {mayRead && (
        <DownloadLink to={pathOf("audit.checkpoint", {})} as="checkpoint.txt" icon={<Download size={14} aria-hidden="true" />}>
          Checkpoint
        </DownloadLink>
      )}
      {mayExport && (
        <DownloadLink to={pathOf("audit.export", { query })} as="audit.jsonl" icon={<Download size={14} aria-hidden="true" />}>
          Export what is shown
        </DownloadLink>
      )}
    </>
  );
}

function Entries({ query }: { readonly query: SearchQuery }): ReactNode {
  useListKeys();
  const search = useInfiniteQuery({
    queryKey: ["audit.search", query],
    queryFn: ({ pageParam, signal }) =>
      call("audit.search", { query: { ...query, limit: PAGE, ...(pageParam !== undefined && { to: pageParam }) } }, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ events }) => {
      const oldest = events.at(-1)?.seq ?? 0;
      return events.length < PAGE || oldest === 0 ? undefined : oldest - 1;
    },
    // A list that moves under the reader's eyes helps nobody: what is new is offered.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const events = useMemo(() => search.data?.pages.flatMap(({ events }) => events) ?? [], [search.data]);
  const newer = useNewer(query, search.data?.pages[0]?.size);
  if (search.data === undefined) {
    return search.error ? <ProblemNote problem={problemOf(search.error)} onRetry={() => void search.refetch()} /> : <Loading lines={8} />;
  }
  return (
    <Panel
      title={`${events.length}${search.hasNextPage ? "+" : ""} ${events.length === 1 ? "entry" : "entries"}`}
      flush
      actions={
        <span role="status">
          {newer > 0 && <Button onClick={() => void search.refetch()}>{`Show ${newer === PAGE ? `${PAGE}+` : newer} newer`}</Button>}
        </span>
      }
    >
      {events.length === 0 ? (
        <Empty title="Nothing in the log matches">
          Take a filter away, or look at a longer time. What was never logged cannot be found here.
        </Empty>
      ) : (
        <Table caption="Entries of the audit log, newest first" columns={COLUMNS} rows={events} rowKey={({ seq }) => String(seq)} />
      )}
      {search.hasNextPage && (
        <div className={style["more"]}>
          <Button busy={search.isFetchingNextPage} onClick={() => void search.fetchNextPage()}>
            Load older
          </Button>
        </div>
      )}
      {search.error && <ProblemNote problem={problemOf(search.error)} onRetry={() => void search.fetchNextPage()} />}
    </Panel>
  );
}

/** How many entries came since the list was made, at most a page. */
function useNewer(query: SearchQuery, size: number | undefined): number {
  const { data } = useQuery({
    queryKey: ["audit.newer", query, size],
    queryFn: ({ signal }) => call("audit.search", { query: { ...query, limit: PAGE, from: size ?? 0 } }, signal),
    enabled: size !== undefined,
    refetchInterval: LOOK_MS,
  });
  return data?.events.length ?? 0;
}

function Seq({ seq }: { readonly seq: number }): ReactNode {
  const search = useSearch();
  return (
    <Link to={`/audit/${seq}${search === "" ? "" : `?${search}`}`} className={style["seq"]} data-row="">
      {seq}
    </Link>
  );
}

const TONES = { allow: "good", deny: "bad", hold: "warn" } as const;

export function DecisionBadge({ decision }: { readonly decision: Event["decision"] }): ReactNode {
  return decision === undefined ? null : <Badge tone={TONES[decision]}>{decision}</Badge>;
}

const COLUMNS: readonly Column<Event>[] = [
  { name: "Entry", cell: ({ seq }) => <Seq seq={seq} />, align: "number" },
  {
    name: "Time",
    cell: ({ time }) => (
      <span className={style["line"]}>
        <Time at={time} />
      </span>
    ),
  },
  { name: "Event", cell: ({ kind }) => <code className={style["line"]}>{kind}</code> },
  { name: "Who", cell: ({ principal }) => principal !== undefined && <Plain text={principal} /> },
  {
    name: "Target",
    cell: ({ target }) =>
      target !== undefined && (
        <span className={style["line"]}>
          <Plain text={target} />
        </span>
      ),
  },
  { name: "Decision", cell: ({ decision }) => decision !== undefined && <DecisionBadge decision={decision} /> },
  {
    name: "Details",
    cell: ({ body }) =>
      body === undefined ? (
        <Badge>erased</Badge>
      ) : (
        <span className={style["summary"]}>
          <Plain text={summaryOf(body)} />
        </span>
      ),
  },
];
