/** The statements of a database session: what was sent, what became of it, and what it returned. */
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { formatMs, outcomeOf, type Told, type ToldOf } from "./entries.ts";
import { ResultOf } from "./result.tsx";
import moment from "./moment.module.css";
import style from "./statements.module.css";
import { clock } from "./timeline.tsx";

interface Statement {
  readonly seq: number;
  readonly atUs: number;
  readonly number?: number | undefined;
  readonly text: string;
  readonly notes: readonly string[];
  readonly refused?: string | undefined;
  readonly outcome?: ToldOf<"statement">["outcome"];
}

function statementsOf(told: readonly Told[]): Statement[] {
  return told.flatMap((each): Statement[] => {
    const { type, seq, atUs = 0, isCut } = each;
    if (type === "denial" && each.what === "statement") {
      return [{ seq, atUs, text: each.text ?? "(could not be read)", notes: [], refused: `${each.code}: ${each.detail}` }];
    }
    if (type !== "statement") return [];
    const { number, text, preview, hold, withheld, limit, outcome } = each;
    const notes = [
      preview && "tried out and undone",
      hold !== undefined && `approved as ${hold}`,
      withheld !== undefined && `${withheld} literals not recorded`,
      limit !== undefined && `limited to ${limit} rows`,
      isCut && "cut here; the log has all of it",
    ];
    return [{ seq, atUs, number, text, notes: notes.filter((note) => typeof note === "string"), outcome }];
  });
}

interface StatementsProps {
  readonly session: string;
  /** In the order that is shown. */
  readonly told: readonly Told[];
  readonly current: number | undefined;
  readonly onChoose: (seq: number | undefined) => void;
}

export function Statements({ session, told, current, onChoose }: StatementsProps): ReactNode {
  const statements = useMemo(() => statementsOf(told), [told]);
  const chosen = useRef<HTMLLIElement>(null);
  // In braces: newer browsers give a promise back, which is no way to undo an effect.
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  if (statements.length === 0)
    return <Empty title="No statements">What is sent in this session appears here, and what became of it.</Empty>;
  return (
    <ol className={style["statements"]} aria-label="Statements">
      {statements.map((statement) => {
        const open = statement.seq === current;
        return (
          <li key={statement.seq} ref={open ? chosen : undefined} className={style["statement"]}>
            <button
              type="button"
              className={`${moment["line"]} ${style["line"]}`}
              aria-expanded={open}
              data-row=""
              onClick={() => onChoose(open ? undefined : statement.seq)}
            >
              <span className={moment["at"]}>{clock(statement.atUs)}</span>
              <code className={open ? style["whole"] : style["text"]}>
                <Plain text={statement.text} />
              </code>
              <span className={style["outcome"]}>
                <Outcome statement={statement} />
              </span>
            </button>
            {open && <More session={session} statement={statement} />}
          </li>
        );
      })}
    </ol>
  );
}

function Outcome({ statement: { refused, outcome } }: { readonly statement: Statement }): ReactNode {
  if (refused !== undefined) return <Badge tone="bad">refused</Badge>;
  if (outcome === undefined) return <Badge tone="warn">no outcome</Badge>;
  const { sqlstate, durationMs, skipped, masked } = outcome;
  const became = outcomeOf(outcome);
  return (
    <>
      {masked && <Badge tone="info">masked</Badge>}
      {sqlstate !== undefined ? (
        <Badge tone="bad">{became}</Badge>
      ) : skipped ? (
        <Badge>{became}</Badge>
      ) : (
        <span className={style["number"]}>{became}</span>
      )}
      <span className={style["number"]}>{formatMs(durationMs)}</span>
    </>
  );
}

function More({
  session,
  statement: { number, notes, refused, outcome },
}: {
  readonly session: string;
  readonly statement: Statement;
}): ReactNode {
  const { message, masked } = outcome ?? {};
  return (
    <div className={style["more"]}>
      {refused !== undefined && (
        <p className={style["bad"]}>
          <Plain text={refused} />
        </p>
      )}
      {message !== undefined && (
        <p className={style["bad"]}>
          <Plain text={message} />
        </p>
      )}
      {notes.length > 0 && <p className={style["soft"]}>{notes.join(" · ")}</p>}
      {masked && (
        <p className={style["soft"]}>
          {masked.values} values masked in <Plain text={masked.columns.join(", ")} />
        </p>
      )}
      {number !== undefined && refused === undefined && <ResultOf session={session} number={number} />}
    </div>
  );
}
