/**
 * Over every page of who may read the log: that the log is not the one this browser saw before. Nobody has to look for it, and
 * nothing else on the page takes it away.
 */
import { useState, type ReactNode } from "react";
import { ShieldAlert } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "../parts/button.tsx";
import { Dialog, DialogActions } from "../parts/dialog.tsx";
import type { Break } from "./head.ts";
import style from "./log-guard.module.css";
import { forget } from "./memory.ts";
import type { Checkpoint } from "./note.ts";
import { useLogHead, type LogHead } from "./use-log.ts";

const EVERY_MS = 60_000;

type Alarm = Extract<LogHead, { state: "broken" | "missing" }>;

const TITLES: Readonly<Record<Break | "missing", string>> = {
  shrunk: "The audit log is shorter than it was",
  forked: "The audit log's past was changed",
  "other-key": "The audit log is signed by another key than before",
  "other-log": "The audit log is another one than before",
  forged: "The audit log's head carries a false signature",
  unsigned: "The audit log's head is not signed by its key",
  malformed: "The audit log's head cannot be read",
  missing: "The audit log's head is gone",
};

export default function LogGuard(): ReactNode {
  const { data } = useLogHead({ everyMs: EVERY_MS });
  return data?.state === "broken" || data?.state === "missing" ? <Warning alarm={data} /> : null;
}

function Warning({ alarm }: { readonly alarm: Alarm }): ReactNode {
  const head = alarm.state === "broken" ? alarm.head : undefined;
  const how = alarm.state === "broken" ? alarm.how : "missing";
  return (
    <section className={style["alarm"]} role="alert" aria-label="The audit log is not to be trusted">
      <ShieldAlert size={22} aria-hidden="true" />
      <div className={style["words"]}>
        <p className={style["title"]}>{TITLES[how]}</p>
        <p>
          {said(alarm.before, "This browser saw")}
          {said(head, "Now the gate shows")}
          Entries may have been removed or altered since. A restore from a backup looks like this too, and whoever made one says so.
        </p>
        <ol className={style["steps"]}>
          <li>Do not rely on what this console shows of the past.</li>
          <li>Tell your security team, and whoever runs the gate. Ask whether it was restored.</li>
          <li>
            Have the log compared with its anchors: <code>sallyport audit verify --checkpoint</code>.
          </li>
        </ol>
        <Accept />
      </div>
    </section>
  );
}

function said(head: Checkpoint | undefined, who: string): string {
  return head ? `${who} ${head.size.toLocaleString()} entries of ${head.origin}. ` : "";
}

function Accept(): ReactNode {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        It was restored: trust this log from now on
      </Button>
      <Dialog title="Trust the log as it is now?" open={open} onOpenChange={setOpen}>
        <p>
          This browser forgets what it saw before, for good. Do so only once whoever runs the gate has told you of the restore, over another
          way than this console, and the verifier key they gave you is the one on the page Audit.
        </p>
        <DialogActions>
          <Button onClick={() => setOpen(false)}>Keep the warning</Button>
          <Button
            look="danger"
            onClick={() => {
              forget();
              setOpen(false);
              void client.invalidateQueries();
            }}
          >
            Forget the old log
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
