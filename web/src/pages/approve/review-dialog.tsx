import { useRef, useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./approve.module.css";

interface ReviewDialogProps {
  readonly grant: Result<"grants.show">;
  readonly verdict: "justified" | "unjustified";
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** A verdict is final, and never without a word on what was found. */
export function ReviewDialog({ grant: { id, principal }, verdict, open, onClose, onDone }: ReviewDialogProps): ReactNode {
  const [note, setNote] = useState("");
  const review = useChange("grants.review");
  const say = useSay();
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      say(`Reviewed: ${verdict}`);
      onDone();
    };
    review.mutate({ params: { id }, body: { verdict, note: note.trim() } }, { onSuccess: done });
  };
  const isGood = verdict === "justified";
  return (
    <Dialog
      title={isGood ? `${principal} was right to break the glass` : `${principal} should not have broken the glass`}
      open={open}
      onOpenChange={(now) => !now && onClose()}
      initialFocus={field}
    >
      <form className={style["stack"]} onSubmit={submit}>
        <TextField
          label="What you found"
          hint="It goes into the log with the verdict. A review is given once."
          required
          maxLength={1_000}
          inputRef={field}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        {review.error && <ProblemNote problem={problemOf(review.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look={isGood ? "main" : "danger"} disabled={note.trim() === ""} busy={review.isPending}>
            {isGood ? "Justified" : "Not justified"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
