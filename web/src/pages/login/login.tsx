/** Shown in place of whichever page was asked for; that page is there once somebody is logged in. */
import { Fingerprint } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { call } from "../../api/client.ts";
import { fillsPasskeys, knowsPasskeys, showPasskey, stopAsking } from "../../api/passkeys.ts";
import { problemOf, ProblemError } from "../../api/problem.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import { Link } from "wouter";
import { Card } from "./card.tsx";
import style from "./login.module.css";
import { CameBack, Providers } from "./providers.tsx";

/** What is offered in the field for the name is asked for anew before the gate forgets it. */
const OFFER_MS = 240_000;
/** Of the browser's own doing: there nothing was tried. */
const QUIET = new Set(["passkey-closed"]);

interface LoginProps {
  /** Somebody was logged in here, and is not any more. */
  readonly lapsed: boolean;
  /** With a passkey, which is two factors in one. */
  readonly onLogin: () => void;
  /** With a password: a second factor may follow. */
  readonly onPassword: () => void;
}

export function Login({ lapsed, onLogin, onPassword }: LoginProps): ReactNode {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [refused, setRefused] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const stopOffering = useOfferedPasskey(onLogin, setRefused);

  const attempt = async (logIn: () => Promise<void>): Promise<void> => {
    stopOffering();
    setRefused(undefined);
    setBusy(true);
    try {
      await logIn();
    } catch (thrown) {
      setRefused(thrown);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      await call("login.console", { body: { user: user.trim(), password } });
      onPassword();
    });
  };
  const touch = (): Promise<void> =>
    attempt(async () => {
      await logInWithPasskey();
      onLogin();
    });
  return (
    <Card title="Log in to Sallyport">
      {refused !== undefined && <ProblemNote problem={problemOf(refused)} />}
      {refused === undefined && <CameBack />}
      {refused === undefined && lapsed && <p role="status">Your login has ended. Log in again: you come back to where you were.</p>}
      <Providers onBegin={stopOffering} />
      {knowsPasskeys() && (
        <>
          <Button wide disabled={busy} icon={<Fingerprint size={16} aria-hidden="true" />} onClick={() => void touch()}>
            Log in with a passkey
          </Button>
          <p className={style["or"]}>or</p>
        </>
      )}
      <form className={style["form"]} onSubmit={submit}>
        <TextField
          label="Name"
          name="username"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
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
        <Button type="submit" look="main" wide busy={busy}>
          Log in
        </Button>
      </form>
      <Link to="/login/new-password">I have a one-time secret</Link>
    </Card>
  );
}

async function logInWithPasskey(autofill = false): Promise<void> {
  const options = await call("login.start-passkey");
  const answer = await showPasskey(options, autofill);
  await call("login.passkey", { body: { answer } });
}

/** In the field for the name, where the browser does that, until what it gives back is called: from then on nothing comes unasked. */
function useOfferedPasskey(onLogin: () => void, onRefused: (thrown: unknown) => void): () => void {
  const over = useRef(new AbortController());
  useEffect(() => {
    const mine = new AbortController();
    over.current = mine;
    const offer = async (): Promise<void> => {
      if (!(await fillsPasskeys()) || mine.signal.aborted) return;
      try {
        await logInWithPasskey(true);
        if (!mine.signal.aborted) onLogin();
      } catch (thrown) {
        const quiet = thrown instanceof ProblemError && QUIET.has(thrown.code);
        if (!quiet && !mine.signal.aborted) onRefused(thrown);
      }
    };
    const timer = setInterval(() => {
      stopAsking();
      void offer();
    }, OFFER_MS);
    mine.signal.addEventListener("abort", () => {
      clearInterval(timer);
      stopAsking();
    });
    void offer();
    return () => mine.abort();
  }, [onLogin, onRefused]);
  return useCallback(() => over.current.abort(), []);
}
