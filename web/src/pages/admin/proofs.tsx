/** What somebody proves themselves with beside a password: SSH keys, and second factors. */
import { useState, type FormEvent, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextArea } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import type { User } from "./users.tsx";

type Key = Result<"keys.list">["keys"][number];

export function KeysPanel({ user: { name } }: { readonly user: User }): ReactNode {
  const keys = useCall("keys.list", { params: { name } });
  const may = useMay("user.write");
  return (
    <Panel title="SSH keys" flush actions={may && <AddKey name={name} />}>
      <Shown of={keys}>
        {({ keys }) =>
          keys.length === 0 ? (
            <Empty title="No keys">They log in over SSH with a certificate of minutes, or with a key that is added here.</Empty>
          ) : (
            <ul className={style["rows"]}>
              {keys.map((key) => (
                <KeyRow key={key.id} of={key} may={may} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Panel>
  );
}

function KeyRow({ of: { id, user, comment, fingerprint, addedAt }, may }: { readonly of: Key; readonly may: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  const remove = useChange("keys.remove");
  return (
    <li className={style["item"]}>
      <div>
        <p>
          <Plain text={comment === "" ? id : comment} />
        </p>
        <p className={style["soft"]}>
          <code>{fingerprint}</code>, added <Time at={addedAt} />
        </p>
      </div>
      {may && (
        <Button look="quiet" onClick={() => setOpen(true)} aria-label={`Remove the key ${fingerprint}`}>
          Remove
        </Button>
      )}
      <Confirm
        title="Remove the key"
        action="Remove"
        open={open}
        onOpenChange={setOpen}
        reason={false}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ params: { name: user, key: id } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          Nobody logs in with <code>{fingerprint}</code> any more.
        </p>
      </Confirm>
    </li>
  );
}

function AddKey({ name }: { readonly name: User["name"] }): ReactNode {
  const [open, setOpen] = useState(false);
  const [publicKey, setPublicKey] = useState("");
  const add = useChange("keys.add");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(
      { params: { name }, body: { publicKey } },
      {
        onSuccess: () => {
          setOpen(false);
          setPublicKey("");
        },
      },
    );
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>Add a key</Button>
      <Dialog title={`Add an SSH key of ${name}`} open={open} onOpenChange={setOpen}>
        <form className={style["stack"]} onSubmit={submit}>
          {add.error && <ProblemNote problem={problemOf(add.error)} />}
          <TextArea
            label="Public key"
            required
            autoFocus
            spellCheck={false}
            placeholder="ssh-ed25519 AAAA… bob@laptop"
            hint="The line of a file that ends in .pub: never the private key"
            value={publicKey}
            onChange={({ target }) => setPublicKey(target.value)}
          />
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" look="main" busy={add.isPending}>
              Add
            </Button>
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
}

const FACTOR_NAMES = { passkey: "Passkey", totp: "Authenticator app", recovery: "Recovery codes" } as const;

export function FactorsPanel({ user: { name } }: { readonly user: User }): ReactNode {
  const factors = useCall("factors.list", { query: { user: name } });
  const [open, setOpen] = useState(false);
  const reset = useChange("users.reset-factors");
  const may = useMay("user.write");
  const has = (factors.data?.factors.length ?? 0) > 0;
  return (
    <Panel
      title="Second factors"
      flush
      actions={
        may &&
        has && (
          <Button look="danger" onClick={() => setOpen(true)}>
            Remove all
          </Button>
        )
      }
    >
      <Shown of={factors}>
        {({ factors }) =>
          factors.length === 0 ? (
            <Empty title="None">They add a passkey or an authenticator app on their own page, Account.</Empty>
          ) : (
            <ul className={style["rows"]}>
              {factors.map(({ id, kind, name, addedAt, usedAt, synced, left }) => (
                <li key={id} className={style["item"]}>
                  <div>
                    <p>
                      {FACTOR_NAMES[kind]} <Plain text={name} /> {synced === true && <Badge>on several devices</Badge>}
                    </p>
                    <p className={style["soft"]}>
                      Added <Time at={addedAt} />
                      {usedAt !== undefined && (
                        <>
                          , used <Ago at={usedAt} />
                        </>
                      )}
                      {left !== undefined && `, ${left} left`}
                    </p>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      {reset.data && (
        <div className={style["given"]} role="status">
          <p>
            Give {name} this code, over a way that only they read: good once, until <Time at={reset.data.expiresAt} />.
          </p>
          <CopyLine text={reset.data.code} label="Copy the code" />
        </div>
      )}
      <Confirm
        title={`Remove every second factor of ${name}`}
        action="Remove all"
        open={open}
        onOpenChange={setOpen}
        busy={reset.isPending}
        error={reset.error}
        reason={false}
        onConfirm={() => reset.mutate({ params: { name } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          Their passkeys, authenticator app and recovery codes stop working, and their logins end. Do so when they lost them, and are sure
          it is them who asks. You get a code, good once, with which they add a new one.
        </p>
      </Confirm>
    </Panel>
  );
}
