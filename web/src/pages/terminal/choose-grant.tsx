/** Under which of one's grants: two are never taken for one. */
import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { useCall } from "../../api/queries.ts";
import { useStatus } from "../../app/status.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain, plainText } from "../../parts/plain.tsx";
import { Empty, Loading, Shown } from "../../parts/state.tsx";
import { Remaining } from "../../parts/time.tsx";
import style from "./terminal.module.css";

export type Grant = Result<"grants.list">["grants"][number];

function grantsOn(grants: readonly Grant[], target: string): Grant[] {
  return grants.filter(({ scope }) => scope.some((each) => each.target === target && each.kind === "ssh"));
}

/** The one that the address names; without a name, the only one there is. Two are never taken for one. */
export function chosenOf(grants: readonly Grant[], named: string): Grant | undefined {
  return grants.find(({ id }) => id === named) ?? (named === "" && grants.length === 1 ? grants[0] : undefined);
}

interface MyGrantsProps {
  readonly target: string;
  /** Asked for again that often. */
  readonly everyMs?: number;
  readonly children: (grants: readonly Grant[]) => ReactNode;
}

/** One's own grants that are good on a target, once they are known. */
export function MyGrants({ target, everyMs, children }: MyGrantsProps): ReactNode {
  const { me } = useStatus();
  const grants = useCall("grants.list", { query: { state: "active", principal: me.name } }, { ...(everyMs !== undefined && { everyMs }) });
  return (
    <Shown
      of={grants}
      loading={
        <Page title={target}>
          <Loading lines={8} what="Opening" />
        </Page>
      }
    >
      {({ grants: all }) => children(grantsOn(all, target))}
    </Shown>
  );
}

export function requestLink(target: string): string {
  return `/request?target=${encodeURIComponent(target)}`;
}

export function NoAccess({ target, named }: { readonly target: string; readonly named: boolean }): ReactNode {
  const ask = (
    <ButtonLink to={requestLink(target)} look="main">
      Request access
    </ButtonLink>
  );
  return (
    <Page title={plainText(target)}>
      <Panel>
        <Empty title={`You have no access to ${plainText(target)}`} action={ask}>
          {named
            ? "The access named in the address is not yours, has ended, or is for something else."
            : "Ask for it with a reason; when somebody says yes, it opens here."}
        </Empty>
      </Panel>
    </Page>
  );
}

export function GrantList({
  target,
  grants,
  within,
}: {
  readonly target: string;
  readonly grants: readonly Grant[];
  readonly within: "/terminal" | "/files";
}): ReactNode {
  return (
    <Page title={target} lead="More than one of your grants is good here. Under which one?">
      <Panel flush>
        <ul>
          {grants.map(({ id, role, reason, remainingMs }) => (
            <li key={id} className={style["grant"]}>
              <span>
                <strong>{role}</strong>, <Remaining ms={remainingMs} /> left
                <span className={style["soft"]}>
                  <Plain text={reason} />
                </span>
              </span>
              <ButtonLink to={`${within}/${target}?grant=${id}`}>Open</ButtonLink>
            </li>
          ))}
        </ul>
      </Panel>
    </Page>
  );
}
