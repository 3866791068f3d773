import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { Plain } from "../../parts/plain.tsx";
import { formatBytes } from "../../parts/time.tsx";
import style from "./approve.module.css";

type Preview = Result<"holds.show">["preview"];
type Possible = Extract<Preview, { possible: true }>;

/** What was found out on the target and undone; or why that could not be. */
export function HoldPreview({ preview }: { readonly preview: Preview }): ReactNode {
  if (!preview.possible) {
    return (
      <div className={style["stack"]}>
        <p>
          It was not tried out: <Plain text={preview.why} />.
        </p>
        <Lines title="Would lock" lines={preview.locks ?? []} />
        <Plan plan={preview.plan ?? []} />
      </div>
    );
  }
  const { rows, note, error, notices, locks, walBytes, plan, definition, tookMs } = preview;
  return (
    <div className={style["stack"]}>
      <p>
        Tried out and undone in {Math.round(tookMs)} ms: <strong>{rows === 1 ? "1 row" : `${rows} rows`}</strong> would change,{" "}
        {formatBytes(walBytes)} written.
      </p>
      {error !== undefined && (
        <p className={style["closed"]}>
          It would fail: <Plain text={error} />
        </p>
      )}
      {note !== undefined && (
        <p className={style["soft"]}>
          <Plain text={note} />
        </p>
      )}
      {preview.before.length > 0 && <Rows {...preview} />}
      {definition && (
        <>
          <Lines title="Writes anew" lines={definition.rewrites} />
          <Lines title="Makes" lines={definition.creates} />
          <Lines title="Drops" lines={definition.drops} />
        </>
      )}
      <Lines title="Locks" lines={locks} />
      <Lines title="The database says" lines={notices} />
      <Plan plan={plan} />
    </div>
  );
}

/** Each row before and after, one above the other; what differs is marked, not by its colour alone. */
function Rows({ columns, before, after, rows }: Possible): ReactNode {
  return (
    <div className={style["scroll"]} tabIndex={0} role="region" aria-label="Rows before and after">
      <table className={style["rows"]}>
        <caption className="visually-hidden">Rows before and after</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Side</span>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                <Plain text={column} />
              </th>
            ))}
          </tr>
        </thead>
        {before.map((was, index) => {
          const becomes = after[index] ?? [];
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a row has no name of its own
            <tbody key={index}>
              {was.length > 0 && <Row side="−" name="before" cells={was} others={becomes} columns={columns} />}
              {becomes.length > 0 && <Row side="+" name="after" cells={becomes} others={was} columns={columns} />}
            </tbody>
          );
        })}
      </table>
      {rows > before.length && <p className={style["soft"]}>These are the first {before.length}.</p>}
    </div>
  );
}

interface RowProps {
  readonly side: "−" | "+";
  readonly name: "before" | "after";
  readonly cells: readonly (string | null)[];
  readonly others: readonly (string | null)[];
  readonly columns: readonly string[];
}

function Row({ side, name, cells, others, columns }: RowProps): ReactNode {
  return (
    <tr className={style[name]}>
      <th scope="row" aria-label={name}>
        {side}
      </th>
      {columns.map((column, index) => {
        const cell = cells[index] ?? null;
        const differs = others.length === 0 || cell !== (others[index] ?? null);
        const shown = cell === null ? <i>NULL</i> : <Plain text={cell} />;
        return <td key={column}>{differs ? <mark>{shown}</mark> : shown}</td>;
      })}
    </tr>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <Plain text={line} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Plan({ plan }: { readonly plan: readonly string[] }): ReactNode {
  if (plan.length === 0) return null;
  return (
    <details>
      <summary>How the database would do it</summary>
      <pre className={style["statement"]}>
        <Plain text={plan.join("\n")} />
      </pre>
    </details>
  );
}
