import type { LoggedEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import { LoginThrottle } from "../watch/throttle.ts";

/** As long as an address stays one that a person is known to come from. */
const LOOK_BACK_MS = 30 * 86_400_000;
/** The newest of them: what is older than so many logins is of nobody's use at the start. */
const LOGINS_READ = 10_000;

/** A throttle that knows from the log where people have logged in from: a restart must not let strangers' failures count against them. */
export async function openThrottle(log: Pick<AuditLog, "query">, clock: Clock): Promise<LoginThrottle> {
  const throttle = new LoginThrottle(clock);
  const now = clock.now();
  const logins = await log.query({ kinds: ["login.ok"], since: now - LOOK_BACK_MS, order: "desc", limit: LOGINS_READ });
  for (const login of logins.toReversed()) learn(throttle, login, now);
  return throttle;
}

function learn(throttle: LoginThrottle, { principal, body, time }: LoggedEvent, now: number): void {
  // An erased login teaches nothing.
  if (principal === undefined || body === undefined || !("remote" in body) || typeof body.remote !== "string") return;
  throttle.learn(body.remote, principal, now - time);
}
