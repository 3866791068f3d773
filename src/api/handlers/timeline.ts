import type { LoggedEvent } from "../../audit/event.ts";
import type { Grant } from "../../access/model.ts";
import { deny } from "../../kernel/result.ts";
import type { Handlers } from "../handler.ts";
import type { GrantService } from "../services/access.ts";
import type { AuditService } from "../services/record.ts";
import type { SessionService } from "../services/sessions.ts";
import { ACCESS_KINDS, OUTCOME_KINDS, TIMELINE_KINDS, timelineEntries } from "../timeline.ts";
import { looksBackAt } from "../reviewer.ts";
import { hidesWatchers, viewGrant, viewSession } from "../views.ts";

interface Needs {
  readonly sessions: SessionService;
  readonly access: Pick<GrantService, "findGrant" | "mayReview" | "remainingMs">;
  readonly audit: Pick<AuditService, "query">;
}

/** Of one request and its grant. */
const MAX_ACCESS = 500;
/** What becomes of a page's actions may stand far behind them. */
const MAX_OUTCOMES = 10_000;

export function timelineHandlers({ sessions, access, audit }: Needs): Handlers<"sessions.timeline"> {
  const accessEvents = async ({ id, request }: Grant): Promise<readonly LoggedEvent[]> => {
    const of = { kinds: ACCESS_KINDS, order: "asc", limit: MAX_ACCESS } as const;
    const both = await Promise.all([audit.query({ ...of, request }), audit.query({ ...of, grant: id })]);
    return [...new Map(both.flat().map((event) => [event.seq, event])).values()];
  };
  return {
    "sessions.timeline": async ({ caller, params: { id }, query: { from = 0, latest, limit } }) => {
      const session = await sessions.findSession(id);
      const { name } = caller.principal;
      // Whoever is present as its moderator sees what they are to judge, for as long as they are.
      const isPresent = sessions.liveFacts(id)?.moderation?.present.some(({ who }) => who === name) ?? false;
      const may = session?.principal === name || isPresent || caller.permissions.has("recording.view");
      if (!session || !(may || (await looksBackAt(session.grant, caller, access)))) return deny("not-found", { detail: `session "${id}"` });
      const order = latest ? "desc" : "asc";
      const read = await audit.query({ session: id, kinds: TIMELINE_KINDS, from, order, limit: limit + 1 });
      const isWhole = read.length <= limit;
      const page = latest ? read.slice(0, limit).toReversed() : read.slice(0, limit);
      const next = latest ? undefined : read[limit]?.seq;
      const first = latest && !isWhole ? (page[0]?.seq ?? from) : from;
      const [grant, outcomes] = await Promise.all([
        access.findGrant(session.grant),
        audit.query({ session: id, kinds: OUTCOME_KINDS, from: page[0]?.seq ?? from, order: "asc", limit: MAX_OUTCOMES }),
      ]);
      const before = grant === undefined ? [] : await accessEvents(grant);
      const within = before.filter(({ seq }) => seq >= first && (next === undefined || seq < next));
      const hides = hidesWatchers(session, grant, caller);
      const events = [...within, ...page].filter(({ kind }) => !hides || kind !== "recording.viewed").sort((a, b) => a.seq - b.seq);
      return {
        session: viewSession(session, sessions.liveFacts(id), caller),
        ...(grant && { grant: viewGrant(grant, access) }),
        entries: [...timelineEntries(events, outcomes, session.startedAt)],
        ...(next !== undefined && { next }),
        ...(latest && !isWhole && { earlier: true as const }),
      };
    },
  };
}
