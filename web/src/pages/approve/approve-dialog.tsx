/** A yes to all of it, to less time, or to fewer targets. The button has the focus: Enter says yes to what was asked. */
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { DurationChoice } from "../../parts/access/duration-choice.tsx";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { formatDuration } from "../../parts/time.tsx";
import style from "./approve.module.css";

interface ApproveDialogProps {
  readonly request: Result<"requests.show">;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ApproveDialog({ request, open, onClose, onDone }: ApproveDialogProps): ReactNode {
  const { id, requester, role, scope, durationMs: asked, type } = request;
  const [durationMs, setDuration] = useState(asked);
  const [left, setLeft] = useState<readonly string[]>(scope.map(({ target }) => target));
  const approval = useChange("requests.approve");
  const say = useSay();
  const button = useRef<HTMLButtonElement>(null);
  const all = left.length === scope.length;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const targets = scope.flatMap(({ target }) => (left.includes(target) ? target : []));
    const body = { ...(durationMs !== asked && { durationMs }), ...(!all && { targets }) };
    const done = ({ grant }: Result<"requests.approve">): void => {
      say(grant ? `Approved: ${requester} has ${role} for ${formatDuration(durationMs)}` : "Your yes is given; it takes more than one");
      onDone();
    };
    approval.mutate({ params: { id }, body }, { onSuccess: done });
  };
  const toggle = (target: string): void =>
    setLeft((now) => (now.includes(target) ? now.filter((each) => each !== target) : [...now, target]));
  return (
    <Dialog title={`Approve what ${requester} asks for`} open={open} onOpenChange={(now) => !now && onClose()} initialFocus={button}>
      <form className={style["stack"]} onSubmit={submit}>
        {type !== "extension" && scope.length > 1 && (
          <fieldset className={style["less"]}>
            <legend>{role} on</legend>
            {scope.map(({ target, address }) => (
              <label key={target} className={style["check"]}>
                <input type="checkbox" checked={left.includes(target)} onChange={() => toggle(target)} />
                <span>
                  {target} <span className={style["soft"]}>{address}</span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        {scope.length === 1 && (
          <p>
            <strong>{role}</strong> on <strong>{scope[0]?.target}</strong>
          </p>
        )}
        <DurationChoice label="For" ms={durationMs} maxMs={asked} most="as asked" onChoose={setDuration} />
        {approval.error && <ProblemNote problem={problemOf(approval.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="main" ref={button} disabled={left.length === 0} busy={approval.isPending}>
            Approve {formatDuration(durationMs)}
            {!all && ` on ${left.length} of ${scope.length}`}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
