import type { Clock } from "../kernel/clock.ts";
import type { Grant } from "./model.ts";

/** Both clocks, read once, so that one step sees one time. */
export interface Moment {
  readonly now: number;
  readonly elapsed: number;
  readonly bootId: string;
}

export function readMoment(clock: Clock): Moment {
  return { now: clock.now(), elapsed: clock.elapsed(), bootId: clock.bootId };
}

/** Milliseconds until the grant ends: the earlier of its wall-clock and its elapsed end; 0 when it has ended. */
export function remainingMs(grant: Grant, clock: Clock): number {
  return remainingAt(grant, readMoment(clock));
}

export function remainingAt(grant: Grant, { now, elapsed, bootId }: Moment): number {
  if (grant.state !== "active") return 0;
  // A wall clock set back before the start gives no more than the whole: elapsed time is not comparable after a reboot.
  const byWall = grant.end - Math.max(now, grant.start);
  const byElapsed = grant.elapsedEnd.bootId === bootId ? grant.elapsedEnd.at - elapsed : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(byWall, byElapsed));
}
