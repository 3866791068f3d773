/** One live session, watched as it happens; and what one can do about it. */
import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { Link, useParams } from "wouter";
import type { Result } from "../../api/client.ts";
import type { ProblemError } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { isTyping } from "../../app/go-keys.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { FactLine } from "../../parts/facts.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote, Shown } from "../../parts/state.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Ago } from "../../parts/time.tsx";
import { entriesOf } from "../session/entries.ts";
import { Statements } from "../session/statements.tsx";
import { Timeline } from "../session/timeline.tsx";
import type { Session } from "../sessions/filters.ts";
import { ActDialog } from "./act.tsx";
import { actsOn, type SomeAct } from "./acts.ts";
import { useFrames, type Following } from "./live-frames.ts";
import style from "./watch.module.css";

const LiveScreen = lazy(() => import("./live-screen.tsx"));
const LOOK_MS = 2_000;
const LATEST = 200;

export default function WatchPage(): ReactNode {
  const { id } = useParams<{ id: string }>();
  const session = useCall("sessions.show", { params: { id: id } }, { everyMs: LOOK_MS });
  return (
    <Shown
      of={session}
      loading={
        <Page title="Live session">
          <Loading lines={6} what="Loading the session" />
        </Page>
      }
    >
      {(data) => <Watch session={data} key={data.id} />}
    </Shown>
  );
}

function Watch({ session }: { readonly session: Session }): ReactNode {
  const { id, principal, target, protocol, startedAt, ended, frozen, remote, watchers } = session;
  const [acting, setActing] = useState<SomeAct>();
  const own = useStatus().me.name === principal;
  const mayKill = useMay("session.kill") || own;
  const mayControl = useMay("session.control");
  const mayWatch = useMay("recording.view") || own;
  const client = useQueryClient();
  const onStatement = useCallback(() => void client.invalidateQueries({ queryKey: ["sessions.timeline"] }), [client]);
  // What it showed at last stays.
  const [wasLive] = useState(ended === undefined);
  const following = useFrames(id, wasLive && mayWatch ? "sessions.live" : undefined, onStatement);
  const acts = ended ? [] : actsOn(session, { kill: mayKill, control: mayControl });
  useActKeys(acts, acting === undefined ? setActing : undefined);
  return (
    <Page
      title={`${principal} on ${target}`}
      lead={
        <FactLine>
          {ended ? <Badge>ended</Badge> : frozen ? <Badge tone="warn">frozen</Badge> : <Badge tone="good">live</Badge>}
          <span>{protocol}</span>
          <span>
            began <Ago at={startedAt} />
          </span>
          <span>
            from <Plain text={remote} />
          </span>
          <code>{id}</code>
          {!ended && watchers && <Watching watchers={watchers} />}
        </FactLine>
      }
      actions={
        <>
          {acts.map((act) => (
            <Button
              key={act.name}
              look={act.look}
              onClick={() => setActing(act)}
              aria-keyshortcuts={act.key}
              title={`${act.name} (${act.key})`}
            >
              {act.name}
            </Button>
          ))}
          <ButtonLink to={`/sessions/${id}`}>{ended ? "Replay" : "From the start"}</ButtonLink>
        </>
      }
    >
      <p className="visually-hidden" role="status">
        {ended ? "The session has ended" : ""}
      </p>
      {ended && (
        <Panel>
          <p>
            This session has ended{ended.detail === undefined ? "." : ": "}
            {ended.detail !== undefined && <Plain text={ended.detail} />}
          </p>
        </Panel>
      )}
      {frozen && !ended && (
        <p className={style["frozen"]} role="status">
          <strong>Frozen</strong> by <Plain text={frozen.by} />, <Ago at={frozen.at} />: <Plain text={frozen.reason} />
        </p>
      )}
      {!mayWatch ? (
        <Panel>
          <Empty title="You may not look into this session">
            You see that it is there. What is shown and done in it is for who may see recordings.
          </Empty>
        </Panel>
      ) : protocol === "ssh" ? (
        <Screens session={session} following={following} />
      ) : (
        <Stream session={session} following={following} />
      )}
      {acting && <ActDialog act={acting} onDone={() => setActing(undefined)} />}
    </Page>
  );
}

/** A key for each act, wherever nobody types text. */
function useActKeys(acts: readonly SomeAct[], choose: ((act: SomeAct) => void) | undefined): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const act = acts.find(({ key }) => key === event.key);
      if (!act || !choose) return;
      event.preventDefault();
      choose(act);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [acts, choose]);
}

