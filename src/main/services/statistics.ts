import type { StatisticsService } from "../../api/services/record.ts";
import { histogram, quantile, type StatisticsStore } from "../../audit/statistics.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { TargetName } from "../../kernel/ids.ts";
import { deny } from "../../kernel/result.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MAX_STRETCHES = 1_000;
const MAX_TARGETS = 50;
/** Of approvals and refusals: the newest. */
const MAX_COUNTED = 50_000;
const APPROVAL_BOUNDS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY];

const DENIED = { "login.failed": "login", "request.refused": "request", "session.refused": "session" } as const;

export interface StatisticsDeps {
  readonly store: StatisticsStore;
  /** As the configuration has it now; of a target that is gone there is no kind any more. */
  readonly kindOf: (target: string) => string | undefined;
  readonly clock: Pick<Clock, "now">;
}

export function statisticsService({ store, kindOf, clock }: StatisticsDeps): StatisticsService {
  const kind = (target: string): string => kindOf(target) ?? "unknown";
  return {
    show: async ({ until = clock.now(), since = until - 30 * DAY, by }) => {
      const bucketMs = by === "day" ? DAY : HOUR;
      if (since >= until) return deny("bad-request", { detail: "`since` is not before `until`" });
      if ((until - since) / bucketMs > MAX_STRETCHES)
        return deny("bad-request", { detail: `more than ${MAX_STRETCHES} stretches of a ${by}` });
      const span = { since, until };
      const [begun, targets, times, denied] = await Promise.all([
        store.sessions(span, bucketMs),
        store.targets(span, MAX_TARGETS),
        store.approvalTimes(span, MAX_COUNTED),
        store.denials(span, MAX_COUNTED),
      ]);
      const sessions = added(
        begun.map(({ at, target, count }) => ({ key: `${at} ${kind(target)}`, value: { at, kind: kind(target) }, count })),
      );
      const denials = added(
        denied.map(({ kind: event, code, count }) => {
          const of = DENIED[event as keyof typeof DENIED] ?? ("action" as const);
          return { key: `${of} ${code}`, value: { of, code }, count };
        }),
      );
      const [medianMs, p90Ms] = [quantile(times, 0.5), quantile(times, 0.9)];
      return {
        since,
        until,
        by,
        sessions,
        targets: targets.map(({ target, sessions: count, people }) => ({
          target: target as TargetName,
          kind: kind(target),
          sessions: count,
          people,
        })),
        approvals: {
          count: times.length,
          ...(medianMs !== undefined && { medianMs }),
          ...(p90Ms !== undefined && { p90Ms }),
          histogram: histogram(times, APPROVAL_BOUNDS).map((count, index) => {
            const upToMs = APPROVAL_BOUNDS[index];
            return upToMs === undefined ? { count } : { upToMs, count };
          }),
        },
        denials: denials.sort((a, b) => b.count - a.count),
      };
    },
  };
}

/** What has the same key is one, with the counts of all. */
function added<T extends object>(
  counted: readonly { readonly key: string; readonly value: T; readonly count: number }[],
): (T & { count: number })[] {
  const found = new Map<string, T & { count: number }>();
  for (const { key, value, count } of counted) {
    const known = found.get(key);
    if (known) known.count += count;
    else found.set(key, { ...value, count });
  }
  return [...found.values()];
}
