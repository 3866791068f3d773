/** The files that passed in a session: which way, how much, and the hash of what passed. */
import { ArrowDownToLine, ArrowUpFromLine } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { Table } from "../../parts/table.tsx";
import { formatBytes } from "../../parts/time.tsx";
import type { SessionEvent } from "./entries.ts";
import style from "./session.module.css";
import { clock } from "./timeline.tsx";

interface Passed {
  readonly key: string;
  readonly atUs: number;
  readonly path: string;
  readonly up: boolean;
  readonly bytes: number;
  readonly sha256?: string | undefined;
  readonly partial: boolean;
}

/** A file that was read and written is there twice. */
export function filesOf(events: readonly SessionEvent[], startedAt: number): Passed[] {
  return events.flatMap(({ seq, time, kind, body }): Passed[] => {
    if (kind !== "file.close" || body === undefined) return [];
    const { path, bytesRead, bytesWritten, sha256, outcome } = body;
    const one = {
      atUs: Math.max(0, time - startedAt) * 1_000,
      path: String(path),
      sha256: typeof sha256 === "string" ? sha256 : undefined,
      partial: outcome === "partial",
    };
    const [read, written] = [Number(bytesRead), Number(bytesWritten)];
    const up = { ...one, key: `${seq}u`, up: true, bytes: written };
    const down = { ...one, key: `${seq}d`, up: false, bytes: read };
    return written > 0 ? (read > 0 ? [up, down] : [up]) : [down];
  });
}

export function Files({ events, startedAt }: { readonly events: readonly SessionEvent[]; readonly startedAt: number }): ReactNode {
  const files = useMemo(() => filesOf(events, startedAt), [events, startedAt]);
  if (files.length === 0)
    return <Empty title="No files passed">Files that are uploaded or downloaded appear here with their hashes.</Empty>;
  return (
    <Table
      caption="Files that passed"
      rows={files}
      rowKey={({ key }) => key}
      columns={[
        { name: "When", cell: ({ atUs }) => clock(atUs) },
        {
          name: "Way",
          cell: ({ up }) => (
            <span className={style["way"]}>
              {up ? <ArrowUpFromLine size={14} aria-hidden="true" /> : <ArrowDownToLine size={14} aria-hidden="true" />}
              <span>{up ? "up" : "down"}</span>
            </span>
          ),
        },
        {
          name: "Path",
          cell: ({ path, partial }) => (
            <>
              <code className={style["anywhere"]}>
                <Plain text={path} />
              </code>{" "}
              {partial && <Badge tone="warn">not to its end</Badge>}
            </>
          ),
        },
        { name: "Size", align: "number", cell: ({ bytes }) => formatBytes(bytes) },
        {
          name: "SHA-256",
          cell: ({ sha256 }) =>
            sha256 === undefined ? (
              <span className={style["soft"]}>not in one piece</span>
            ) : (
              <code className={style["anywhere"]}>{sha256}</code>
            ),
        },
      ]}
    />
  );
}
