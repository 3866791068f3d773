/** Everybody the gate knows. Groups come from the configuration and from identity providers, and are not changed here. */
import { useState, type FormEvent, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { Result } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useAddress } from "../../app/address.ts";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Dialog, DialogActions } from "../../parts/dialog.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { useListKeys } from "../../parts/list-keys.ts";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";

export type User = Result<"users.list">["users"][number];
type UserType = User["type"];

export default function UsersPage(): ReactNode {
  return (
    <AdminPage path="/admin/users" actions={<Create />}>
      <Users />
    </AdminPage>
  );
}

function Users(): ReactNode {
  useListKeys();
  const [of, change] = useAddress();
  const find = of("find");
  const users = useCall("users.list");
  return (
    <>
      <div className={style["narrow"]}>
        <TextField
          label="Find"
          type="search"
          placeholder="A name or a group"
          value={find}
          onChange={({ target }) => change({ find: target.value })}
        />
      </div>
      <Shown of={users}>
        {({ users }) => {
          const rows = users.filter(({ name, groups }) => [name, ...groups].some((text) => text.includes(find)));
          return (
            <Panel title={`${rows.length} of ${users.length}`} flush>
              {rows.length === 0 ? (
                <Empty title="Nobody of that name">
                  People come here when somebody with the permission creates them, or by an identity provider.
                </Empty>
              ) : (
                <Table caption="Users" columns={COLUMNS} rows={rows} rowKey={({ name }) => name} />
              )}
            </Panel>
          );
        }}
      </Shown>
    </>
  );
}

const COLUMNS: readonly Column<User>[] = [
  {
    name: "Name",
    cell: ({ name }) => (
      <Link to={`/admin/users/${encodeURIComponent(name)}`} data-row="">
        {name}
      </Link>
    ),
  },
  { name: "Type", cell: ({ type }) => type },
  { name: "Groups", cell: ({ groups }) => groups.length > 0 && <Plain text={groups.join(", ")} /> },
  { name: "State", cell: ({ disabled }) => (disabled ? <Badge tone="bad">disabled</Badge> : <Badge tone="good">enabled</Badge>) },
  { name: "Password", cell: ({ hasPassword }) => (hasPassword ? "set" : "none") },
  { name: "Since", cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function Create(): ReactNode {
  const [, go] = useLocation();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [type, setType] = useState<UserType>("human");
  const create = useChange("users.create");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ body: { name, type } }, { onSuccess: (user) => go(`/admin/users/${encodeURIComponent(user.name)}`) });
  };
  if (!useMay("user.write")) return null;
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        Create a user
      </Button>
      <Dialog title="Create a user" open={open} onOpenChange={setOpen}>
        <form className={style["stack"]} onSubmit={submit}>
          {create.error && <ProblemNote problem={problemOf(create.error)} />}
          <TextField
            label="Name"
            required
            autoFocus
            autoComplete="off"
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
            hint="As it is in the configuration's groups. Letters, digits, . _ and -"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <SelectField label="Type" value={type} onChange={({ target }) => setType(target.value as UserType)}>
            <option value="human">human: a person</option>
            <option value="service">service: a program</option>
            <option value="agent">agent: a program that acts for a person</option>
          </SelectField>
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" look="main" busy={create.isPending}>
              Create
            </Button>
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
}
