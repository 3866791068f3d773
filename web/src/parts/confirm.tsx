/** Before something is done that somebody feels: what it does, why it is done, and the one button that does it. */
import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../api/problem.ts";
import { Button } from "./button.tsx";
import style from "./confirm.module.css";
import { Dialog, DialogActions } from "./dialog.tsx";
import { TextArea, TextField } from "./field.tsx";
import { ProblemNote } from "./state.tsx";

interface ConfirmProps {
  readonly title: ReactNode;
  /** What the button says: a verb. */
  readonly action: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onConfirm: (reason: string) => void;
  readonly busy: boolean;
  readonly error?: Error | null | undefined;
  /** Default: it is asked for, since others will read it. */
  readonly reason?: boolean;
  /** What must be typed first, where a slip would hurt everybody. */
  readonly typed?: string;
  readonly children?: ReactNode;
}

export function Confirm({
  title,
  action,
  open,
  onOpenChange,
  onConfirm,
  busy,
  error,
  reason: asksReason = true,
  typed,
  children,
}: ConfirmProps): ReactNode {
  const [reason, setReason] = useState("");
  const [typing, setTyping] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed === undefined || typing === typed) onConfirm(reason);
  };
  return (
    <Dialog title={title} open={open} onOpenChange={onOpenChange}>
      <form className={style["form"]} onSubmit={submit}>
        {children}
        {error && <ProblemNote problem={problemOf(error)} />}
        {asksReason && (
          <TextArea label="Reason" required maxLength={2_000} autoFocus value={reason} onChange={({ target }) => setReason(target.value)} />
        )}
        {typed !== undefined && (
          <TextField
            label={`Type ${typed} to go on`}
            required
            autoComplete="off"
            spellCheck={false}
            value={typing}
            onChange={({ target }) => setTyping(target.value)}
          />
        )}
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" look="danger" busy={busy} disabled={typed !== undefined && typing !== typed}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
