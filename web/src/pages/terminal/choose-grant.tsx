/** Under which of one's grants: two are never taken for one. */
import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Page, Panel } from "../../parts/page.tsx";
import { Plain } from "../../parts/plain.tsx";
import { Empty } from "../../parts/state.tsx";
import { Remaining } from "../../parts/time.tsx";
import style from "./terminal.module.css";

export type Grant = Result<"grants.list">["grants"][number];

export function grantsOn(grants: readonly Grant[], target: string): Grant[] {
  return grants.filter(({ scope }) => scope.some((each) => each.target === target && each.kind === "ssh"));
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
    <Page title={target}>
      <Panel>
        <Empty title={`You have no access to ${target}`} action={ask}>
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
