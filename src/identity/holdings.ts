import type { PrincipalName } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import type { Authenticated, Principal } from "./model.ts";

/** What roles may ask of a login. */
export type HowLoggedIn = { readonly [K in "factors" | "remote" | "madeAt"]?: Authenticated[K] | undefined };

/** Who holds which permissions on the gate itself, by the configuration in force at the moment of the call. */
export interface Holdings<P extends string> {
  /** Of a login that has shown this. `"whatever"`: what they hold at all, with the login it takes. */
  permissionsOf(principal: Principal, login: HowLoggedIn | "whatever"): ReadonlySet<P>;
  /** What this login lacks of a permission that its owner holds. */
  lacking?(principal: Principal, permission: P, login: HowLoggedIn): Denial | undefined;
  isPermission(text: string): boolean;
  /** Holds every permission. Whether that person has an account is another question. */
  isOwner(name: PrincipalName): boolean;
}
