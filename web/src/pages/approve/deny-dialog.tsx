import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { problemOf, type ProblemError } from "../../api/problem.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./approve.module.css";

interface DenyDialogProps {
  readonly title: string;
  readonly asker: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onDeny: (reason: string) => void;
  readonly busy: boolean;
  readonly error: ProblemError | null;
}

export function DenyDialog({ title, asker, open, onClose, onDeny, busy, error }: DenyDialogProps): ReactNode {
  const [reason, setReason] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDeny(reason.trim());
  };
  return (
    <Dialog title={title} open={open} onOpenChange={(now) => !now && onClose()} initialFocus={field}>
      <form className={style["stack"]} onSubmit={submit}>
        <TextField
          label="Why not"
          hint={`${asker} reads this.`}
          required
          maxLength={1_000}
          inputRef={field}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        {error && <ProblemNote problem={problemOf(error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="danger" disabled={reason.trim() === ""} busy={busy}>
            Deny
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
