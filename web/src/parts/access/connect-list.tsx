import { SquareTerminal } from "lucide-react";
import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { ButtonLink } from "../button.tsx";
import { CopyLine } from "../copy-line.tsx";
import style from "./connect-list.module.css";

type MyGrant = Result<"status.show">["grants"][number];

/** What to type for each target of a grant, and a terminal in the browser where there can be one. */
export function ConnectList({ grant }: { readonly grant: MyGrant }): ReactNode {
  const kinds = new Map(grant.scope.map(({ target, kind }) => [target, kind]));
  return (
    <ul className={style["list"]}>
      {grant.connect.map(({ target, command }) => (
        <li key={target} className={style["one"]}>
          <CopyLine text={command} />
          {kinds.get(target) === "ssh" && (
            <ButtonLink
              to={`/terminal/${encodeURIComponent(target)}?grant=${grant.id}`}
              icon={<SquareTerminal size={14} aria-hidden="true" />}
            >
              Open here<span className="visually-hidden"> on {target}</span>
            </ButtonLink>
          )}
        </li>
      ))}
    </ul>
  );
}
