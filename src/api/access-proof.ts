/**
 * What shows a door for databases who comes: a password, or a certificate. For what the caller has or has asked for, which
 * who calls has checked, with where to show it. `scoped`: the target, as it is covered.
 */
import type { ScopedTarget } from "../access/model.ts";
import type { z } from "zod";
import type { certificateView, passwordView } from "../contract/grants.ts";
import type { TargetName } from "../kernel/ids.ts";
import type { Role } from "../policy/role.ts";
import type { AccessUse, Authenticated } from "../identity/model.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { isRefusal, type Caller } from "./handler.ts";
import type { GateFacts } from "./services/gate.ts";
import type { TokenService } from "./services/people.ts";

export interface ProofDeps {
  readonly tokens: Pick<TokenService, "createAccessToken" | "createAccessCertificate">;
  readonly gate: GateFacts;
  /** What opening a session there would be refused for, of this login as it is now. */
  readonly unproven: (by: Authenticated, role: Role, target: TargetName) => Denial | undefined;
}

/** For which target, under what, and for how long at most. */
interface Wanted {
  readonly use: AccessUse;
  /** As it was approved, or asked for. */
  readonly role: Role;
  readonly scoped: ScopedTarget | undefined;
  readonly ttlMs: number;
}

export async function makePassword(deps: ProofDeps, caller: Caller, wanted: Wanted): Promise<z.output<typeof passwordView> | Denial> {
  const place = placeOf(deps, caller, wanted);
  if (isRefusal(place)) return place;
  const made = await deps.tokens.createAccessToken(caller.authenticated, draftOf(deps.gate, wanted));
  if (isRefusal(made)) return made;
  return { ...place, token: made.token.id, password: made.secret.reveal(), expiresAt: made.token.expiresAt };
}

/** `publicKey`: SubjectPublicKeyInfo, in DER and base64. */
export async function makeCertificate(
  deps: ProofDeps,
  caller: Caller,
  wanted: Wanted,
  publicKey: string,
): Promise<z.output<typeof certificateView> | Denial> {
  const place = placeOf(deps, caller, wanted);
  if (isRefusal(place)) return place;
  if (!place.tls) return deny("not-supported", { detail: "a client certificate, by a gate that has no TLS (gate.http.tls)" });
  const key = Buffer.from(publicKey, "base64");
  const made = await deps.tokens.createAccessCertificate(caller.authenticated, draftOf(deps.gate, wanted), key);
  if (isRefusal(made)) return made;
  return { ...place, token: made.token.id, certificate: made.certificate, expiresAt: made.token.expiresAt };
}

function placeOf({ gate: { postgres }, unproven }: ProofDeps, { principal, authenticated }: Caller, { use, scoped, role }: Wanted) {
  if (!scoped) return deny("no-grant", { detail: `"${use.target}" is not in ${use.grant ?? use.request}` });
  if (scoped.target.postgres === undefined || postgres === undefined) {
    return deny("not-supported", { detail: `"${use.target}" takes neither passwords nor certificates` });
  }
  // Here somebody can be asked; a client of databases mostly cannot.
  const refused = unproven(authenticated, role, use.target);
  if (refused) return refused;
  return { user: `${principal.name}+${use.target}`, ...postgres, database: scoped.target.postgres.database };
}

function draftOf(gate: GateFacts, { use, ttlMs }: Wanted): AccessUse & { readonly expiresAt: number } {
  return { ...use, expiresAt: gate.now() + ttlMs };
}
