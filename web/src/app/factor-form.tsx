/** One place where a second factor is shown: by passkey, by the code of an app, or by a recovery code. */
import { useQuery } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useState, type FormEvent, type ReactNode } from "react";
import { Link } from "wouter";
import type { Sent } from "../../../src/contract/types.ts";
import { call, type Result } from "../api/client.ts";
import { knowsPasskeys, showPasskey } from "../api/passkeys.ts";
import { problemOf } from "../api/problem.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Empty, Loading, ProblemNote } from "../parts/state.tsx";
import style from "./factor-form.module.css";

type Offer = Result<"step-up.start">;
type Proof = NonNullable<Sent<"step-up.finish">["body"]>;
type Kind = Offer["kinds"][number];

interface FactorFormProps {
  /** Which will do; absent: any. */
  readonly kinds?: readonly string[] | undefined;
  /** Shows it; the usual way is to the login in use. */
  readonly show?: (proof: Proof) => Promise<unknown>;
  readonly onShown: () => void;
}

const usual = (body: Proof): Promise<unknown> => call("step-up.finish", { body });

export function FactorForm({ kinds, show = usual, onShown }: FactorFormProps): ReactNode {
  const offer = useQuery({
    queryKey: ["step-up.start"],
    queryFn: ({ signal }) => call("step-up.start", {}, signal),
    // Its challenge is good once, and not for long.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  if (offer.error) return <ProblemNote problem={problemOf(offer.error)} onRetry={() => void offer.refetch()} />;
  if (!offer.data) return <Loading lines={2} />;
  return <Ways offer={offer.data} kinds={kinds} show={show} onShown={onShown} onAgain={() => offer.refetch().then(({ data }) => data)} />;
}

type WaysProps = FactorFormProps & {
  readonly show: NonNullable<FactorFormProps["show"]>;
  readonly offer: Offer;
  readonly onAgain: () => Promise<Offer | undefined>;
};

function Ways({ offer, kinds, show, onShown, onAgain }: WaysProps): ReactNode {
  const usable = offer.kinds.filter((kind) => (kinds ?? [kind]).includes(kind) && (kind !== "passkey" || knowsPasskeys()));
  const [first] = usable;
  const [chosen, setChosen] = useState<Kind | undefined>(first);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (chosen === undefined) {
    return (
      <Empty title="You have none that counts here" action={<Link to="/account">Set one up under Account</Link>}>
        {kinds?.includes("provider") === true && "Logging in at your identity provider with its second factor counts too."}
      </Empty>
    );
  }
  const attempt = async (make: () => Promise<Proof>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await show(await make());
      onShown();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const touch = (): Promise<void> =>
    attempt(async () => {
      // What a failed attempt used up is asked for anew.
      const { passkey } = (error === undefined ? offer : await onAgain()) ?? offer;
      if (!passkey) throw new Error("no options");
      return { passkey: await showPasskey(passkey) };
    });
  return (
    <div className={style["ways"]}>
      {error !== undefined && <ProblemNote problem={problemOf(error)} />}
      {chosen === "passkey" && (
        <Button look="main" wide autoFocus busy={busy} icon={<Fingerprint size={16} aria-hidden="true" />} onClick={() => void touch()}>
          Use a passkey
        </Button>
      )}
      {chosen === "totp" && (
        <CodeForm
          key="totp"
          label="Code of your authenticator app"
          digits
          busy={busy}
          onCode={(totp) => void attempt(() => Promise.resolve({ totp }))}
        />
      )}
      {chosen === "recovery" && (
        <CodeForm
          key="recovery"
          label="Recovery code"
          hint="One of the codes you wrote down. It is good once."
          busy={busy}
          onCode={(recovery) => void attempt(() => Promise.resolve({ recovery }))}
        />
      )}
      {usable.length > 1 && (
        <p className={style["others"]}>
          {usable
            .filter((kind) => kind !== chosen)
            .map((kind) => (
              <button
                key={kind}
                type="button"
                className={style["other"]}
                onClick={() => {
                  setChosen(kind);
                  setError(undefined);
                }}
              >
                {INSTEAD[kind]}
              </button>
            ))}
        </p>
      )}
    </div>
  );
}

const INSTEAD: Readonly<Record<Kind, string>> = {
  passkey: "Use a passkey",
  totp: "Use an authenticator app",
  recovery: "Use a recovery code",
  provider: "",
};

interface CodeFormProps {
  readonly label: string;
  readonly hint?: string;
  readonly digits?: boolean;
  readonly busy: boolean;
  readonly onCode: (code: string) => void;
}

function CodeForm({ label, hint, digits = false, busy, onCode }: CodeFormProps): ReactNode {
  const [code, setCode] = useState("");
  const ready = digits ? /^\d{6}$/.test(code) : code.trim() !== "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onCode(code.trim());
    setCode("");
  };
  return (
    <form className={style["ways"]} onSubmit={submit}>
      <TextField
        label={label}
        hint={hint}
        autoFocus
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        {...(digits && { inputMode: "numeric", maxLength: 6 })}
        value={code}
        onChange={({ target }) => setCode(digits ? target.value.replaceAll(/\D/g, "") : target.value)}
      />
      <Button type="submit" look="main" wide disabled={!ready} busy={busy}>
        Continue
      </Button>
    </form>
  );
}
