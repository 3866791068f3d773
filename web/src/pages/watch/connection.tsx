import type { ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import type { Following } from "./live-frames.ts";

const STATES: Readonly<Record<Following["state"], readonly [string, "good" | "warn" | "neutral"]>> = {
  connecting: ["connecting", "neutral"],
  open: ["live", "good"],
  waiting: ["connection lost, trying again", "warn"],
  over: ["over", "neutral"],
};

/** Whether what is shown is what is so now. */
export function Connection({ state }: { readonly state: Following["state"] }): ReactNode {
  const [words, tone] = STATES[state];
  return (
    <span role="status">
      <Badge tone={tone}>{words}</Badge>
    </span>
  );
}
