/** What is logged in as the person, and the tokens they made: each can be ended. */
import { useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago, useNow } from "../../parts/time.tsx";
import style from "./account.module.css";

type Token = Result<"tokens.list">["tokens"][number];

const TYPES: Readonly<Record<Token["type"], string>> = {
  login: "login",
  personal: "token",
  access: "password or certificate for a target",
};
const DAY_MS = 86_400_000;

export function Tokens(): ReactNode {
  const tokens = useCall("tokens.list");
  const [making, setMaking] = useState(false);
  const now = useNow();
  return (
    <Panel title="Logins and tokens" flush actions={<Button onClick={() => setMaking(true)}>Make a token</Button>}>
      <Shown of={tokens}>
        {({ tokens: all }) => {
          const live = all.filter(({ revokedAt, expiresAt }) => revokedAt === undefined && expiresAt > now);
          if (live.length === 0) return <Empty title="Nothing is logged in as you">Not even this page: load it again.</Empty>;
          return (
            <ul>
              {live
                .toSorted((a, b) => b.createdAt - a.createdAt)
                .map((token) => (
                  <TokenItem key={token.id} token={token} />
                ))}
            </ul>
          );
        }}
      </Shown>
      {making && <MakeToken onClose={() => setMaking(false)} />}
    </Panel>
  );
}

function TokenItem({ token: { id, name, type, scopes, createdAt, expiresAt } }: { readonly token: Token }): ReactNode {
  const revoke = useChange("tokens.revoke");
  const say = useSay();
  return (
    <li className={style["item"]}>
      <span className={style["what"]}>
        <strong>
          <Plain text={name} />
        </strong>{" "}
        <Badge>{TYPES[type]}</Badge>
        <span className={style["soft"]}>
          made <Ago at={createdAt} />, ends <Ago at={expiresAt} />
          {type === "personal" && `, for ${scopes.join(", ")}`}
        </span>
        {revoke.error && <ProblemNote problem={problemOf(revoke.error)} />}
      </span>
      <Button
        look="quiet"
        busy={revoke.isPending}
        onClick={() => revoke.mutate({ params: { id } }, { onSuccess: () => say(`Ended: ${name}`) })}
      >
        End<span className="visually-hidden"> {name}</span>
      </Button>
    </li>
  );
}

function MakeToken({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState("");
  const [scope, setScope] = useState("self");
  const [days, setDays] = useState("1");
  const make = useChange("tokens.create");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate({ body: { name: name.trim(), scopes: [scope], ttlMs: Number(days) * DAY_MS } });
  };
  if (make.data) {
    return (
      <Dialog title="Your token" open onOpenChange={onClose}>
        <p>It is shown this once.</p>
        <CopyLine text={make.data.secret} label="Copy the token" />
        <DialogActions>
          <Button look="main" onClick={onClose}>
            Done
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a token" open onOpenChange={onClose}>
      <form className={style["stack"]} onSubmit={submit}>
        <TextField label="What it is for" required maxLength={64} value={name} onChange={({ target }) => setName(target.value)} />
        <SelectField label="What it may do" value={scope} onChange={({ target }) => setScope(target.value)}>
          <option value="self">My own requests and sessions</option>
          <option value="all">Whatever I may do</option>
        </SelectField>
        <SelectField label="How long" value={days} onChange={({ target }) => setDays(target.value)}>
          <option value="1">A day</option>
          <option value="7">A week</option>
          <option value="30">A month</option>
        </SelectField>
        {make.error && <ProblemNote problem={problemOf(make.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="main" disabled={name.trim() === ""} busy={make.isPending}>
            Make it
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
