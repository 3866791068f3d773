/** What one statement returned, where its role has that recorded. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { fromBase64 } from "../../api/bytes.ts";
import { callLines } from "../../api/client.ts";
import type { ProblemError } from "../../api/problem.ts";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Loading, Shown } from "../../parts/state.tsx";
import { RowsReader, type Rows } from "./rows.ts";
import style from "./statements.module.css";

export function ResultOf({ session, number }: { readonly session: string; readonly number: number }): ReactNode {
  const rows = useQuery<Rows, ProblemError>({
    queryKey: ["rows", session, number],
    queryFn: ({ signal }) => readRows(session, number, signal),
    staleTime: Infinity,
  });
  return (
    <Shown of={rows} loading={<Loading lines={2} what="Loading what it returned" />}>
      {({ columns, rows: list, cutShort }) =>
        columns.length === 0 && list.length === 0 ? (
          <Empty title="What it returned is not recorded">
            The role says what is recorded of a statement; here it was the statement itself.
          </Empty>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: keys have to reach it
          <div className={style["result"]} tabIndex={0} role="region" aria-label="What it returned">
            <table>
              <thead>
                <tr>
                  {columns.map((name, index) => (
                    <th key={index} scope="col">
                      <Plain text={name} />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {list.map((row, index) => (
                  <tr key={index}>
                    {row.map((value, column) => (
                      <td key={column}>{value === null ? <i className={style["null"]}>NULL</i> : <Plain text={value} />}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            {cutShort && (
              <p className={style["soft"]}>The first {list.length} rows; it returned more, or what followed could not be read.</p>
            )}
          </div>
        )
      }
    </Shown>
  );
}

async function readRows(session: string, number: number, signal: AbortSignal): Promise<Rows> {
  const reader = new RowsReader();
  for await (const { type, channel, data } of callLines(
    "sessions.recording",
    { params: { id: session }, query: { channel: number } },
    signal,
  )) {
    if (type !== "rows" || channel !== number || data === undefined) continue;
    reader.push(fromBase64(data));
    if (reader.full) break;
  }
  return reader.result();
}
