/** Everything that runs now, side by side. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { NotifyChoice } from "../../app/notify-choice.tsx";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { ButtonLink } from "../../parts/button.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, ProblemNote, Shown } from "../../parts/state.tsx";
import { formatDuration, useNow } from "../../parts/time.tsx";
import { nameOf, type Session } from "../sessions/filters.ts";
import { SessionRow } from "../sessions/row.tsx";
import style from "./live.module.css";
import { Painter } from "./painter.ts";
import { useWall, type Tile, type WallView } from "./wall.ts";

const ON_THE_WALL = 20;

export default function Live(): ReactNode {
  const [of] = useAddress();
  const mayWatch = useMay("recording.view");
  const maySee = useMay("session.read");
  useListKeys();
  return (
    <Page title="Live" lead="What runs in production now, through this gate. Whoever looks at somebody's screen is in the record.">
      <ToModerate />
      {maySee && !mayWatch ? <List /> : <Wall who={nameOf(of("who"))} target={nameOf(of("target"))} all={mayWatch} />}
    </Page>
  );
}

function Wall({
  who,
  target,
  all,
}: {
  readonly who: string | undefined;
  readonly target: string | undefined;
  readonly all: boolean;
}): ReactNode {
  const view = useWall({
    ...(all && { all: true }),
    ...(all && who !== undefined && { principal: who }),
    ...(target !== undefined && { target }),
    limit: ON_THE_WALL,
  });
  const [painter, setPainter] = useState<Painter>();
  useEffect(() => {
    const made = new Painter();
    setPainter(made);
    return () => made[Symbol.dispose]();
  }, []);
  const { tiles, live, problem, state } = view;
  if (problem) return <ProblemNote problem={problem.problem} onRetry={() => location.reload()} />;
  if (live === undefined) return <Loading lines={8} what="Looking for live sessions" />;
  return (
    <>
      <p className={style["state"]} role="status">
        {sayState(view)} {state === "waiting" && <Badge tone="warn">connection lost, trying again</Badge>}
      </p>
      {tiles.length === 0 ? (
        <Panel>
          <Empty
            title={
              who !== undefined || target !== undefined
                ? "No live session is like that"
                : all
                  ? "Nobody is connected"
                  : "You are not connected"
            }
          >
            {all ? "Sessions appear here the moment they begin." : "Your own sessions appear here the moment they begin."}
          </Empty>
        </Panel>
      ) : (
        <ul className={style["wall"]}>
          {tiles.map(({ session, tile }) => (
            <TileView key={session.id} session={session} tile={tile} painter={painter} />
          ))}
        </ul>
      )}
    </>
  );
}

function sayState({ tiles, live = 0 }: WallView): string {
  if (live === 0) return "";
  const sessions = `${live} live ${live === 1 ? "session" : "sessions"}`;
  return live > tiles.length && tiles.length > 0 ? `${sessions}; the ${tiles.length} that run longest are here.` : sessions;
}

function TileView({
  session,
  tile,
  painter,
}: {
  readonly session: Session;
  readonly tile: Tile;
  readonly painter: Painter | undefined;
}): ReactNode {
  const { id, principal, target, protocol, startedAt, frozen } = session;
  const { happened, hasScreen } = useTile(tile);
  return (
    <li>
      <Link to={`/live/${id}`} className={style["tile"]} data-row="">
        <span className={style["head"]}>
          <span className={style["who"]}>
            <strong>
              <Plain text={principal} />
            </strong>{" "}
            on <Plain text={target} />
          </span>
          {protocol === "ssh" && !hasScreen && happened.length > 0 && <Badge>files</Badge>}
          {frozen ? <Badge tone="warn">frozen</Badge> : <Since at={startedAt} />}
        </span>
        {protocol !== "ssh" ? (
          <Lines happened={happened} none="No statement yet" />
        ) : hasScreen ? (
          <Screen tile={tile} painter={painter} />
        ) : (
          <Lines happened={happened} none="Nothing is shown in it" />
        )}
      </Link>
    </li>
  );
}

function Since({ at }: { readonly at: number }): ReactNode {
  return <span className={style["since"]}>{formatDuration(useNow() - at)}</span>;
}

function Screen({ tile, painter }: { readonly tile: Tile; readonly painter: Painter | undefined }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current && painter ? painter.add(canvas.current, tile) : undefined), [tile, painter]);
  return <canvas ref={canvas} className={style["screen"]} aria-hidden="true" data-testid="tile" />;
}

/** Statements of a database; of ssh, what was done to files. */
function Lines({ happened, none }: { readonly happened: Tile["happened"]; readonly none: string }): ReactNode {
  return (
    <span className={style["statements"]}>
      {happened.length === 0 && <span className={style["none"]}>{none}</span>}
      {happened.map(({ seq, text, refused }) => (
        <code key={seq} className={refused ? style["refused"] : undefined}>
          <Plain text={text} />
        </code>
      ))}
    </span>
  );
}

function useTile(tile: Tile): Pick<Tile, "happened" | "hasScreen"> {
  const [{ happened, hasScreen }, setNow] = useState<Pick<Tile, "happened" | "hasScreen">>(tile);
  useEffect(() => {
    tile.onChange = () => setNow({ happened: tile.happened, hasScreen: tile.hasScreen });
    tile.onChange();
    return () => {
      tile.onChange = () => {};
    };
  }, [tile]);
  return { happened, hasScreen };
}

/** Sessions that depend on somebody's presence, which may be the person's. */
function ToModerate(): ReactNode {
  const { data } = useCall("sessions.list", { query: { toModerate: true, limit: 100 } }, { everyMs: 2_000 });
  if (data === undefined || data.sessions.length === 0) return null;
  return (
    <Panel title="Sessions that take a moderator" flush actions={<NotifyChoice />}>
      <ul>
        {data.sessions.map((session) => {
          const waits = session.moderation?.present.length === 0;
          return (
            <SessionRow
              key={session.id}
              session={session}
              within="/live"
              action={
                <ButtonLink to={`/live/${session.id}?join=yes`} look={waits ? "main" : "plain"}>
                  Join as moderator
                  <span className="visually-hidden">
                    {" "}
                    of {session.principal} on {session.target}
                  </span>
                </ButtonLink>
              }
            />
          );
        })}
      </ul>
    </Panel>
  );
}

/** For who may see that there are sessions, and not what is in them. */
function List(): ReactNode {
  const live = useCall("sessions.list", { query: { live: true, all: true, limit: 200 } }, { everyMs: 2_000 });
  return (
    <Shown of={live}>
      {({ sessions }) => (
        <Panel flush>
          {sessions.length === 0 ? (
            <Empty title="Nobody is connected">Sessions appear here the moment they begin.</Empty>
          ) : (
            <ul>
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          )}
        </Panel>
      )}
    </Shown>
  );
}
