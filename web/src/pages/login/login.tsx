import { useState, type FormEvent, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./login.module.css";

/** Shown in place of whichever page was asked for; that page is there once somebody is logged in. */
export function Login(): ReactNode {
  const client = useQueryClient();
  const login = useChange("login.console");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    login.mutate({ body: { user, password } }, { onSuccess: () => client.clear() });
  };
  return (
    <main className={style["page"]}>
      <form className={style["card"]} onSubmit={submit}>
        <div className={style["brand"]}>
          <img src="/gate.svg" alt="" width={36} height={36} />
          <h1>Log in to Sallyport</h1>
        </div>
        {login.error && <ProblemNote problem={problemOf(login.error)} />}
        <TextField
          label="Name"
          name="username"
          autoComplete="username webauthn"
          required
          autoFocus
          value={user}
          onChange={({ target }) => setUser(target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        <Button type="submit" look="main" wide busy={login.isPending}>
          Log in
        </Button>
      </form>
    </main>
  );
}
