/** What is round each page of rights. What concerns oneself is everybody's; the rest is for who may see it. */
import type { ReactNode } from "react";
import type { Permission } from "../../app/places.tsx";
import { useStatus } from "../../app/status.ts";
import { Denied } from "../../parts/denied.tsx";
import { Page } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";

interface AccessPart {
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly lead: string;
  readonly needs?: Permission;
}

const PARTS: readonly AccessPart[] = [
  { path: "/access", name: "Now", title: "Who has what now", lead: "Every grant in force. Each goes by itself; none is standing." },
  {
    path: "/access/may",
    name: "Rights",
    title: "Who may get what",
    lead: "Computed by the gate from its rules, as a request would be: what somebody may ask for, and what it takes.",
    needs: "target.read",
  },
  { path: "/access/why", name: "Why", title: "Why, or why not", lead: "Which rule answers, and what each of the others says." },
  {
    path: "/access/rules",
    name: "Roles and rules",
    title: "Roles and rules",
    lead: "As they are in force. They are changed in the configuration file, where each change is reviewed and logged.",
    needs: "config.read",
  },
  {
    path: "/access/check",
    name: "Check a change",
    title: "Check a change",
    lead: "Paste a configuration: every problem with its place, and what it would change. Nothing is kept or put in force.",
    needs: "config.read",
  },
];

export function AccessPage({
  path,
  actions,
  children,
}: {
  readonly path: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const { permissions } = useStatus().me;
  const part = PARTS.find((each) => each.path === path);
  if (part === undefined) return null;
  const mayBeSeen = ({ needs }: AccessPart): boolean => needs === undefined || permissions.includes(needs);
  return (
    <Page title={part.title} lead={part.lead} actions={actions}>
      <Tabs label="Access" tabs={PARTS.filter(mayBeSeen).map(({ path: to, name }) => ({ to, name, current: to === path }))} />
      {part.needs !== undefined && !mayBeSeen(part) ? <Denied what={part.title.toLowerCase()} permission={part.needs} /> : children}
    </Page>
  );
}
