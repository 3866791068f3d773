import type { ReactNode } from "react";
import type { Permission } from "../app/places.tsx";
import { useMay, useStatus } from "../app/status.ts";
import { ButtonLink } from "./button.tsx";
import style from "./state.module.css";

/** In place of what somebody may not see: nothing of it is asked for. */
export function Denied({ what, permission }: { readonly what: string; readonly permission: Permission }): ReactNode {
  const { name } = useStatus().me;
  const why = new URLSearchParams({ who: name, what: permission, where: "gate" });
  return (
    <div className={style["refused"]} role="alert">
      <p className={style["title"]}>You may not see {what}</p>
      <p className={style["text"]}>
        It takes the permission <code>{permission}</code>, which none of your roles carries. Owners of the gate give it, in its
        configuration.
      </p>
      <ButtonLink to={`/access/why?${why.toString()}`}>Why not</ButtonLink>
    </div>
  );
}

/** What is behind a permission, or that it is missing. */
export function Permitted({
  what,
  permission,
  children,
}: {
  readonly what: string;
  readonly permission: Permission;
  readonly children: ReactNode;
}): ReactNode {
  return useMay(permission) ? children : <Denied what={what} permission={permission} />;
}
