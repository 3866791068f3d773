/**
 * Where `sallyport console` leads: the code after `#` becomes a login. Somebody else's link would log this person in as
 * somebody else; so nothing happens before they say that it is their own.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "../login/login.module.css";

export function Enter(): ReactNode {
  const client = useQueryClient();
  const [, go] = useLocation();
  const redeem = useChange("login.handover");
  const [code] = useState(takeCode);
  const enter = (): void => {
    redeem.mutate(
      { body: { code } },
      {
        onSuccess: () => {
          client.clear();
          go("/", { replace: true });
        },
      },
    );
  };
  return (
    <main className={style["page"]}>
      <div className={style["card"]}>
        <div className={style["brand"]}>
          <img src="/gate.svg" alt="" width={36} height={36} />
          <h1>Open the console</h1>
        </div>
        {redeem.error ? (
          <ProblemNote problem={problemOf(redeem.error)} next="Run `sallyport console` again: a link works once, for a minute" />
        ) : (
          <p>As whoever just ran `sallyport console`. If that was not you, close this page.</p>
        )}
        <Button look="main" wide autoFocus busy={redeem.isPending} disabled={code === "" || redeem.isError} onClick={enter}>
          That was me
        </Button>
      </div>
    </main>
  );
}

/** Gone from the address at once, so that it stays in no history. */
function takeCode(): string {
  const code = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  return code;
}
