import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { TextArea } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./account.module.css";

/** SSH keys that say to the gate who one is. */
export function Keys({ user }: { readonly user: string }): ReactNode {
  const keys = useCall("keys.list", { params: { name: user } });
  const remove = useChange("keys.remove");
  const say = useSay();
  const [adding, setAdding] = useState(false);
  return (
    <Panel title="SSH keys" flush actions={<Button onClick={() => setAdding(true)}>Add a key</Button>}>
      {remove.error && <ProblemNote problem={problemOf(remove.error)} />}
      <Shown of={keys}>
        {({ keys: held }) =>
          held.length === 0 ? (
            <Empty title="You have no SSH key here">
              With one, ssh knows you without a password. A login of the command line brings a certificate instead.
            </Empty>
          ) : (
            <ul>
              {held.map(({ id, fingerprint, comment, addedAt }) => (
                <li key={id} className={style["item"]}>
                  <span className={style["what"]}>
                    <strong>
                      <Plain text={comment === "" ? "Without a comment" : comment} />
                    </strong>
                    <span className={style["soft"]}>
                      <code>{fingerprint}</code>, added <Ago at={addedAt} />
                    </span>
                  </span>
                  <Button
                    look="quiet"
                    busy={remove.isPending}
                    onClick={() => remove.mutate({ params: { name: user, key: id } }, { onSuccess: () => say("The key is removed") })}
                  >
                    Remove<span className="visually-hidden"> {plainText(comment)}</span>
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      {adding && <AddKey user={user} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function AddKey({ user, onClose }: { readonly user: string; readonly onClose: () => void }): ReactNode {
  const [line, setLine] = useState("");
  const add = useChange("keys.add");
  const say = useSay();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const done = (): void => {
      onClose();
      say("The key is added");
    };
    add.mutate({ params: { name: user }, body: { publicKey: line.trim() } }, { onSuccess: done });
  };
  return (
    <Dialog title="Add an SSH key" open onOpenChange={onClose}>
      <form className={style["stack"]} onSubmit={submit}>
        <TextArea
          label="Public key"
          hint="The line of a file that ends in .pub. Never the other file."
          required
          spellCheck={false}
          placeholder="ssh-ed25519 AAAA… you@laptop"
          value={line}
          onChange={({ target }) => setLine(target.value)}
        />
        {line.includes("PRIVATE KEY") && (
          <p role="alert" className={style["wrong"]}>
            This is a private key. It goes to nobody: choose the file that ends in .pub.
          </p>
        )}
        {add.error && <ProblemNote problem={problemOf(add.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="main" disabled={line.trim() === "" || line.includes("PRIVATE KEY")} busy={add.isPending}>
            Add it
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
