/** What is round each page of running the gate: the way to the others, as far as somebody may go there. */
import type { ReactNode } from "react";
import { Redirect, useLocation } from "wouter";
import type { Permission } from "../../app/places.tsx";
import { useStatus } from "../../app/status.ts";
import { Permitted } from "../../parts/denied.tsx";
import { Page } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";

interface AdminPart {
  readonly path: string;
  readonly name: string;
  /** What is shown there, for who may not see it. */
  readonly what: string;
  readonly needs: Permission;
}

const PARTS: readonly AdminPart[] = [
  { path: "/admin", name: "Health", what: "the health of the gate", needs: "gate.status" },
  { path: "/admin/users", name: "Users", what: "the users", needs: "user.read" },
  { path: "/admin/tokens", name: "Tokens", what: "others' tokens", needs: "token.revoke" },
  { path: "/admin/locks", name: "Locks", what: "the locks", needs: "lock.write" },
  { path: "/admin/targets", name: "Targets", what: "every target", needs: "target.read" },
  { path: "/admin/configuration", name: "Configuration", what: "the configuration", needs: "config.read" },
  { path: "/admin/providers", name: "Providers", what: "the identity providers", needs: "config.read" },
  { path: "/admin/use", name: "Use", what: "how the gate is used", needs: "session.read" },
];

/** `path`: the part this page belongs to. */
export function AdminPage({
  path,
  title,
  actions,
  children,
}: {
  readonly path: string;
  readonly title?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const [location] = useLocation();
  const { permissions } = useStatus().me;
  const open = PARTS.filter(({ needs }) => permissions.includes(needs));
  const part = PARTS.find((each) => each.path === path);
  const [first] = open;
  if (part === undefined) return null;
  // The entry of the navigation leads to what somebody may see.
  if (location === "/admin" && !permissions.includes(part.needs) && first) return <Redirect to={first.path} replace />;
  return (
    <Page title={title ?? part.name} actions={permissions.includes(part.needs) ? actions : undefined}>
      {open.length > 0 && <Tabs label="Running the gate" tabs={open.map(({ path: to, name }) => ({ to, name, current: to === path }))} />}
      <Permitted what={part.what} permission={part.needs}>
        {children}
      </Permitted>
    </Page>
  );
}