function Watching({ watchers }: { readonly watchers: NonNullable<Session["watchers"]> }): ReactNode {
  const me = useStatus().me.name;
  return (
    <span role="status">
      {watchers.length === 0 ? (
        "nobody watches"
      ) : (
        <>
          watched by <Plain text={watchers.map(({ who }) => (who === me ? "you" : who)).join(", ")} />
        </>
      )}
    </span>
  );
}

interface PartProps {
  readonly session: Session;
  readonly following: Following;
}

function Screens({ session, following }: PartProps): ReactNode {
  const { id } = session;
  const [of] = useAddress();
  const { channels, state } = following;
  const shown =
    channels.find(({ channel }) => String(channel) === of("channel")) ?? channels.findLast(({ over }) => !over) ?? channels.at(-1);
  return (
    <div className={style["columns"]}>
      <Panel
        flush
        title={shown && channels.length === 1 ? <Plain text={shown.name} /> : undefined}
        actions={
          <>
            {channels.length > 1 && (
              <Tabs
                label="What runs in the session"
                tabs={channels.map(({ channel, name }) => ({
                  to: `/live/${id}?channel=${channel}`,
                  name: plainText(name.length > 30 ? `${name.slice(0, 30)}…` : name),
                  current: channel === shown?.channel,
                }))}
              />
            )}
            <Connection state={session.ended ? "over" : state} />
          </>
        }
      >
        <Screen following={following} shown={shown} isOver={session.ended !== undefined} />
      </Panel>
      <Happened id={id} live={session.ended === undefined} />
    </div>
  );
}

function Screen({
  following,
  shown,
  isOver,
}: {
  readonly following: Following;
  readonly shown: Following["channels"][number] | undefined;
  readonly isOver: boolean;
}): ReactNode {
  const { problem, state, hear } = following;
  if (problem) return <ProblemNote problem={problem.problem} onRetry={() => location.reload()} />;
  if (!shown) {
    if (isOver) {
      return <Empty title="Nothing is shown any more">What was shown in this session, and what was done, is in its replay.</Empty>;
    }
    if (state === "connecting") return <Loading lines={6} what="Connecting" />;
    return (
      <Empty title="Nothing to watch yet">
        The session is open; no shell or command has begun in it. File transfers are in the timeline.
      </Empty>
    );
  }
  return (
    <Suspense fallback={<Loading lines={6} what="Loading the terminal" />}>
      <LiveScreen key={shown.channel} channel={shown} hear={hear} />
    </Suspense>
  );
}

const STATES: Readonly<Record<Following["state"], readonly [string, "good" | "warn" | "neutral"]>> = {
  connecting: ["connecting", "neutral"],
  open: ["live", "good"],
  waiting: ["connection lost, trying again", "warn"],
  over: ["over", "neutral"],
};

function Connection({ state }: { readonly state: Following["state"] }): ReactNode {
  const [words, tone] = STATES[state];
  return (
    <span role="status">
      <Badge tone={tone}>{words}</Badge>
    </span>
  );
}

function Happened({ id, live }: { readonly id: string; readonly live: boolean }): ReactNode {
  const latest = useLatest(id, live);
  const [chosen, setChosen] = useState<number>();
  return (
    <Panel title="What happened" flush>
      <Shown of={latest}>
        {({ entries: told, earlier }) => {
          const entries = entriesOf(told);
          return (
            <>
              <Timeline entries={entries} current={chosen ?? entries.at(-1)?.seq} onChoose={({ seq }) => setChosen(seq)} />
              {earlier && <Earlier id={id} />}
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}

function Stream({ session: { id, ended }, following }: PartProps): ReactNode {
  const latest = useLatest(id, ended === undefined);
  const [chosen, setChosen] = useState<number>();
  return (
    <Panel title="Statements" flush actions={<Connection state={ended ? "over" : following.state} />}>
      <Shown of={latest}>
        {({ entries, earlier }) => (
          <>
            <Statements session={id} told={entries.toReversed()} current={chosen} onChoose={setChosen} />
            {earlier && <Earlier id={id} />}
          </>
        )}
      </Shown>
    </Panel>
  );
}

function Earlier({ id }: { readonly id: string }): ReactNode {
  return (
    <p className={style["foot"]}>
      These are the latest. <Link to={`/sessions/${id}`}>Everything from the start</Link>
    </p>
  );
}

/** The end of what happened, as it goes on. */
function useLatest(id: string, live: boolean): UseQueryResult<Result<"sessions.timeline">, ProblemError> {
  return useCall("sessions.timeline", { params: { id }, query: { latest: true, limit: LATEST } }, live ? { everyMs: LOOK_MS } : {});
}
