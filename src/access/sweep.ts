import type { Clock } from "../kernel/clock.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import { tightest } from "../policy/decide.ts";
import { escalateGrant, type ReviewLimits } from "./break-glass.ts";
import { endGrant, expireGrant } from "./grant-lifecycle.ts";
import { lapseRequest } from "./lifecycle.ts";
import type { Grant } from "./model.ts";
import type { AccessStore } from "./port.ts";
import { readMoment } from "./remaining.ts";
import type { Rulebook } from "./rulebook.ts";
import type { Step } from "./step.ts";

interface SweepDeps {
  readonly store: AccessStore;
  readonly rulebook: () => Rulebook;
  readonly isDisabled: (name: PrincipalName) => Promise<boolean>;
  readonly clock: Clock;
  readonly limits: () => ReviewLimits;
}

const BATCH = 1000;

/** Every step that is due because of time, use or a person who is gone. Ends come before everything else. */
export async function sweep({ store, rulebook, isDisabled, clock, limits }: SweepDeps, save: (step: Step) => Promise<void>): Promise<void> {
  const gone = new Map<PrincipalName, boolean>();
  for (const grant of await store.listGrants({ state: "active", limit: BATCH })) {
    const moment = readMoment(clock);
    const expired = expireGrant(grant, moment) ?? usedUp(grant, rulebook(), moment);
    if (expired) {
      await save(expired);
      continue;
    }
    const isGone = gone.get(grant.principal) ?? (await isDisabled(grant.principal));
    gone.set(grant.principal, isGone);
    const ended = isGone ? endGrant(grant, "requester-gone", "the person was disabled", moment) : undefined;
    if (ended?.allowed) await save(ended);
  }
  for (const grant of await store.listGrants({ unreviewed: true, limit: BATCH })) {
    const escalated = escalateGrant(grant, limits(), readMoment(clock));
    if (escalated) await save(escalated);
  }
  for (const request of await store.listRequests({ state: "pending", limit: BATCH })) {
    const extended = request.extends && (await store.findGrant(request.extends));
    const lapsed = lapseRequest(request, readMoment(clock), extended);
    if (lapsed) await save(lapsed);
  }
}

function usedUp(grant: Grant, rulebook: Rulebook, moment: ReturnType<typeof readMoment>): Step | undefined {
  const now = rulebook.roles.get(grant.role.name);
  const { bytes, seconds } = now === undefined ? grant.role.budget : tightest(grant.role.budget, now.budget);
  const what =
    bytes !== undefined && grant.used.bytes >= bytes
      ? "bytes"
      : seconds !== undefined && grant.used.seconds >= seconds
        ? "time"
        : undefined;
  if (what === undefined) return undefined;
  const ended = endGrant(grant, "used-up", `its budget of ${what} is used up`, moment);
  return ended.allowed ? ended : undefined;
}
