/** Who somebody is at identity providers: whoever the provider says that is comes in as them. */
import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import type { User } from "./users.tsx";

type Identity = NonNullable<User["identities"]>[number];

export function IdentitiesPanel({ user: { name, type, identities = [] } }: { readonly user: User }): ReactNode {
  const may = useMay("user.write");
  const offered = useCall("providers.offered");
  const further = (offered.data?.providers ?? []).filter((each) => !identities.some(({ provider }) => provider === each.name));
  // Programs come by no provider; and where there is none, nobody does.
  if (type !== "human" || (offered.data?.providers.length === 0 && identities.length === 0)) return null;
  return (
    <Panel
      title="Identities at providers"
      flush
      actions={may && further.length > 0 && <LinkOne name={name} providers={further.map((each) => each.name)} />}
    >
      {identities.length === 0 ? (
        <Empty title="None">They link one on their own page, Account, or at their first login by a provider that creates users.</Empty>
      ) : (
        <ul className={style["rows"]}>
          {identities.map((identity) => (
            <IdentityRow key={identity.provider} name={name} identity={identity} may={may} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface IdentityRowProps {
  readonly name: string;
  readonly identity: Identity;
  readonly may: boolean;
}

function IdentityRow({ name, identity: { provider, subject, linkedAt, ended }, may }: IdentityRowProps): ReactNode {
  const [open, setOpen] = useState(false);
  const unlink = useChange("identities.unlink");
  return (
    <li className={style["item"]}>
      <div>
        <p>
          {provider} {ended && <Badge tone="bad">ended there</Badge>}
        </p>
        <p className={style["soft"]}>
          <code>
            <Plain text={subject} />
          </code>
          , linked <Time at={linkedAt} />
        </p>
        {ended && (
          <p className={style["soft"]}>
            <Time at={ended.at} />: <Plain text={ended.reason} />
          </p>
        )}
      </div>
      {may && (
        <Button look="quiet" onClick={() => setOpen(true)} aria-label={`Unlink ${provider}`}>
          Unlink
        </Button>
      )}
      <Confirm
        title={`Unlink ${name} from ${provider}`}
        action="Unlink"
        open={open}
        onOpenChange={setOpen}
        reason={false}
        busy={unlink.isPending}
        error={unlink.error}
        onConfirm={() => unlink.mutate({ params: { name, provider } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          Their logins by {provider} end now, with the groups it gave them and the sessions that these allowed.
          {ended && " It was what kept their keys and tokens out: without it they are good again. To keep somebody out, disable them."}
        </p>
      </Confirm>
    </li>
  );
}

function LinkOne({ name, providers }: { readonly name: string; readonly providers: readonly string[] }): ReactNode {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const [subject, setSubject] = useState("");
  const link = useChange("identities.link");
  const provider = providers.find((each) => each === chosen) ?? providers[0] ?? "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      setOpen(false);
      setSubject("");
    };
    link.mutate({ params: { name }, body: { provider, subject: subject.trim() } }, { onSuccess: done });
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>Link one</Button>
      <Dialog title={`Link ${name} to an identity`} open={open} onOpenChange={setOpen}>
        <form className={style["stack"]} onSubmit={submit}>
          {link.error && <ProblemNote problem={problemOf(link.error)} />}
          <SelectField label="Provider" value={provider} onChange={({ target }) => setChosen(target.value)}>
            {providers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </SelectField>
          <TextField
            label="The provider's number for them"
            hint="`sub`, as the provider has it. It is also in the audit log, in the failed login of somebody whom nobody here is."
            required
            maxLength={255}
            spellCheck={false}
            autoComplete="off"
            value={subject}
            onChange={({ target }) => setSubject(target.value)}
          />
          <p className={style["soft"]}>Whoever the provider says that is becomes {name} here.</p>
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" look="main" disabled={subject.trim() === ""} busy={link.isPending}>
              Link
            </Button>
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
}
