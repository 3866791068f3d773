import type { ReactNode } from "react";
import type { Result } from "../../api/client.ts";
import { Badge, type Tone } from "../badge.tsx";

type State = Result<"requests.show">["state"];

const SHOWN: Readonly<Record<State, readonly [Tone, string]>> = {
  pending: ["info", "waiting"],
  approved: ["good", "approved"],
  denied: ["bad", "denied"],
  cancelled: ["neutral", "withdrawn"],
  lapsed: ["neutral", "lapsed"],
};

export function RequestState({ state }: { readonly state: State }): ReactNode {
  const [tone, text] = SHOWN[state];
  return <Badge tone={tone}>{text}</Badge>;
}
