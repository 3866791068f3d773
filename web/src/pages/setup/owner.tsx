/** While the gate has no users: its first owner, by the secret that the gate printed when it started. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { Card } from "../login/card.tsx";
import style from "../login/login.module.css";

export function Owner({ onLogin }: { readonly onLogin: () => void }): ReactNode {
  const [, go] = useLocation();
  const [secret, setSecret] = useState("");
  const [owner, setOwner] = useState("");
  const [password, setPassword] = useState("");
  const make = useMutation({
    mutationFn: async () => {
      const user = owner.trim();
      await call("setup.complete", { body: { secret: secret.trim(), owner: user, password } });
      await call("login.console", { body: { user, password } });
    },
    onSuccess: () => {
      go("/setup", { replace: true });
      onLogin();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Card title="Set this gate up">
      <p>It has no users yet. You become its owner; what follows can be left and gone on with at any time.</p>
      {make.error && (
        <ProblemNote
          problem={problemOf(make.error)}
          next="The secret is in what the gate printed when it started; its configuration names the owners"
        />
      )}
      <form className={style["form"]} onSubmit={submit}>
        <TextField
          label="One-time secret"
          hint="The gate printed it when it was started for the first time."
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          value={secret}
          onChange={({ target }) => setSecret(target.value)}
        />
        <TextField
          label="Your name"
          hint="As the group of owners in the configuration has it."
          required
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={owner}
          onChange={({ target }) => setOwner(target.value)}
        />
        <TextField
          label="Password"
          hint="At least 12 characters."
          type="password"
          required
          minLength={12}
          autoComplete="new-password"
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        <Button type="submit" look="main" wide busy={make.isPending}>
          Become the owner
        </Button>
      </form>
    </Card>
  );
}
