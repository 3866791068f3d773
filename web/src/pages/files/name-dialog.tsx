import { useState, type FormEvent, type ReactNode } from "react";
import type { Problem } from "../../../../src/contract/problem.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./files.module.css";

interface NameDialogProps {
  readonly title: string;
  readonly button: string;
  readonly name?: string;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}

export function NameDialog({ title, button, name = "", busy, problem, onName, onClose }: NameDialogProps): ReactNode {
  const [typed, setTyped] = useState(name);
  const wrong = typed.includes("/") || typed === "." || typed === "..";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed !== "" && !wrong) onName(typed);
  };
  return (
    <Dialog title={title} open={true} onOpenChange={(open) => !open && onClose()}>
      {problem && <ProblemNote problem={problem} />}
      <form className={style["form"]} onSubmit={submit}>
        <TextField
          label="Name"
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          maxLength={255}
          value={typed}
          error={wrong ? "A name has no slash, and is not a dot or two" : undefined}
          onChange={({ target }) => setTyped(target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy} disabled={typed === "" || wrong}>
            {button}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
