/** Who and what is cut off now; cutting off, and lifting it. */
import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { AdminPage } from "./frame.tsx";
import { NewLock } from "./new-lock.tsx";

type Lock = Result<"locks.list">["locks"][number];

export default function LocksPage(): ReactNode {
  const [, change] = useAddress();
  return (
    <AdminPage
      path="/admin/locks"
      actions={
        <Button look="danger" onClick={() => change({ new: "principal" })}>
          Lock somebody or something
        </Button>
      }
    >
      <Locks />
      <NewLock />
    </AdminPage>
  );
}

function Locks(): ReactNode {
  const locks = useCall("locks.list");
  return (
    <Shown of={locks}>
      {({ locks }) => (
        <Panel title={`${locks.length} in force`} flush>
          {locks.length === 0 ? (
            <Empty title="Nobody and nothing is locked">
              A lock cuts a person, a group, a target or the whole gate off at once: live sessions end, and nothing new begins until it is
              lifted.
            </Empty>
          ) : (
            <Table caption="Locks in force" columns={COLUMNS} rows={locks} rowKey={({ id }) => id} />
          )}
        </Panel>
      )}
    </Shown>
  );
}

function What({ subject }: { readonly subject: Lock["subject"] }): ReactNode {
  if (subject.kind === "gate") return <Badge tone="bad">the whole gate</Badge>;
  return (
    <>
      {subject.kind} <strong>{subject.name}</strong>
    </>
  );
}

function Lifting({ of: { id, subject } }: { readonly of: Lock }): ReactNode {
  const [open, setOpen] = useState(false);
  const lift = useChange("locks.lift");
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)} aria-label={`Lift ${id}`}>
        Lift
      </Button>
      <Confirm
        title={subject.kind === "gate" ? "Open the gate again" : `Lift the lock on ${subject.name}`}
        action="Lift"
        open={open}
        onOpenChange={setOpen}
        busy={lift.isPending}
        error={lift.error}
        onConfirm={(reason) => lift.mutate({ params: { id }, body: { reason } }, { onSuccess: () => setOpen(false) })}
      >
        <p>What it cut stays cut: sessions are not brought back, and grants that ended have to be asked for again.</p>
      </Confirm>
    </>
  );
}

const COLUMNS: readonly Column<Lock>[] = [
  { name: "Locked", cell: ({ subject }) => <What subject={subject} /> },
  { name: "Reason", cell: ({ reason }) => <Plain text={reason} /> },
  { name: "By", cell: ({ by }) => <Plain text={by} /> },
  { name: "Since", cell: ({ createdAt }) => <Time at={createdAt} /> },
  { name: "Until", cell: ({ until }) => (until === undefined ? "it is lifted" : <Time at={until} />) },
  { name: "", cell: (lock) => <Lifting of={lock} /> },
];
