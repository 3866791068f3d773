/** The statements of a database session: what was sent, what became of it, and what it returned. */
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { formatMs, type SessionEvent } from "./entries.ts";
import { ResultOf } from "./result.tsx";
import style from "./statements.module.css";
import { clock } from "./timeline.tsx";

interface Statement {
  readonly seq: number;
  readonly atUs: number;
  readonly number?: number | undefined;
  readonly text: string;
  readonly notes: readonly string[];
  readonly refused?: string | undefined;
  readonly outcome?: Readonly<Record<string, unknown>> | undefined;
}

function statementsOf(events: readonly SessionEvent[], startedAt: number): Statement[] {
  const outcomes = new Map(events.filter(({ kind }) => kind === "sql.outcome").map(({ body }) => [body?.["number"], body]));
  return events.flatMap(({ seq, time, kind, body }): Statement[] => {
    if (kind !== "sql.statement" && kind !== "sql.refused") return [];
    const { statement, number, code, detail, preview, hold, withheld, limit } = (body ?? {}) as Readonly<Record<string, unknown>>;
    const notes = [
      preview === true && "tried out and undone",
      typeof hold === "string" && `approved as ${hold}`,
      typeof withheld === "number" && `${withheld} literals not recorded`,
      typeof limit === "number" && `limited to ${limit} rows`,
    ];
    return [
      {
        seq,
        atUs: Math.max(0, time - startedAt) * 1_000,
        number: typeof number === "number" ? number : undefined,
        text: body === undefined ? "" : typeof statement === "string" ? statement : "(could not be read)",
        notes: notes.filter((note) => typeof note === "string"),
        refused: kind === "sql.refused" ? `${String(code)}: ${String(detail)}` : undefined,
        outcome: outcomes.get(number),
      },
    ];
  });
}

interface StatementsProps {
  readonly session: string;
  readonly events: readonly SessionEvent[];
  readonly startedAt: number;
  readonly current: number | undefined;
  readonly onChoose: (seq: number | undefined) => void;
}

export function Statements({ session, events, startedAt, current, onChoose }: StatementsProps): ReactNode {
  const statements = useMemo(() => statementsOf(events, startedAt), [events, startedAt]);
  const chosen = useRef<HTMLLIElement>(null);
  useEffect(() => chosen.current?.scrollIntoView({ block: "nearest" }), [current]);
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
              className={style["line"]}
              aria-expanded={open}
              data-row=""
              onClick={() => onChoose(open ? undefined : statement.seq)}
            >
              <span className={style["at"]}>{clock(statement.atUs)}</span>
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
  const { sqlstate, rows, durationMs, skipped, masked } = outcome;
  return (
    <>
      {typeof masked === "object" && <Badge tone="info">masked</Badge>}
      {typeof sqlstate === "string" ? (
        <Badge tone="bad">{`error ${sqlstate}`}</Badge>
      ) : skipped === true ? (
        <Badge>skipped</Badge>
      ) : (
        <span className={style["number"]}>{`${Number(rows)} ${rows === 1 ? "row" : "rows"}`}</span>
      )}
      <span className={style["number"]}>{formatMs(Number(durationMs))}</span>
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
  const message = outcome?.["message"];
  const masked = outcome?.["masked"] as { readonly columns?: readonly string[]; readonly values?: number } | undefined;
  return (
    <div className={style["more"]}>
      {refused !== undefined && (
        <p className={style["bad"]}>
          <Plain text={refused} />
        </p>
      )}
      {typeof message === "string" && (
        <p className={style["bad"]}>
          <Plain text={message} />
        </p>
      )}
      {notes.length > 0 && <p className={style["soft"]}>{notes.join(" · ")}</p>}
      {masked && (
        <p className={style["soft"]}>
          {masked.values} values masked in <Plain text={(masked.columns ?? []).join(", ")} />
        </p>
      )}
      {number !== undefined && refused === undefined && <ResultOf session={session} number={number} />}
    </div>
  );
}
