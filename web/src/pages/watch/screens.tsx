/** The screens of a live session, one at a time. Which one is in the address. */
import { lazy, Suspense, type ReactNode } from "react";
import { useAddress } from "../../app/address.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote } from "../../parts/state.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import type { Session } from "../sessions/filters.ts";
import { Connection } from "./connection.tsx";
import { Happened } from "./happened.tsx";
import type { Following } from "./live-frames.ts";
import style from "./watch.module.css";

const LiveScreen = lazy(() => import("./live-screen.tsx"));

interface ScreensProps {
  readonly session: Session;
  readonly following: Following;
}

export function Screens({ session, following }: ScreensProps): ReactNode {
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
