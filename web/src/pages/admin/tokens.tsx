/** What somebody's programs and logins come with; each can be ended by itself. */
import { useState, type ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useMay, useStatus } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

type Token = Result<"tokens.list">["tokens"][number];

export default function TokensPage(): ReactNode {
  return (
    <AdminPage path="/admin/tokens">
      <Tokens />
    </AdminPage>
  );
}

function Tokens(): ReactNode {
  const { name: me } = useStatus().me;
  const [of, change] = useAddress();
  const user = of("user") || me;
  return (
    <>
      <div className={style["narrow"]}>
        <Whose user={user} onChange={(name) => change({ user: name }, "step")} />
      </div>
      <TokenList user={user} />
    </>
  );
}

/** Whoever may not list people types a name. */
function Whose({ user, onChange }: { readonly user: string; readonly onChange: (name: string) => void }): ReactNode {
  const mayList = useMay("user.read");
  const users = useCall("users.list", {}, { enabled: mayList });
  const [draft, setDraft] = useState(user);
  if (users.data) {
    return (
      <SelectField label="Of" value={user} onChange={({ target }) => onChange(target.value)}>
        {[...new Set([user, ...users.data.users.map(({ name }) => name)])].toSorted().map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(draft);
      }}
    >
      <TextField label="Of" hint="A name, and Enter" value={draft} onChange={({ target }) => setDraft(target.value)} />
    </form>
  );
}

function TokenList({ user }: { readonly user: string }): ReactNode {
  const tokens = useCall("tokens.list", { query: { user } });
  return (
    <Shown of={tokens}>
      {({ tokens }) => (
        <Panel title={`${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}`} flush>
          {tokens.length === 0 ? (
            <Empty title="No tokens">A login makes one, and so does whoever gives a program access.</Empty>
          ) : (
            <Table
              caption={`Tokens of ${user}`}
              columns={COLUMNS}
              rows={tokens.toSorted((a, b) => b.createdAt - a.createdAt)}
              rowKey={({ id }) => id}
            />
          )}
        </Panel>
      )}
    </Shown>
  );
}

function State({ of: { revokedAt, expiresAt } }: { readonly of: Token }): ReactNode {
  const now = useNow();
  if (revokedAt !== undefined) return <Badge>revoked</Badge>;
  return expiresAt <= now ? <Badge>ended</Badge> : <Badge tone="good">in force</Badge>;
}

function Revoking({ of: { id, name, user, revokedAt, expiresAt } }: { readonly of: Token }): ReactNode {
  const [open, setOpen] = useState(false);
  const revoke = useChange("tokens.revoke");
  const now = useNow();
  if (revokedAt !== undefined || expiresAt <= now) return null;
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)} aria-label={`Revoke ${id}`}>
        Revoke
      </Button>
      <Confirm
        title="Revoke the token"
        action="Revoke now"
        open={open}
        onOpenChange={setOpen}
        reason={false}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate({ params: { id } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          <Plain text={name} /> of {user} stops working now. If it is a login, they log in again.
        </p>
      </Confirm>
    </>
  );
}

const COLUMNS: readonly Column<Token>[] = [
  { name: "Name", cell: ({ name }) => <Plain text={name} /> },
  { name: "Type", cell: ({ type }) => type },
  { name: "May do", cell: ({ scopes }) => <Plain text={scopes.join(", ")} /> },
  { name: "Made", cell: ({ createdAt }) => <Time at={createdAt} /> },
  { name: "Ends", cell: ({ expiresAt }) => <Time at={expiresAt} /> },
  { name: "State", cell: (token) => <State of={token} /> },
  { name: "", cell: (token) => <Revoking of={token} /> },
];
