import type { ActsFor } from "../kernel/acts-for.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Presented } from "../policy/second-factor.ts";
import type { Role } from "../policy/role.ts";
import type { AccessRule, Target } from "./model.ts";

/** What the configuration in force says about access. Read anew for every decision: it can change between two. */
export interface Rulebook {
  /** In file order: the first that matches decides. */
  readonly rules: readonly AccessRule[];
  readonly targets: ReadonlyMap<string, Target>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** Who acts, the groups they are in at this moment, and what their login has shown. */
export interface Actor extends Presented {
  readonly name: PrincipalName;
  readonly groups: readonly string[];
  /** Of an agent. */
  readonly actsFor?: ActsFor;
}
