/** Wherever a call takes a second factor, this asks for it; then the call goes on. */
import { useCallback, useState, type ReactNode } from "react";
import { AskFactorContext, type AskFactor } from "../api/step-up.ts";
import type { ProblemError } from "../api/problem.ts";
import { Button } from "../parts/button.tsx";
import { Dialog, DialogActions } from "../parts/dialog.tsx";
import { formatDuration } from "../parts/time.tsx";
import { FactorForm } from "./factor-form.tsx";
import { toLogin } from "./log-out.ts";

interface Asked {
  readonly needed: ProblemError;
  readonly answer: (shown: boolean) => void;
}

export function StepUp({ children }: { readonly children: ReactNode }): ReactNode {
  const [asked, setAsked] = useState<Asked>();
  const ask = useCallback<AskFactor>(
    (needed) =>
      new Promise((resolve) => {
        setAsked((before) => {
          // One dialog at a time: who was asked before has not answered.
          before?.answer(false);
          return { needed, answer: resolve };
        });
      }),
    [],
  );
  const end = (shown: boolean): void => {
    asked?.answer(shown);
    setAsked(undefined);
  };
  return (
    <AskFactorContext value={ask}>
      {children}
      {asked && (
        <Dialog title="Show your second factor" open onOpenChange={(open) => !open && end(false)}>
          <Needed needed={asked.needed} onShown={() => end(true)} />
          <DialogActions>
            <Button onClick={() => end(false)}>Not now</Button>
          </DialogActions>
        </Dialog>
      )}
    </AskFactorContext>
  );
}

function Needed({ needed, onShown }: { readonly needed: ProblemError; readonly onShown: () => void }): ReactNode {
  const { detail = needed.problem.title, stepUp } = needed.problem;
  const why = `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}.`;
  if (stepUp === undefined) {
    return (
      <>
        <p>{why}</p>
        <Button look="main" onClick={() => void toLogin()}>
          Log in again
        </Button>
      </>
    );
  }
  const { kinds, withinMs } = stepUp;
  return (
    <>
      <p>
        {why}
        {withinMs !== undefined && ` What you show now counts for ${formatDuration(withinMs)}.`}
      </p>
      <FactorForm kinds={kinds} onShown={onShown} />
    </>
  );
}
