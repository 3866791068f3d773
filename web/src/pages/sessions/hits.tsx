/** What was found in what people did and what terminals showed, each with the way to its moment. */
import { FileText, MessageSquareText, SquareTerminal, TextSearch, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { usePages } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import { Further } from "./further.tsx";
import { useQueryOf, type Filters } from "./filters.ts";
import style from "./sessions.module.css";

type Found = Result<"sessions.search">["found"][number];
type SearchHit = Found["hits"][number];

interface Hit {
  readonly hit: SearchHit;
  readonly session: Found["session"];
}

export function Hits({ filters }: { readonly filters: Filters }): ReactNode {
  const [mayLog, mayOutput] = [useMay("audit.read"), useMay("recording.view")];
  const search = usePages("sessions.search", { query: useQueryOf(filters, mayLog || mayOutput) }, "cursor");
  const find = filters.words.split(/\s+/);
  if (search.data === undefined) {
    if (search.error) return <ProblemNote problem={problemOf(search.error)} onRetry={() => void search.refetch()} />;
    return (
      <Panel>
        <Loading lines={8} what="Searching" />
      </Panel>
    );
  }
  const found = search.data.pages.flatMap((page) => page.found);
  const hits = found.flatMap(({ session, hits: of }) => of.map((hit) => ({ hit, session })));
  const isPart = search.hasNextPage;
  return (
    <>
      <Panel title="Done: commands, statements, files" flush>
        <List hits={hits.filter(({ hit }) => hit.source !== "output")} find={find} isPart={isPart} />
      </Panel>
      <Panel title="Shown on terminals" flush>
        <List hits={hits.filter(({ hit }) => hit.source === "output")} find={find} isPart={isPart} />
      </Panel>
      {mayLog && !mayOutput && <p className={style["count"]}>Of what terminals showed, your own sessions were searched.</p>}
      {found.some(({ more }) => more) && (
        <p className={style["count"]}>Some of these sessions hold more than is listed here; their pages show all of it.</p>
      )}
      <Further of={search} label="Search further back" />
    </>
  );
}

function List({
  hits,
  find,
  isPart,
}: {
  readonly hits: readonly Hit[];
  readonly find: readonly string[];
  readonly isPart: boolean;
}): ReactNode {
  if (hits.length === 0) {
    return (
      <Empty title={isPart ? "Nothing found so far" : "Nothing found"}>
        {isPart ? "There is more further back." : "Every word has to be there. Try fewer, or look further back."}
      </Empty>
    );
  }
  return (
    <>
      <ul>
        {hits.map(({ hit, session }) => (
          <HitRow key={`${session.id} ${hit.seq ?? ""} ${hit.channel} ${hit.atUs} ${hit.text}`} hit={hit} session={session} find={find} />
        ))}
      </ul>
      <p className={style["count"]} role="status">
        {hits.length} found{isPart && "; there is more further back"}
      </p>
    </>
  );
}

const SOURCES: Readonly<Record<SearchHit["source"], readonly [what: string, icon: LucideIcon]>> = {
  command: ["a command", SquareTerminal],
  statement: ["a statement", FileText],
  file: ["a file", FileText],
  refusal: ["refused", SquareTerminal],
  control: ["told to the session", MessageSquareText],
  output: ["", TextSearch],
};

function HitRow({ hit, session, find }: Hit & { readonly find: readonly string[] }): ReactNode {
  const { source, seq, channel, atUs, text } = hit;
  const { id, principal, target, startedAt } = session;
  const [what, Icon] = SOURCES[source];
  const to = seq === undefined ? `/sessions/${id}?channel=${channel}&at=${atUs}` : `/sessions/${id}?event=${seq}`;
  return (
    <li>
      <Link to={to} className={style["hit"]} data-row="">
        <Icon size={16} aria-hidden="true" className={style["hitIcon"]} />
        <span className={style["hitWhat"]}>
          <strong>
            <Plain text={principal} />
          </strong>{" "}
          {what} on <Plain text={target} />
          {" · "}
          <Time at={startedAt + Math.floor(atUs / 1_000)} />
        </span>
        <code className={style["snippet"]}>
          <Plain text={text} find={find} />
        </code>
      </Link>
    </li>
  );
}
