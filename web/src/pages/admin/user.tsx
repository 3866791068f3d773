/** One person or program: what proves who they are, and what ends it. */
import { useState, type ReactNode } from "react";
import { Link, useParams } from "wouter";
import { problemOf } from "../../api/problem.ts";
import { useCall, useChange } from "../../api/queries.ts";
import { useMay } from "../../app/status.ts";
import { Badge } from "../../parts/badge.tsx";
import { Button, ButtonLink } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty, ProblemNote, Shown } from "../../parts/state.tsx";
import { Time } from "../../parts/time.tsx";
import style from "./admin.module.css";
import { AdminPage } from "./frame.tsx";
import { IdentitiesPanel } from "./identities.tsx";
import { FactorsPanel, KeysPanel } from "./proofs.tsx";
import type { User } from "./users.tsx";

export default function UserPage(): ReactNode {
  const { name } = useParams<{ name: string }>();
  return (
    <AdminPage path="/admin/users" title={name} actions={<ButtonLink to="/admin/users">All users</ButtonLink>}>
      <Found name={name} />
    </AdminPage>
  );
}

function Found({ name }: { readonly name: string }): ReactNode {
  const users = useCall("users.list");
  return (
    <Shown of={users}>
      {({ users }) => {
        const user = users.find((each) => each.name === name);
        if (!user) return <Empty title="There is no such user">They may never have been created here.</Empty>;
        return (
          <div className={style["columns"]}>
            <div className={style["stack"]}>
              <WhoPanel user={user} />
              <KeysPanel user={user} />
            </div>
            <div className={style["stack"]}>
              <ResetPanel user={user} />
              <FactorsPanel user={user} />
              <IdentitiesPanel user={user} />
            </div>
          </div>
        );
      }}
    </Shown>
  );
}

function WhoPanel({ user: { name, type, groups, createdAt, disabled, hasPassword } }: { readonly user: User }): ReactNode {
  const mayLock = useMay("lock.write");
  const filter = new URLSearchParams({ who: name }).toString();
  return (
    <Panel title="Who" actions={<Disabling name={name} disabled={disabled !== undefined} />}>
      <Facts>
        <Fact name="Type">{type}</Fact>
        <Fact name="Groups">{groups.length === 0 ? "none" : <Plain text={groups.join(", ")} />}</Fact>
        <Fact name="State">
          {disabled ? (
            <>
              <Badge tone="bad">disabled</Badge> <Time at={disabled.at} />: <Plain text={disabled.reason} />
            </>
          ) : (
            <Badge tone="good">enabled</Badge>
          )}
        </Fact>
        <Fact name="Password">{hasPassword ? "set" : "none"}</Fact>
        <Fact name="Created">
          <Time at={createdAt} />
        </Fact>
        <Fact name="More">
          <span className={style["links"]}>
            <Link to={`/audit?${filter}`}>In the log</Link>
            <Link to={`/admin/tokens?${new URLSearchParams({ user: name }).toString()}`}>Tokens</Link>
            <Link to={`/access?${filter}`}>Access</Link>
            {mayLock && <Link to={`/admin/locks?${new URLSearchParams({ new: "principal", name }).toString()}`}>Lock</Link>}
          </span>
        </Fact>
      </Facts>
    </Panel>
  );
}

function Disabling({ name, disabled }: { readonly name: string; readonly disabled: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  const [disable, enable] = [useChange("users.disable"), useChange("users.enable")];
  if (!useMay("user.write")) return null;
  if (disabled) {
    return (
      <>
        {enable.error && <ProblemNote problem={problemOf(enable.error)} />}
        <Button busy={enable.isPending} onClick={() => enable.mutate({ params: { name } })}>
          Enable
        </Button>
      </>
    );
  }
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        Disable
      </Button>
      <Confirm
        title={`Disable ${name}`}
        action="Disable now"
        open={open}
        onOpenChange={setOpen}
        busy={disable.isPending}
        error={disable.error}
        onConfirm={(reason) => disable.mutate({ params: { name }, body: { reason } }, { onSuccess: () => setOpen(false) })}
      >
        <p>
          Their logins, tokens and grants end, and every session they have open is cut, now. Enabling them later brings nothing of that
          back.
        </p>
      </Confirm>
    </>
  );
}

function ResetPanel({ user: { name } }: { readonly user: User }): ReactNode {
  const [open, setOpen] = useState(false);
  const reset = useChange("users.reset");
  if (!useMay("user.write")) return null;
  return (
    <Panel title="Password" actions={<Button onClick={() => setOpen(true)}>Let them set a new one</Button>}>
      {reset.data ? (
        <div className={style["stack"]} role="status">
          <p>
            Give {name} this one-time secret, over a way that only they read. It is shown this once and ends{" "}
            <Time at={reset.data.expiresAt} />.
          </p>
          <CopyLine text={reset.data.secret} label="Copy the one-time secret" />
        </div>
      ) : (
        <p className={style["soft"]}>A one-time secret lets {name} set a new password. Nobody sees or chooses it for them.</p>
      )}
      <Confirm
        title={`A new password for ${name}`}
        action="Make a one-time secret"
        open={open}
        onOpenChange={setOpen}
        reason={false}
        busy={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate({ params: { name } }, { onSuccess: () => setOpen(false) })}
      >
        <p>Whoever holds the secret becomes {name}. A secret made before stops working.</p>
      </Confirm>
    </Panel>
  );
}
