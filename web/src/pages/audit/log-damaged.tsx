/** Something that the signed log has is not to be had: no gap to pass over in silence. */
import type { ReactNode } from "react";
import { ProblemNote } from "../../parts/state.tsx";

interface LogDamagedProps {
  readonly title: string;
  readonly detail: string;
  readonly next: string;
}

export function LogDamaged(words: LogDamagedProps): ReactNode {
  return <ProblemNote problem={{ type: "about:blank", status: 500, code: "log-damaged", ...words }} />;
}
