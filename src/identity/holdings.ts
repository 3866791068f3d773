import type { PrincipalName } from "../kernel/ids.ts";
import type { Principal } from "./model.ts";

/** Who holds which permissions on the gate itself, by the configuration in force at the moment of the call. */
export interface Holdings<P extends string> {
  permissionsOf(principal: Principal): ReadonlySet<P>;
  isPermission(text: string): boolean;
  /** Holds every permission. Whether that person has an account is another question. */
  isOwner(name: PrincipalName): boolean;
}
