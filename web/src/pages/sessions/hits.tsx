/** What was found in what people did and what terminals showed, each with the way to its moment. */
import { FileText, SquareTerminal, TextSearch, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import { nameOf, sinceOf, type Filters, type Session } from "./filters.ts";
import style from "./sessions.module.css";

const LIMIT = 100;
const KINDS = "ssh.shell,ssh.exec,ssh.subsystem,ssh.refused,sql.statement,sql.refused,file.open,file.close,file.list,file.change";
/** Of a text, so much round the first word that was found. */
const ROUND = 120;

type Event = Result<"audit.search">["events"][number];

interface Hit {
  readonly key: string;
  readonly to: string;
  readonly icon: LucideIcon;
  readonly what: string;
  readonly text: string;
  readonly who?: string | undefined;
  readonly at?: number;
}

export function Hits({ filters }: { readonly filters: Filters }): ReactNode {
  const mayLog = useMay("audit.read");
  const mayOutput = useMay("recording.view");
  const mayAll = useMay("session.read");
  const { words } = filters;
  const [who, target, since] = [nameOf(filters.who), nameOf(filters.target), sinceOf(filters)];
  const query = {
    words: words.slice(0, 512),
    ...(who !== undefined && { principal: who }),
    ...(target !== undefined && { target }),
    ...(since !== undefined && { since }),
    limit: LIMIT,
  };
  const log = useCall("audit.search", { query: { ...query, kinds: KINDS } }, { enabled: mayLog });
  const output = useCall("audit.output", { query }, { enabled: mayOutput });
  // Whose they are: what was found on a terminal names its session only.
  const known = useCall("sessions.list", { query: { all: true, limit: 1_000 } }, { enabled: mayOutput && mayAll });
  const sessions = new Map(known.data?.sessions.map((session) => [session.id, session]));
  if (!mayLog && !mayOutput) {
    return (
      <Panel>
        <Empty title="You may not search the record">
          Whoever runs this gate can give you a role that reads the record or replays sessions.
        </Empty>
      </Panel>
    );
  }
  const find = words.split(/\s+/);
  return (
    <>
      {mayLog && (
        <Found
          title="Done: commands, statements, files"
          state={log}
          hits={log.data?.events.flatMap(ofEvent)}
          find={find}
          more={log.data?.events.length === LIMIT}
        />
      )}
      {mayOutput && (
        <Found
          title="Shown on terminals"
          state={output}
          hits={output.data?.hits.map((hit, index) => ofOutput(hit, index, sessions.get(hit.session)))}
          find={find}
          more={output.data?.more === true || output.data?.hits.length === LIMIT}
        />
      )}
    </>
  );
}

function Found({
  title,
  state,
  hits,
  find,
  more,
}: {
  readonly title: string;
  readonly state: ReturnType<typeof useCall>;
  readonly hits: readonly Hit[] | undefined;
  readonly find: readonly string[];
  readonly more: boolean;
}): ReactNode {
  return (
    <Panel title={title} flush>
      {hits === undefined ? (
        state.error ? (
          <ProblemNote problem={problemOf(state.error)} onRetry={() => void state.refetch()} />
        ) : (
          <Loading lines={4} what={`Searching: ${title}`} />
        )
      ) : hits.length === 0 ? (
        <Empty title="Nothing found">Every word has to be there. Try fewer, or look further back.</Empty>
      ) : (
        <>
          <ul>
            {hits.map((hit) => (
              <HitRow key={hit.key} hit={hit} find={find} />
            ))}
          </ul>
          <p className={style["count"]} role="status">
            {hits.length} found{more && "; there is more further back: narrow the search to reach it"}
          </p>
        </>
      )}
    </Panel>
  );
}

function HitRow({
  hit: { to, icon: Icon, what, text, who, at },
  find,
}: {
  readonly hit: Hit;
  readonly find: readonly string[];
}): ReactNode {
  return (
    <li>
      <Link to={to} className={style["hit"]} data-row="">
        <Icon size={16} aria-hidden="true" className={style["hitIcon"]} />
        <span className={style["hitWhat"]}>
          {who !== undefined && (
            <>
              <strong>
                <Plain text={who} />
              </strong>{" "}
            </>
          )}
          {what}
          {at !== undefined && (
            <>
              {" · "}
              <Time at={at} />
            </>
          )}
        </span>
        <code className={style["snippet"]}>
          <Plain text={round(text, find)} find={find} />
        </code>
      </Link>
    </li>
  );
}

function round(text: string, find: readonly string[]): string {
  const one = text.replaceAll(/\s+/g, " ");
  const lower = one.toLowerCase();
  const first = Math.min(...find.map((word) => lower.indexOf(word.toLowerCase())).filter((at) => at >= 0));
  const start = Number.isFinite(first) ? Math.max(0, first - ROUND) : 0;
  const end = start + ROUND * 3;
  return `${start > 0 ? "…" : ""}${one.slice(start, end)}${end < one.length ? "…" : ""}`;
}

function ofEvent({ seq, time, kind, principal, session, target, body = {} }: Event): Hit[] {
  if (session === undefined) return [];
  const text = [body["command"], body["statement"], body["path"], body["to"], body["name"], body["detail"]]
    .filter((part) => typeof part === "string")
    .join(" ");
  const [what, icon] = kind.startsWith("sql.")
    ? (["a statement", FileText] as const)
    : kind.startsWith("file.")
      ? (["a file", FileText] as const)
      : kind.endsWith("refused")
        ? (["refused", SquareTerminal] as const)
        : (["a command", SquareTerminal] as const);
  return [
    {
      key: String(seq),
      to: `/sessions/${session}?event=${seq}`,
      icon,
      what: `${what} on ${target ?? "?"}`,
      text,
      who: principal,
      at: time,
    },
  ];
}

function ofOutput(
  { session, atUs, channel, text }: Result<"audit.output">["hits"][number],
  index: number,
  known: Session | undefined,
): Hit {
  const to = `/sessions/${session}?channel=${channel}&at=${atUs}`;
  if (!known) return { key: `${index}`, to, icon: TextSearch, what: session, text };
  const at = known.startedAt + Math.floor(atUs / 1_000);
  return { key: `${index}`, to, icon: TextSearch, what: `on ${known.target}`, text, who: known.principal, at };
}
