/** Grants in force: one's own, and everybody's for who may see them; each can be ended by who may end it. */
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Result } from "../../api/client.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Reason } from "../../parts/access/reason.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Remaining } from "../../parts/time.tsx";
import style from "./access.module.css";
import { AccessPage } from "./frame.tsx";

type Grant = Result<"grants.list">["grants"][number];

const EVERY_MS = 10_000;
const MOST = 1_000;

export default function NowPage(): ReactNode {
  return (
    <AccessPage path="/access">
      <Grants />
    </AccessPage>
  );
}

function Grants(): ReactNode {
  const [of, change] = useAddress();
  const all = useMay("request.read");
  const [who, where, role] = [of("who"), of("where"), of("role")];
  const grants = useCall("grants.list", { query: { state: "active", all, limit: MOST } }, { everyMs: EVERY_MS });
  const isMeant = ({ principal, role: held, scope }: Grant): boolean =>
    principal.includes(who) && held.includes(role) && scope.some(({ target }) => target.includes(where));
  return (
    <>
      <div className={style["filters"]} role="search" aria-label="Grants">
        {all && <TextField label="Who" type="search" value={who} onChange={({ target }) => change({ who: target.value })} />}
        <TextField label="Role" type="search" value={role} onChange={({ target }) => change({ role: target.value })} />
        <TextField label="Target" type="search" value={where} onChange={({ target }) => change({ where: target.value })} />
      </div>
      <Shown of={grants}>
        {({ grants }) => {
          const rows = grants.filter(isMeant);
          return (
            <Panel title={`${rows.length}${grants.length === MOST ? "+" : ""} in force`} flush>
              {rows.length === 0 ? (
                <Empty title={grants.length === 0 ? "Nobody has access to anything now" : "No grant in force matches"}>
                  {all
                    ? "A grant begins when a request is approved, and ends by itself."
                    : "These are your own; to see others' takes a permission."}
                </Empty>
              ) : (
                <Table caption="Grants in force" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} />
              )}
            </Panel>
          );
        }}
      </Shown>
    </>
  );
}

function Ending({ of: { id, principal, scope } }: { readonly of: Grant }): ReactNode {
  const mine = useStatus().me.name === principal;
  const may = useMay("grant.revoke");
  const [open, setOpen] = useState(false);
  const revoke = useChange("grants.revoke");
  if (!mine && !may) return null;
  const verb = mine ? "Give back" : "Revoke";
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)} aria-label={`${verb} ${id}`}>
        {verb}
      </Button>
      <Confirm
        title={mine ? "Give the access back" : `Revoke the access of ${principal}`}
        action={`${verb} now`}
        open={open}
        onOpenChange={setOpen}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={(reason) => revoke.mutate({ params: { id }, body: { reason } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          Every session under it on {scope.map(({ target }) => target).join(", ")} is cut within a second. It does not come back; a new
          request would be needed.
        </p>
      </Confirm>
    </>
  );
}

function Why({ of: { reason, ticket, approvers } }: { readonly of: Grant }): ReactNode {
  return (
    <div className={style["wrap"]}>
      <Reason reason={reason} ticket={ticket} />
      <p className={style["soft"]}>{approvers.length === 0 ? "nobody had to approve" : `approved by ${approvers.join(", ")}`}</p>
    </div>
  );
}

const COLUMNS: readonly Column<Grant>[] = [
  { name: "Who", cell: ({ principal }) => <Plain text={principal} /> },
  {
    name: "Role",
    cell: ({ role, breakGlass }) => (
      <>
        <Plain text={role} /> {breakGlass && <Badge tone="bad">break-glass</Badge>}
      </>
    ),
  },
  { name: "Where", cell: ({ scope }) => <Plain text={scope.map(({ target }) => target).join(", ")} /> },
  { name: "Why", cell: (grant) => <Why of={grant} /> },
  { name: "Left", cell: ({ remainingMs }) => <Remaining ms={remainingMs} /> },
  { name: "Request", cell: ({ request }) => <Link to={`/requests/${request}`}>{request}</Link> },
  { name: "", cell: (grant) => <Ending of={grant} /> },
];
