/** What one can do to a live session, each with a word for the record. */
import { useState, type FormEvent, type ReactNode } from "react";
import type { RouteId } from "../../../../src/contract/routes.ts";
import type { Sent } from "../../../../src/contract/types.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button, type ButtonLook } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextArea } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./act.module.css";

export interface Act<Id extends RouteId> {
  readonly route: Id;
  readonly title: string;
  readonly lead: string;
  readonly label: string;
  readonly button: string;
  readonly look: ButtonLook;
  readonly input: (words: string) => Sent<Id>;
}

/** Open while it is there. */
export function ActDialog<Id extends RouteId>({
  act,
  onDone,
}: {
  readonly act: Act<Id>;
  readonly onDone: (done: boolean) => void;
}): ReactNode {
  const change = useChange(act.route);
  const [words, setWords] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (words.trim() === "") return;
    change.mutate(act.input(words.trim()), { onSuccess: () => onDone(true) });
  };
  return (
    <Dialog title={act.title} open={true} onOpenChange={(open) => !open && onDone(false)}>
      <p>{act.lead}</p>
      {change.error && <ProblemNote problem={problemOf(change.error)} />}
      <form className={style["form"]} onSubmit={submit}>
        <TextArea
          label={act.label}
          required
          autoFocus
          maxLength={500}
          value={words}
          onChange={({ target }) => setWords(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
        <DialogActions>
          <Button onClick={() => onDone(false)}>Cancel</Button>
          <Button type="submit" look={act.look} busy={change.isPending} disabled={words.trim() === ""}>
            {act.button}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
