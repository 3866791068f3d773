/** Second factors of one's own: passkeys, authenticator apps, recovery codes. */
import { Fingerprint, LifeBuoy, Smartphone } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { knowsPasskeys } from "../../api/passkeys.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { useSay } from "../../parts/say.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Ago } from "../../parts/time.tsx";
import style from "./account.module.css";
import { AddApp } from "./add-app.tsx";
import { AddPasskey } from "./add-passkey.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

type Factor = Result<"factors.list">["factors"][number];

const ICONS = { passkey: Fingerprint, totp: Smartphone, recovery: LifeBuoy } as const;
const KINDS = { passkey: "passkey", totp: "authenticator app", recovery: "recovery codes" } as const;

export function Factors(): ReactNode {
  const factors = useCall("factors.list");
  const [adding, setAdding] = useState<"passkey" | "app" | "codes">();
  const [removing, setRemoving] = useState<Factor>();
  const close = (): void => setAdding(undefined);
  return (
    <Panel
      title="Second factors"
      flush
      actions={
        <>
          <Button disabled={!knowsPasskeys()} onClick={() => setAdding("passkey")}>
            Add a passkey
          </Button>
          <Button onClick={() => setAdding("app")}>Add an authenticator app</Button>
        </>
      }
    >
      <Shown of={factors}>
        {({ factors: held }) => (
          <>
            {held.length === 0 && (
              <Empty title="You have no second factor">
                A passkey is the quickest: this device, a telephone or a security key. Some roles take one, and with it you log in without a
                password.
              </Empty>
            )}
            <ul>
              {held.map((factor) => (
                <FactorItem key={factor.id} factor={factor} onRemove={() => setRemoving(factor)} />
              ))}
            </ul>
            {held.some(({ kind }) => kind !== "recovery") && (
              <p className={style["foot"]}>
                <Button look="quiet" icon={<LifeBuoy size={15} aria-hidden="true" />} onClick={() => setAdding("codes")}>
                  {held.some(({ kind }) => kind === "recovery") ? "New recovery codes in place of the old" : "Make recovery codes"}
                </Button>
              </p>
            )}
          </>
        )}
      </Shown>
      {adding === "passkey" && <AddPasskey onClose={close} />}
      {adding === "app" && <AddApp onClose={close} />}
      {adding === "codes" && <RecoveryCodes onClose={close} />}
      {removing && <Remove factor={removing} onClose={() => setRemoving(undefined)} />}
    </Panel>
  );
}

function FactorItem({ factor, onRemove }: { readonly factor: Factor; readonly onRemove: () => void }): ReactNode {
  const { kind, name, addedAt, usedAt, synced, left } = factor;
  const Icon = ICONS[kind];
  return (
    <li className={style["item"]}>
      <Icon size={18} aria-hidden="true" />
      <span className={style["what"]}>
        <strong>
          <Plain text={name} />
        </strong>{" "}
        {synced === true && <Badge>on several devices</Badge>}
        {left !== undefined && <Badge tone={left < 3 ? "warn" : "neutral"}>{left} left</Badge>}
        <span className={style["soft"]}>
          {KINDS[kind]}, added <Ago at={addedAt} />
          {usedAt !== undefined && (
            <>
              , last shown <Ago at={usedAt} />
            </>
          )}
        </span>
      </span>
      <Button look="quiet" onClick={onRemove}>
        Remove<span className="visually-hidden"> {plainText(name)}</span>
      </Button>
    </li>
  );
}

function Remove({ factor: { id, name, kind }, onClose }: { readonly factor: Factor; readonly onClose: () => void }): ReactNode {
  const remove = useChange("factors.remove");
  const say = useSay();
  const done = (): void => {
    onClose();
    say(`Removed: ${plainText(name)}`);
  };
  return (
    <Dialog title={`Remove this ${KINDS[kind]}`} open onOpenChange={onClose}>
      <p>
        <strong>
          <Plain text={name} />
        </strong>{" "}
        proves nothing any more. It also stays on your device, where you may delete it.
      </p>
      {remove.error && <ProblemNote problem={problemOf(remove.error)} />}
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate({ params: { id } }, { onSuccess: done })}>
          Remove
        </Button>
      </DialogActions>
    </Dialog>
  );
}
