/** One session: what happened, beside what was shown. The part, the event and the moment are in the address. */
import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from "react";
import { useParams } from "wouter";
import type { Result } from "../../api/client.ts";
import { useCall, usePages } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { ButtonLink } from "../../parts/button.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { FactLine } from "../../parts/facts.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { Loading, Shown } from "../../parts/state.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { formatBytes, formatDuration, Time } from "../../parts/time.tsx";
import { Further } from "../sessions/further.tsx";
import { HowItEnded } from "../sessions/row.tsx";
import type { Session } from "../sessions/filters.ts";
import { entriesOf, type Entry, type Told } from "./entries.ts";
import { Files, filesOf } from "./files.tsx";
import style from "./session.module.css";
import { Statements } from "./statements.tsx";
import { Timeline } from "./timeline.tsx";

const Replay = lazy(() => import("./replay.tsx"));
const PAGE = 5_000;
const LIVE_MS = 3_000;

export default function SessionPage(): ReactNode {
  const { id } = useParams<{ id: string }>();
  const session = useCall("sessions.show", { params: { id: id } });
  return (
    <Shown
      of={session}
      loading={
        <Page title="Session">
          <Loading lines={6} what="Loading the session" />
        </Page>
      }
    >
      {(data) => <Whole session={data} />}
    </Shown>
  );
}

function Whole({ session }: { readonly session: Session }): ReactNode {
  const { id, principal, target, startedAt } = session;
  const timeline = usePages(
    "sessions.timeline",
    { params: { id }, query: { limit: PAGE } },
    "from",
    session.ended ? {} : { everyMs: LIVE_MS },
  );
  const now = timeline.data?.pages.at(-1)?.session ?? session;
  useListKeys();
  return (
    <Page
      title={`${principal} on ${target}`}
      lead={<Facts session={now} />}
      actions={
        !now.ended && (
          <ButtonLink to={`/live/${id}`} look="main">
            Watch live
          </ButtonLink>
        )
      }
    >
      <Shown of={timeline} loading={<Loading lines={8} what="Loading what happened" />}>
        {({ pages }) => <Parts session={now} pages={pages} more={<Further of={timeline} label="What followed" />} key={startedAt} />}
      </Shown>
    </Page>
  );
}

function Facts({ session }: { readonly session: Session }): ReactNode {
  const { id, protocol, remote, startedAt, ended, grant } = session;
  return (
    <FactLine>
      <HowItEnded session={session} />
      <span>{protocol}</span>
      <Time at={startedAt} />
      {ended && (
        <span>
          {formatDuration(ended.durationMs)}, {formatBytes(ended.bytesIn)} in, {formatBytes(ended.bytesOut)} out
        </span>
      )}
      <span>
        from <Plain text={remote} />
      </span>
      <span>
        <code>{id}</code> under <code>{grant}</code>
      </span>
      {ended?.detail !== undefined && (
        <span>
          “<Plain text={ended.detail} />”
        </span>
      )}
    </FactLine>
  );
}

type Part = "replay" | "statements" | "files";

interface PartsProps {
  readonly session: Session;
  readonly pages: readonly Result<"sessions.timeline">[];
  /** The way to what is not here yet. */
  readonly more: ReactNode;
}

