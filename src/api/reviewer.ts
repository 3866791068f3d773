/**
 * Who looks back at a break-glass grant: a person who could have approved it, or who holds `grant.review`. They see its sessions
 * and what was done in them, or they could not judge; what was shown there takes `recording.view` as ever.
 */
import type { Grant } from "../access/model.ts";
import type { GrantId } from "../kernel/ids.ts";
import type { Caller } from "./handler.ts";
import type { GrantService } from "./services/access.ts";
import { actorOf } from "./views.ts";

/** One's own too: that nobody reviews it themselves, the service says. */
export function mayReview(grant: Grant, caller: Caller, access: Pick<GrantService, "mayReview">): boolean {
  return grant.breakGlass !== undefined && (caller.permissions.has("grant.review") || access.mayReview(grant, actorOf(caller)));
}

/** Whether it waits for this caller. */
export function waitsForReview(grant: Grant, caller: Caller, access: Pick<GrantService, "mayReview">): boolean {
  const { name, type } = caller.principal;
  if (type !== "human" || grant.principal === name) return false;
  return grant.breakGlass !== undefined && grant.breakGlass.reviewedAt === undefined && mayReview(grant, caller, access);
}

/** Whether the caller may look back at what was done under it. */
export async function looksBackAt(id: GrantId, caller: Caller, access: Pick<GrantService, "findGrant" | "mayReview">): Promise<boolean> {
  const grant = await access.findGrant(id);
  return grant !== undefined && mayReview(grant, caller, access);
}
