import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { useSay } from "../../parts/say.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./account.module.css";

export function Password(): ReactNode {
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const change = useChange("password.change");
  const say = useSay();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      setOld("");
      setWanted("");
      say("Your password is changed");
    };
    change.mutate({ body: { old, new: wanted } }, { onSuccess: done });
  };
  return (
    <Panel title="Password">
      <form className={style["narrow"]} onSubmit={submit}>
        <TextField
          label="The one you have"
          type="password"
          autoComplete="current-password"
          required
          value={old}
          onChange={({ target }) => setOld(target.value)}
        />
        <TextField
          label="The new one"
          hint="At least 12 characters."
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          value={wanted}
          onChange={({ target }) => setWanted(target.value)}
        />
        {change.error && <ProblemNote problem={problemOf(change.error)} />}
        <div>
          <Button type="submit" disabled={old === "" || wanted.length < 12} busy={change.isPending}>
            Change it
          </Button>
        </div>
      </form>
    </Panel>
  );
}
