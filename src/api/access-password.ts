import type { ScopedTarget } from "../access/model.ts";
import type { z } from "zod";
import type { passwordView } from "../contract/grants.ts";
import type { AccessUse } from "../identity/model.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { isRefusal, type Caller } from "./handler.ts";
import type { GateFacts, TokenService } from "./services.ts";

export interface PasswordDeps {
  readonly tokens: Pick<TokenService, "createAccessToken">;
  readonly gate: GateFacts;
}

/** A password for what the caller has or has asked for, which who calls has checked, with where to show it. `scoped`: the target, as it is covered. */
export async function makePassword(
  { tokens, gate }: PasswordDeps,
  { authenticated, principal }: Caller,
  use: AccessUse,
  scoped: ScopedTarget | undefined,
  ttlMs: number,
): Promise<z.output<typeof passwordView> | Denial> {
  if (!scoped) return deny("no-grant", { detail: `"${use.target}" is not in ${use.grant ?? use.request}` });
  const { postgres } = gate;
  if (scoped.target.postgres === undefined || postgres === undefined) {
    return deny("not-supported", { detail: `"${use.target}" takes no password` });
  }
  const made = await tokens.createAccessToken(authenticated, { ...use, expiresAt: gate.now() + ttlMs });
  if (isRefusal(made)) return made;
  return {
    token: made.token.id,
    password: made.secret.reveal(),
    user: `${principal.name}+${use.target}`,
    ...postgres,
    database: scoped.target.postgres.database,
    expiresAt: made.token.expiresAt,
  };
}
