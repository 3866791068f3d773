/** One live session, watched as it happens; and what one can do about it. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { useParams } from "wouter";
import { useCall } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useKeys } from "../../app/keys.tsx";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { FactLine } from "../../parts/facts.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, Shown } from "../../parts/state.tsx";
import { useSay } from "../../parts/say.tsx";
import { Ago } from "../../parts/time.tsx";
import type { Session } from "../sessions/filters.ts";
import { ActDialog } from "./act.tsx";
import { actsOn, type SomeAct } from "./acts.ts";
import { Stream } from "./happened.tsx";
import { useFrames } from "./live-frames.ts";
import { JoinDialog, ModerationNote } from "./moderation.tsx";
import { Screens } from "./screens.tsx";
import style from "./watch.module.css";

const LOOK_MS = 2_000;

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
  const { id, principal, target, protocol, startedAt, ended, frozen, remote, moderation, watchers } = session;
  const [acting, setActing] = useState<SomeAct>();
  const [of] = useAddress();
  // A link may lead to the question; to be there is still said here.
  const [joining, setJoining] = useState(of("join") !== "" && ended === undefined && moderation?.mayModerate === true);
  /** Present for as long as this is so, and the page is open. */
  const [isModerator, setModerator] = useState(false);
  const me = useStatus().me.name;
  const own = me === principal;
  const mayKill = useMay("session.kill") || own;
  const mayControl = useMay("session.control");
  const mayWatch = useMay("recording.view") || own;
  const client = useQueryClient();
  const onStatement = useCallback(() => void client.invalidateQueries({ queryKey: ["sessions.timeline"] }), [client]);
  // What it showed at last stays.
  const [wasLive] = useState(ended === undefined);
  const how = isModerator ? "sessions.moderate" : mayWatch ? "sessions.live" : undefined;
  const say = useSay();
  const onOver = useCallback(() => {
    if (isModerator) say("You no longer moderate this session");
    setModerator(false);
  }, [say, isModerator]);
  const following = useFrames(id, wasLive ? how : undefined, onStatement, onOver);
  const isPresent = isModerator && moderation?.present.some(({ who }) => who === me) === true;
  useEffect(() => {
    for (const id of ["sessions.show", "status.show"]) void client.invalidateQueries({ queryKey: [id] });
  }, [client, how, following.state]);
  const acts = ended ? [] : actsOn(session, { kill: mayKill, control: mayControl });
  const mayJoin = !isModerator && moderation?.mayModerate === true;
  useKeys(
    acting !== undefined || joining
      ? []
      : [
          ...acts.map((act) => ({ key: act.key, does: act.title.charAt(0).toLowerCase() + act.title.slice(1), act: () => setActing(act) })),
          ...(mayJoin ? [{ key: "o", does: "moderate it", act: () => setJoining(true) }] : []),
        ],
  );
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
              look={act.look === "danger" ? "danger" : "plain"}
              onClick={() => setActing(act)}
              aria-keyshortcuts={act.key}
              title={`${act.name} (${act.key})`}
            >
              {act.name}
            </Button>
          ))}
          {mayWatch && <ButtonLink to={`/sessions/${id}`}>{ended ? "Replay" : "From the start"}</ButtonLink>}
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
      {moderation && (
        <ModerationNote
          session={session}
          moderation={moderation}
          isHere={isModerator}
          me={me}
          onJoin={() => setJoining(true)}
          onLeave={() => setModerator(false)}
        />
      )}
      {!mayWatch && isModerator && !isPresent ? (
        <Loading lines={6} what="Joining the session" />
      ) : !mayWatch && !isModerator ? (
        <Panel>
          <Empty title="You may not look into this session">
            {moderation?.mayModerate
              ? "You see what is shown and done in it while you are its moderator."
              : "You see that it is there. What is shown and done in it is for who may see recordings."}
          </Empty>
        </Panel>
      ) : protocol === "ssh" ? (
        <Screens session={session} following={following} />
      ) : (
        <Stream session={session} following={following} />
      )}
      {joining && moderation && (
        <JoinDialog
          session={session}
          moderation={moderation}
          onCancel={() => setJoining(false)}
          onJoin={() => {
            setJoining(false);
            setModerator(true);
          }}
        />
      )}
      {acting && <ActDialog act={acting} onDone={() => setActing(undefined)} />}
    </Page>
  );
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
