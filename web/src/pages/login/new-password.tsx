/** For who was sent a one-time secret: a password of their own in its place. */
import { useState, type FormEvent, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { Card } from "./card.tsx";
import style from "./login.module.css";

export function NewPassword(): ReactNode {
  const [, go] = useLocation();
  const [user, setUser] = useState("");
  const [secret, setSecret] = useState("");
  const [password, setPassword] = useState("");
  const reset = useChange("password.reset");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    reset.mutate({ body: { user: user.trim(), secret: secret.trim(), password } }, { onSuccess: () => go("/") });
  };
  return (
    <Card title="Choose a password">
      {reset.error && (
        <ProblemNote problem={problemOf(reset.error)} next="Check the name and the secret; who gave it to you can make another" />
      )}
      <form className={style["form"]} onSubmit={submit}>
        <TextField label="Name" autoComplete="username" required autoFocus value={user} onChange={({ target }) => setUser(target.value)} />
        <TextField
          label="One-time secret"
          hint="From who set you up."
          autoComplete="off"
          spellCheck={false}
          required
          value={secret}
          onChange={({ target }) => setSecret(target.value)}
        />
        <TextField
          label="New password"
          hint="At least 12 characters."
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        <Button type="submit" look="main" wide busy={reset.isPending}>
          Set it
        </Button>
      </form>
      <Link to="/">Back to the login</Link>
    </Card>
  );
}
