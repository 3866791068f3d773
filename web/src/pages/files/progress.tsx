/** What is on its way to the host, and what became of it. */
import type { ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { formatBytes } from "../../parts/time.tsx";
import style from "./files.module.css";
import type { Upload } from "./uploads.ts";

interface ProgressProps {
  readonly list: readonly Upload[];
  readonly onDrop: (id: number) => void;
  readonly onAgain: (id: number, replace: boolean) => void;
}

export function Progress({ list, onDrop, onAgain }: ProgressProps): ReactNode {
  const open = list.filter(({ state }) => state === "waiting" || state === "going").length;
  return (
    <Panel title="Uploads" flush>
      <p className="visually-hidden" role="status">
        {open > 0 ? `${open} uploads are going on` : "All uploads are over"}
      </p>
      <ul>
        {list.map((upload) => (
          <Line key={upload.id} upload={upload} onDrop={onDrop} onAgain={onAgain} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ upload, onDrop, onAgain }: Omit<ProgressProps, "list"> & { readonly upload: Upload }): ReactNode {
  const { id, file, state, sent, problem } = upload;
  const isOver = state === "done" || state === "failed";
  return (
    <li className={style["upload"]}>
      <span className={style["name"]}>
        <Plain text={file.name} />
      </span>
      {state === "done" && <Badge tone="good">done</Badge>}
      {state === "failed" && <Badge tone={problem?.code === "already-exists" ? "warn" : "bad"}>{problem?.title ?? "failed"}</Badge>}
      {!isOver && (
        <>
          <progress aria-label={`Upload of ${plainText(file.name)}`} max={Math.max(1, file.size)} value={sent} />
          <span className={style["size"]}>
            {state === "waiting" ? "waits" : `${formatBytes(Math.min(sent, file.size))} of ${formatBytes(file.size)}`}
          </span>
        </>
      )}
      <span className={style["tools"]}>
        {problem?.code === "already-exists" && <Button onClick={() => onAgain(id, true)}>Replace it</Button>}
        {problem?.code === "gate-unreachable" && <Button onClick={() => onAgain(id, upload.replace)}>Try again</Button>}
        <Button look="quiet" onClick={() => onDrop(id)}>
          {isOver ? "Dismiss" : "Cancel"}
          <span className="visually-hidden"> {plainText(file.name)}</span>
        </Button>
      </span>
      {problem && (
        <span className={style["why"]}>
          {problem.detail !== undefined && <Plain text={`${problem.detail}. `} />}
          {problem.next}
        </span>
      )}
    </li>
  );
}
