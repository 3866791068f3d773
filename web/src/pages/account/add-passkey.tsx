import { useMutation, useQueryClient } from "@tanstack/react-query";
import { use, useState, type FormEvent, type ReactNode } from "react";
import { call } from "../../api/client.ts";
import { makePasskey } from "../../api/passkeys.ts";
import { problemOf } from "../../api/problem.ts";
import { AskFactorContext, withStepUp } from "../../api/step-up.ts";
import { Button } from "../../parts/button.tsx";
import { plainText } from "../../parts/plain.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./account.module.css";

/** The browser makes it, the gate registers it. */
export function useAddPasskey() {
  const client = useQueryClient();
  const ask = use(AskFactorContext);
  return useMutation({
    mutationFn: async (name: string) => {
      const options = await withStepUp(() => call("factors.start-passkey"), ask);
      const answer = await makePasskey(options);
      return await call("factors.add-passkey", { body: { name, answer } });
    },
    onSuccess: () => void client.invalidateQueries(),
  });
}

export function AddPasskey({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState(deviceName);
  const add = useAddPasskey();
  const say = useSay();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      onClose();
      say(`Added: ${plainText(name.trim())}`);
    };
    add.mutate(name.trim(), { onSuccess: done });
  };
  return (
    <Dialog title="Add a passkey" open onOpenChange={onClose}>
      <form className={style["stack"]} onSubmit={submit}>
        <p className={style["soft"]}>
          Your browser asks for a fingerprint, a face, a PIN or a security key. None of these reaches the gate.
        </p>
        <TextField
          label="What to call it"
          hint="So that you know it again in this list."
          required
          maxLength={64}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        {add.error && <ProblemNote problem={problemOf(add.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="main" disabled={name.trim() === ""} busy={add.isPending}>
            Make it
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

const SYSTEMS = ["iPhone", "iPad", "Android", "Mac", "Windows", "Linux"];

/** What this is, roughly: a proposal. */
export function deviceName(): string {
  return SYSTEMS.find((system) => navigator.userAgent.includes(system)) ?? "This device";
}
