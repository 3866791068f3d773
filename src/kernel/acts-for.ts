import type { PrincipalName } from "./ids.ts";

/** For whom an agent acts. It has what both have and no more, and what ends for that person ends for it. */
export interface ActsFor {
  readonly name: PrincipalName;
  /** As of now. */
  readonly groups: readonly string[];
  /** Whether the agent's requests need that person's approval, besides what the rules demand. */
  readonly approves: boolean;
}
