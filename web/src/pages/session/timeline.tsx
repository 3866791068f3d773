/** What happened in a session, in order; each line leads to its moment in the replay. */
import { memo, useEffect, useRef, type ReactNode } from "react";
import { Link } from "wouter";
import { useMay } from "../../app/status.ts";
import { Plain } from "../../parts/plain.tsx";
import type { Entry } from "./entries.ts";
import moment from "./moment.module.css";
import style from "./timeline.module.css";

interface TimelineProps {
  readonly entries: readonly Entry[];
  /** The one that the replay has come to, or that was chosen. */
  readonly current: number | undefined;
  readonly onChoose: (entry: Entry) => void;
}

export const Timeline = memo(function Timeline({ entries, current, onChoose }: TimelineProps): ReactNode {
  const list = useRef<HTMLOListElement>(null);
  const proofs = useMay("audit.read");
  // Within the list only: the page itself stays where it is.
  useEffect(() => {
    const [box, line] = [list.current, list.current?.querySelector<HTMLElement>("[aria-current]")];
    if (!box || !line) return;
    const [top, bottom] = [line.offsetTop - box.offsetTop, line.offsetTop - box.offsetTop + line.offsetHeight];
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }, [current]);
  return (
    <ol ref={list} className={style["timeline"]} aria-label="Timeline">
      {entries.map((entry) => (
        <Line key={entry.seq} entry={entry} current={entry.seq === current} proof={proofs} onChoose={onChoose} />
      ))}
    </ol>
  );
});

const Line = memo(function Line({
  entry,
  current,
  proof,
  onChoose,
}: {
  readonly entry: Entry;
  readonly current: boolean;
  /** With the way to its entry of the audit log. */
  readonly proof: boolean;
  readonly onChoose: (entry: Entry) => void;
}): ReactNode {
  const { seq, atUs, at, tone, title, text, note, decision } = entry;
  return (
    <li className={style["item"]}>
      <button
        type="button"
        className={`${moment["line"]} ${style["line"]}`}
        aria-current={current ? "step" : undefined}
        data-row=""
        onClick={() => onChoose(entry)}
      >
        <time className={moment["at"]} dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
          {atUs === undefined ? "before" : clock(atUs)}
        </time>
        <span className={`${style["dot"]} ${style[tone]}`} aria-hidden="true" />
        <span className={style["words"]}>
          <span className={style["title"]}>
            <Plain text={title} />
          </span>
          {decision !== undefined && <span className={style["decision"]}>{decision}</span>}
          {text !== undefined && text !== "" && (
            <code className={style["text"]}>
              <Plain text={text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text} />
            </code>
          )}
          {note !== undefined && (
            <span className={style["note"]}>
              <Plain text={note} />
            </span>
          )}
        </span>
      </button>
      {proof && (
        <Link className={style["proof"]} href={`/audit/${seq}`} aria-label={`Entry ${seq} of the audit log, with its proof`}>
          #{seq}
        </Link>
      )}
    </li>
  );
});

/** `0:07`, `1:02:09`: since the session began. */
export function clock(us: number): string {
  const seconds = Math.floor(us / 1e6);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
