/** The files that passed in a session: which way, how much, and the hash of what passed. */
import { ArrowDownToLine, ArrowUpFromLine } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { Table } from "../../parts/table.tsx";
import { formatBytes } from "../../parts/time.tsx";
import type { Told } from "./entries.ts";
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
export function filesOf(told: readonly Told[]): Passed[] {
  return told.flatMap((each): Passed[] => {
    if (each.type !== "file" || !each.closed) return [];
    const { path, atUs = 0, closed } = each;
    const { seq, bytesRead, bytesWritten, sha256, outcome } = closed;
    const one = { atUs, path, sha256, partial: outcome === "partial" };
    const up = { ...one, key: `${seq}u`, up: true, bytes: bytesWritten };
    const down = { ...one, key: `${seq}d`, up: false, bytes: bytesRead };
    return bytesWritten > 0 ? (bytesRead > 0 ? [up, down] : [up]) : [down];
  });
}

export function Files({ files }: { readonly files: readonly Passed[] }): ReactNode {
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
