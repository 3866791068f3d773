import { useState, type FormEvent, type ReactNode } from "react";
import { problemOf } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useStatus } from "../../app/status.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { SelectField, TextArea, TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/state.tsx";
import style from "./admin.module.css";

const KINDS = ["principal", "group", "target", "gate"] as const;
type Kind = (typeof KINDS)[number];

const WHAT: Readonly<Record<Kind, string>> = {
  principal: "Their sessions are cut within a second, and they get nowhere until the lock is lifted.",
  group: "The sessions of everybody in it are cut within a second, and they get nowhere until the lock is lifted.",
  target: "Every session on it is cut within a second, and nobody reaches it until the lock is lifted.",
  gate: "Every session of everybody is cut within a second, yours too, and nobody reaches anything until somebody who may lock lifts it.",
};

/** Open while the address says so: what is to be locked can be linked to, and is never locked by a link. */
export function NewLock(): ReactNode {
  const [of, change] = useAddress();
  const kind = KINDS.find((each) => each === of("new"));
  const close = (): void => change({ new: "", name: "" });
  return (
    <Dialog title={kind === "gate" ? "Lock the whole gate" : "Lock"} open={kind !== undefined} onOpenChange={(open) => !open && close()}>
      {kind && <LockForm key={kind} kind={kind} name={of("name")} onKind={(next) => change({ new: next })} onDone={close} />}
    </Dialog>
  );
}

interface LockFormProps {
  readonly kind: Kind;
  readonly name: string;
  readonly onKind: (kind: Kind) => void;
  readonly onDone: () => void;
}

function LockForm({ kind, name: first, onKind, onDone }: LockFormProps): ReactNode {
  const { gate } = useStatus();
  const [name, setName] = useState(first);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [typed, setTyped] = useState("");
  const create = useChange("locks.create");
  const sure = kind !== "gate" || typed === gate.name;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!sure) return;
    const end = Date.parse(until);
    const subject = kind === "gate" ? { kind } : { kind, name };
    create.mutate({ body: { subject, reason, ...(Number.isFinite(end) && { until: end }) } }, { onSuccess: onDone });
  };
  return (
    <form className={style["stack"]} onSubmit={submit}>
      {create.error && <ProblemNote problem={problemOf(create.error)} />}
      <SelectField label="What" value={kind} onChange={({ target }) => onKind(target.value as Kind)}>
        <option value="principal">A person or program</option>
        <option value="group">A group</option>
        <option value="target">A target</option>
        <option value="gate">The whole gate</option>
      </SelectField>
      {kind !== "gate" && (
        <TextField label="Name" required autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />
      )}
      <p className={kind === "gate" ? style["loud"] : style["soft"]} role={kind === "gate" ? "alert" : undefined}>
        {WHAT[kind]}
      </p>
      <TextArea
        label="Reason"
        hint="Who is cut off reads it"
        required
        maxLength={2_000}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
      <TextField
        label="Until"
        type="datetime-local"
        hint="Without an end: until somebody lifts it"
        value={until}
        onChange={({ target }) => setUntil(target.value)}
      />
      {kind === "gate" && (
        <TextField
          label={`Type ${gate.name} to go on`}
          required
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      )}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="danger" busy={create.isPending} disabled={!sure}>
          {kind === "gate" ? "Lock everything now" : "Lock now"}
        </Button>
      </DialogActions>
    </form>
  );
}
