/**
 * Where `ssh`, `psql` and `sallyport` send somebody who waits for a passkey. Whoever began it elsewhere may not be who reads this:
 * so the page says who waits, from where and for what, and asks the browser for nothing before somebody says that it is theirs.
 */
import { startAuthentication } from "@simplewebauthn/browser";
import { useMutation } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { call } from "../../api/client.ts";
import { ownProblem, problemOf, ProblemError } from "../../api/problem.ts";
import { useCall } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Loading, ProblemNote } from "../../parts/state.tsx";
import style from "../login/login.module.css";

export function StepUpPage({ page }: { readonly page: string }): ReactNode {
  const waiting = useCall("step-up.show-page", { params: { page } });
  const show = useMutation({ mutationFn: () => showPasskey(page) });
  useEffect(() => {
    document.title = "Show a passkey — Sallyport";
  }, []);
  const trouble = waiting.error ?? show.error;
  return (
    <main className={style["page"]}>
      <div className={style["card"]}>
        <div className={style["brand"]}>
          <img src="/gate.svg" alt="" width={36} height={36} />
          <h1>Show your passkey</h1>
        </div>
        {trouble && (
          <ProblemNote problem={problemOf(trouble)} next="Begin again where you were asked: a page is good once, for five minutes" />
        )}
        {show.isSuccess ? (
          <p role="status">Shown. Go on where you came from; this page can be closed.</p>
        ) : (
          waiting.data && (
            <>
              <p>
                <strong>{waiting.data.user}</strong> waits at <strong>{addressOf(waiting.data.remote)}</strong> for {waiting.data.what}.
              </p>
              <p>If you did not begin this just now, close this page and tell the security team.</p>
              <Button look="main" wide autoFocus busy={show.isPending} onClick={() => show.mutate()}>
                That is me: show a passkey
              </Button>
            </>
          )
        )}
        {waiting.isPending && <Loading what="Looking who waits" />}
      </div>
    </main>
  );
}

/** With a challenge of this moment: the page may have stood open for a while. */
async function showPasskey(page: string): Promise<void> {
  const { passkey } = await call("step-up.show-page", { params: { page } });
  const answer = await ask(passkey);
  const { clientDataJSON, authenticatorData, signature, userHandle } = answer.response;
  const response = { clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) };
  await call("step-up.finish-page", { params: { page }, body: { answer: { id: answer.id, response } } });
}

type Options = Parameters<typeof startAuthentication>[0]["optionsJSON"];

async function ask(options: object): ReturnType<typeof startAuthentication> {
  try {
    return await startAuthentication({ optionsJSON: options as Options });
  } catch (thrown) {
    if (thrown instanceof ProblemError) throw thrown;
    throw ownProblem("factor-refused", "The browser showed no passkey", "Try again, or use a browser that has it");
  }
}

/** `ip:port` → `ip` */
function addressOf(remote: string): string {
  return remote.slice(0, remote.lastIndexOf(":"));
}
