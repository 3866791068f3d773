/** Of a session that somebody has to be present at: who is, what follows when nobody is, and the way to be the one. */
import type { ReactNode } from "react";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Ago } from "../../parts/time.tsx";
import type { Session } from "../sessions/filters.ts";
import style from "./watch.module.css";

type Moderation = NonNullable<Session["moderation"]>;

interface ModerationProps {
  readonly session: Session;
  readonly moderation: Moderation;
  /** This page is what keeps the person present. */
  readonly isHere: boolean;
  readonly me: string;
  readonly onJoin: () => void;
  readonly onLeave: () => void;
}

export function ModerationNote({ session, moderation, isHere, me, onJoin, onLeave }: ModerationProps): ReactNode {
  const { by, present, mayModerate } = moderation;
  const others = present.filter(({ who }) => who !== me);
  return (
    <div className={present.length === 0 ? style["waits"] : style["moderated"]}>
      <p role="status">
        {present.length === 0 ? (
          <>
            <strong>Waits for a moderator.</strong> Nothing passes in this session until one is here: <Plain text={inWords(by)} />.
          </>
        ) : (
          <>
            <strong>
              Moderated by{" "}
              {present.map(({ who, since }, index) => (
                <span key={who}>
                  {index > 0 && ", "}
                  <Plain text={who === me ? "you" : who} />, since <Ago at={since} />
                </span>
              ))}
              .
            </strong>{" "}
            {isHere
              ? others.length > 0
                ? "It goes on when you leave this page: somebody else is here."
                : `When you leave this page ${whenNobody(moderation, session.principal)}`
              : `When nobody is here any more ${whenNobody(moderation, session.principal)}`}
          </>
        )}
      </p>
      {isHere ? (
        <Button onClick={onLeave}>Stop moderating</Button>
      ) : (
        mayModerate && (
          <Button look="main" onClick={onJoin} aria-keyshortcuts="o" title="Moderate (o)">
            Moderate
          </Button>
        )
      )}
    </div>
  );
}

interface JoinProps {
  readonly session: Session;
  readonly moderation: Moderation;
  readonly onJoin: () => void;
  readonly onCancel: () => void;
}

/** Before somebody is the one on whom a session depends: what that means. */
export function JoinDialog({ session, moderation, onJoin, onCancel }: JoinProps): ReactNode {
  const { principal, target } = session;
  return (
    <Dialog title={`Moderate ${principal} on ${target}`} open={true} onOpenChange={(open) => !open && onCancel()}>
      <ul className={style["means"]}>
        <li>
          {moderation.present.length === 0 ? "The session goes on as soon as you are here, and" : "As long as you are here"} you see what{" "}
          <Plain text={principal} /> sees and does.
        </li>
        <li>
          You are here for as long as this page is open. When you leave it and nobody else is here, {whenNobody(moderation, principal)}
        </li>
        <li>
          <Plain text={principal} /> is told that you are here. Your coming and leaving are in the record.
        </li>
      </ul>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="main" autoFocus onClick={onJoin}>
          Moderate
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function whenNobody({ absent }: Moderation, principal: string): string {
  return absent === "end"
    ? "the session ends, unless another moderator comes within ten seconds."
    : `nothing passes until another moderator comes: what runs goes on, and ${principal} neither sees nor does anything.`;
}

/** Principals, and groups as `group:<name>`. */
export function inWords(by: readonly string[]): string {
  return by.map((who) => (who.startsWith("group:") ? `somebody of ${who.slice("group:".length)}` : who)).join(", or ");
}
