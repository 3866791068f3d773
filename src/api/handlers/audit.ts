import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { EventQuery } from "../../audit/port.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Received, Reply } from "../../contract/types.ts";
import type { Handlers } from "../handler.ts";
import type { AuditService, LogProofs, PublishedLog } from "../services/record.ts";
import type { RecordingService } from "../services/sessions.ts";

type AuditRoutes =
  | "audit.search"
  | "audit.output"
  | "audit.export"
  | "audit.checkpoint"
  | "audit.proof"
  | "audit.consistency"
  | "audit.tile"
  | "audit.bodies"
  | "audit.recording"
  | "audit.erase";

const PAGE = 500;

export function auditHandlers(
  audit: AuditService,
  published: PublishedLog,
  recordings: Pick<RecordingService, "search">,
  proofs: LogProofs,
): Handlers<AuditRoutes> {
  return {
    "audit.search": async ({ query }) => ({ events: (await audit.query(eventQuery(query))).map(viewEvent), size: audit.head().size }),
    "audit.output": async ({ caller, query, signal }) => {
      const { recordings: looked, ...found } = await recordings.search(query, signal);
      const viewed = looked.map(({ recording, session }): AuditEvent => ({
        kind: "recording.viewed",
        principal: caller.principal.name,
        session,
        body: { recording, how: "search" },
      }));
      // Fails closed: what was found is shown only once the log has who looked.
      if (viewed.length > 0) await audit.append(viewed);
      return found;
    },
    "audit.export": async ({ caller, query, signal }) => {
      const { size } = audit.head();
      const to = Math.min(query.to ?? size - 1, size - 1);
      const body = { format: "jsonl", query: JSON.stringify(query), count: Math.max(0, to + 1 - (query.from ?? 0)) };
      await audit.append([{ kind: "audit.exported", principal: caller.principal.name, body }]);
      return exportEvents(audit, eventQuery({ ...query, to, order: "asc", limit: PAGE }), signal);
    },
    "audit.checkpoint": async () => (await published.checkpoint()) ?? noFile("checkpoint"),
    "audit.proof": ({ params: { seq }, signal }) => proofs.inclusion(seq, signal),
    "audit.consistency": ({ query: { from, to }, signal }) => proofs.consistency(from, to, signal),
    "audit.tile": async ({ params: { "*": path } }) => (await published.tile(path)) ?? noFile(`tile/${path}`),
    "audit.bodies": async ({ caller, params: { "*": path } }) => {
      const bodies = await published.bodies(path);
      if (!bodies) return noFile(`bodies/${path}`);
      await audit.append([
        { kind: "audit.exported", principal: caller.principal.name, body: { format: "bodies", query: path, count: entriesIn(path) } },
      ]);
      return bodies;
    },
    "audit.recording": async ({ params: { file } }) => (await published.recording(file)) ?? noFile(`recordings/${file}`),
    "audit.erase": async ({ caller, body: { seq, reason } }) => {
      const [entry] = await audit.query({ from: seq, to: seq + 1, limit: 1 });
      if (!entry) return deny("not-found", { detail: `entry ${seq}` });
      if (entry.kind === "audit.erased")
        return deny("wrong-state", { detail: "the record of an erasure is never erased", rule: "docs/formats/log.md" });
      if (entry.body === undefined) return deny("wrong-state", { detail: `entry ${seq} is erased already` });
      await audit.erase(seq, { kind: "audit.erased", principal: caller.principal.name, body: { seq, reason } });
      return { seq };
    },
  };
}

function noFile(path: string): Denial {
  return deny("not-found", { detail: path });
}

/** 256, or the width of a partial bundle. */
function entriesIn(path: string): number {
  return Number(/\.p\/([0-9]+)$/.exec(path)?.[1] ?? 256);
}

type Query = Received<"audit.search">["query"];

/** The contract's `to` is the last one wanted, the log's the first one not wanted. */
function eventQuery({ kinds, to, ...same }: Query): EventQuery {
  return { ...same, ...(to !== undefined && { to: to + 1 }), ...(kinds && { kinds: kinds as NonNullable<EventQuery["kinds"]> }) };
}

export function viewEvent({ body, ...same }: LoggedEvent): Reply<"audit.search">["events"][number] {
  return { ...same, ...(body !== undefined && { body: body as unknown as Readonly<Record<string, unknown>> }) };
}

/** Page by page, up to the size the log had when it was asked for: an export of everything does not contain itself. */
async function* exportEvents(
  audit: Pick<AuditService, "query">,
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<ReturnType<typeof viewEvent>> {
  let from = query.from ?? 0;
  while (!signal.aborted) {
    const page = await audit.query({ ...query, from });
    for (const event of page) yield viewEvent(event);
    const last = page.at(-1);
    if (last === undefined || page.length < query.limit) return;
    from = last.seq + 1;
  }
}
