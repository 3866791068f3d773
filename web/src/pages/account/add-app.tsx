import { useMutation, useQueryClient } from "@tanstack/react-query";
import { use, useEffect, useState, type FormEvent, type ReactNode } from "react";
import { call } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { AskFactorContext, withStepUp } from "../../api/step-up.ts";
import { Button } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { QrCode } from "../../parts/qr-code.tsx";
import { useSay } from "../../parts/say.tsx";
import { Loading, ProblemNote } from "../../parts/state.tsx";
import style from "./account.module.css";

/** An app is one once it has shown a code: a picture that was not read locks nobody out. */
export function AddApp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const ask = use(AskFactorContext);
  const client = useQueryClient();
  const start = useMutation({ mutationFn: () => withStepUp(() => call("factors.start-totp"), ask), gcTime: 0 });
  const { mutate: begin } = start;
  // The secret is made when the dialog opens, and is forgotten with it.
  useEffect(() => begin(), [begin]);
  const add = useChange("factors.add-totp");
  const say = useSay();
  const [code, setCode] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      void client.invalidateQueries();
      onClose();
      say("Added: your authenticator app");
    };
    add.mutate({ body: { name: "authenticator app", code } }, { onSuccess: done });
  };
  return (
    <Dialog title="Add an authenticator app" open onOpenChange={onClose}>
      {start.error && <ProblemNote problem={problemOf(start.error)} onRetry={begin} />}
      {start.isPending && <Loading lines={4} />}
      {start.data && (
        <form className={style["stack"]} onSubmit={submit}>
          <p>Point the app&apos;s camera here, or type the secret into it.</p>
          <QrCode text={start.data.uri} label="For the camera of the authenticator app" />
          <CopyLine text={start.data.secret} label="Copy the secret" />
          <TextField
            label="The six digits it shows now"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            value={code}
            onChange={({ target }) => setCode(target.value.replaceAll(/\D/g, ""))}
          />
          {add.error && <ProblemNote problem={problemOf(add.error)} />}
          <DialogActions>
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" look="main" disabled={code.length !== 6} busy={add.isPending}>
              Add it
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