function Parts({ session, pages, more }: PartsProps): ReactNode {
  const { id, protocol, recording, principal } = session;
  const mayReplay = useMay("recording.view") || useStatus().me.name === principal;
  const [of, change] = useAddress();
  const told = useMemo(() => pages.flatMap((page) => page.entries), [pages]);
  const entries = useMemo(() => entriesOf(told), [told]);
  const files = useMemo(() => filesOf(told), [told]);
  const channels = useMemo(() => channelsOf(told), [told]);
  const database = protocol !== "ssh";
  const parts: readonly [Part, ...Part[]] = database
    ? ["statements"]
    : files.length > 0 && channels.length === 0
      ? ["files"]
      : ["replay", "files"];
  const part = parts.find((each) => each === of("show")) ?? parts[0];

  // What became of a statement or file is told with it.
  const wanted = numberOf(of("event"));
  const within = wanted === undefined ? undefined : told.find((each) => outcomeSeq(each) === wanted)?.seq;
  const chosen = entries.find(({ seq }) => seq === wanted) ?? entries.find(({ seq }) => seq === within);
  const atUs = numberOf(of("at")) ?? chosen?.atUs;
  const channel =
    numberOf(of("channel")) ?? chosen?.channel ?? channels.findLast((each) => each.atUs <= (atUs ?? -1))?.channel ?? channels[0]?.channel;
  const [reached, setReached] = useState<number>();
  const current = database ? chosen?.seq : (reached ?? chosen?.seq);

  const choose = useCallback(
    ({ seq, atUs: at, channel: where }: Entry): void => {
      setReached(seq);
      const shown = channels.some((each) => each.channel === where);
      change({
        event: String(seq),
        at: database || at === undefined ? "" : String(at),
        ...(shown && { channel: String(where), show: "" }),
      });
    },
    [change, channels, database],
  );
  const onMoment = useCallback(
    (at: number, settled: boolean): void => {
      // The last of those in the same millisecond: of a command that is its start.
      setReached((before) => {
        const found = entries.findLast((entry) => (entry.atUs ?? 0) <= at + 1_000);
        return entries.find(({ seq }) => seq === before)?.atUs === found?.atUs ? before : found?.seq;
      });
      if (settled) change({ at: String(at), event: "" });
    },
    [change, entries],
  );
  const keepPauses = of("pauses") === "kept";
  return (
    <div className={style["columns"]}>
      <Panel title="Timeline" flush>
        <Timeline entries={entries} current={current} onChoose={choose} />
        {more}
      </Panel>
      <Panel
        flush
        title={parts.length === 1 ? PART_NAMES[part] : undefined}
        actions={
          <>
            {parts.length > 1 && (
              <Tabs
                label="Parts of the session"
                tabs={parts.map((name) => ({
                  to: `/sessions/${id}${name === parts[0] ? "" : `?show=${name}`}`,
                  name: name === "files" ? `Files (${files.length})` : PART_NAMES[name],
                  current: name === part,
                }))}
              />
            )}
            {part === "replay" && mayReplay && channels.length > 1 && (
              <select
                className={style["channels"]}
                aria-label="What to replay"
                value={channel}
                onChange={({ target }) => change({ channel: target.value, at: "", event: "" })}
              >
                {channels.map((each) => (
                  <option key={each.channel} value={each.channel}>
                    {plainText(each.name)}
                  </option>
                ))}
              </select>
            )}
            {part === "replay" && mayReplay && (
              <label className={style["pauses"]}>
                <input type="checkbox" checked={!keepPauses} onChange={({ target }) => change({ pauses: target.checked ? "" : "kept" })} />
                Skip pauses
              </label>
            )}
          </>
        }
      >
        {part === "statements" && (
          <Statements
            session={id}
            told={told}
            current={chosen?.seq}
            onChoose={(seq) => change({ event: seq === undefined ? "" : String(seq) })}
          />
        )}
        {part === "files" && <Files files={files} />}
        {part === "replay" &&
          (!mayReplay ? (
            <p className={style["foot"]}>
              What was done is beside this. What was shown takes the permission <code>recording.view</code>, which you do not hold.
            </p>
          ) : recording === undefined ? (
            <p className={style["foot"]}>
              <Badge tone="warn">no recording</Badge> Of this session there are only its events.
            </p>
          ) : (
            <Suspense fallback={<Loading lines={6} what="Loading the replay" />}>
              <Replay session={id} channel={channel} atUs={atUs} keepPauses={keepPauses} onMoment={onMoment} />
            </Suspense>
          ))}
      </Panel>
    </div>
  );
}

const PART_NAMES: Readonly<Record<Part, string>> = { replay: "Replay", statements: "Statements", files: "Files" };

interface Channel {
  readonly channel: number;
  readonly atUs: number;
  readonly name: string;
}

/** What can be replayed: shells and commands, not file transfers. */
function channelsOf(told: readonly Told[]): Channel[] {
  return told.flatMap((each): Channel[] => {
    if (each.type !== "action" || (each.what !== "shell" && each.what !== "exec")) return [];
    const { channel, atUs = 0, text } = each;
    const name = each.what === "shell" ? "Shell" : text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return [{ channel, atUs, name }];
  });
}

function outcomeSeq(told: Told): number | undefined {
  if (told.type === "statement") return told.outcome?.seq;
  return told.type === "file" ? told.closed?.seq : undefined;
}

function numberOf(text: string): number | undefined {
  return /^[0-9]{1,16}$/.test(text) ? Number(text) : undefined;
}
