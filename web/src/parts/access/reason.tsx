import type { ReactNode } from "react";
import { Badge } from "../badge.tsx";
import { Plain } from "../plain.tsx";

/** Why somebody asked, with their ticket. */
export function Reason({ reason, ticket }: { readonly reason: string; readonly ticket?: string | undefined }): ReactNode {
  return (
    <>
      <Plain text={reason} />
      {ticket !== undefined && (
        <>
          {" "}
          <Badge>
            <Plain text={ticket} />
          </Badge>
        </>
      )}
    </>
  );
}
