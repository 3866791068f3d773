import type { Frame } from "../../audit/recording/frame.ts";
import type { RecordingId, SessionId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import type { SessionRow } from "../../session/port.ts";
import { refusePermission } from "../admit.ts";
import { isRefusal, type Caller, type Handlers } from "../handler.ts";
import { looksBackAt } from "../reviewer.ts";
import { hidesWatchers, toModerate, viewFrame, viewSession, type FrameView, type SessionView } from "../views.ts";
import { viewEvent } from "./audit.ts";
import type { GrantService } from "../services/access.ts";
import type { AuditService } from "../services/record.ts";
import type { RecordingService, SessionService } from "../services/sessions.ts";

type SessionRoutes =
  | "sessions.list"
  | "sessions.show"
  | "sessions.events"
  | "sessions.kill"
  | "sessions.freeze"
  | "sessions.thaw"
  | "sessions.message"
  | "sessions.recording"
  | "sessions.asciicast";

interface Needs {
  readonly sessions: SessionService;
  readonly recordings: RecordingService;
  readonly audit: Pick<AuditService, "append" | "query">;
  readonly access: Pick<GrantService, "findGrant" | "mayReview">;
}

export function sessionHandlers({ sessions, recordings, audit, access }: Needs): Handlers<SessionRoutes> {
  /** One's own, or anybody's with the permission; otherwise it is as if it were not there. */
  const find = async (id: SessionId, { principal, permissions }: Caller, others: GatePermission): Promise<SessionRow | Denial> => {
    const session = await sessions.findSession(id);
    const may = session?.principal === principal.name || permissions.has(others);
    return session && may ? session : noSession(id);
  };
  /** Frozen or thawed: how it is now. */
  const change = async (id: SessionId, caller: Caller, changed: () => Promise<Denial | undefined>): Promise<SessionView | Denial> => {
    const session = await sessions.findSession(id);
    if (!session) return noSession(id);
    return (await changed()) ?? viewSession(session, sessions.liveFacts(session.id), caller);
  };
  /** Who looks at a recording is in the log before the first frame leaves. */
  const view = async (id: SessionId, caller: Caller, how: "replay" | "export"): Promise<RecordingId | Denial> => {
    const session = await find(id, caller, "recording.view");
    if (isRefusal(session)) return session;
    const { recording, grant, target } = session;
    if (recording === undefined) return deny("not-found", { detail: `session "${id}" has no recording` });
    await audit.append([
      { kind: "recording.viewed", principal: caller.principal.name, session: id, grant, target, body: { recording, how } },
    ]);
    return recording;
  };
  return {
    "sessions.list": async ({ caller, query: { all, toModerate: isModerators, principal, ...filter } }) => {
      const me = caller.principal.name;
      if (isModerators) {
        return { sessions: (await toModerate(sessions, caller)).slice(0, filter.limit) };
      }
      const beyond = all || (principal !== undefined && principal !== me);
      const reads = caller.permissions.has("session.read");
      const isReviewers = beyond && !reads && filter.grant !== undefined && (await looksBackAt(filter.grant, caller, access));
      if (beyond && !reads && !isReviewers) return refusePermission("session.read", caller);
      const whose = principal ?? (all ? undefined : me);
      const found = await sessions.listSessions({ ...filter, ...(whose && { principal: whose }) });
      return { sessions: found.map((session) => viewSession(session, sessions.liveFacts(session.id), caller)) };
    },
    "sessions.show": async ({ caller, params: { id } }) => {
      const session = await sessions.findSession(id);
      if (!session) return noSession(id);
      const view = viewSession(session, sessions.liveFacts(id), caller);
      const may = session.principal === caller.principal.name || caller.permissions.has("session.read");
      if (may || view.moderation?.mayModerate === true) return view;
      return (await looksBackAt(session.grant, caller, access)) ? view : noSession(id);
    },
    "sessions.events": async ({ caller, params: { id }, query: { limit }, signal }) => {
      const session = await find(id, caller, "recording.view");
      if (isRefusal(session)) return session;
      const hidden = hidesWatchers(session, await access.findGrant(session.grant), caller)
        ? ["recording.chunk", "recording.viewed"]
        : ["recording.chunk"];
      return eventsOf(audit, id, { limit, hidden }, signal);
    },
    "sessions.kill": async ({ caller, params: { id }, body: { reason } }) => {
      const session = await find(id, caller, "session.kill");
      if (isRefusal(session)) return session;
      const killed = await sessions.kill(id, caller.principal.name, reason);
      return killed ? undefined : deny("wrong-state", { detail: `session "${id}" is not live` });
    },
    "sessions.freeze": ({ caller, params: { id }, body: { reason } }) =>
      change(id, caller, () => sessions.freeze(id, caller.principal.name, reason)),
    "sessions.thaw": ({ caller, params: { id }, body: { reason } }) =>
      change(id, caller, () => sessions.thaw(id, caller.principal.name, reason, caller.principal.actsFor?.name)),
    "sessions.message": async ({ caller, params: { id }, body: { text } }) =>
      (await sessions.findSession(id)) ? sessions.message(id, caller.principal.name, text) : noSession(id),
    "sessions.recording": async ({ caller, params: { id }, query: { channel }, signal }) => {
      const recording = await view(id, caller, "replay");
      if (isRefusal(recording)) return recording;
      const frames = recordings.frames(recording, signal);
      return viewFrames(frames, channel);
    },
    "sessions.asciicast": async ({ caller, params: { id }, query: { channel }, signal }) => {
      const recording = await view(id, caller, "export");
      return isRefusal(recording) ? recording : parsed(recordings.asciicast(recording, channel, signal));
    },
  };
}

function noSession(id: SessionId): Denial {
  return deny("not-found", { detail: `session "${id}"` });
}

const PAGE = 500;

/** Page by page; what is logged meanwhile comes too. */
async function* eventsOf(
  audit: Pick<AuditService, "query">,
  session: SessionId,
  { limit, hidden }: { readonly limit: number; readonly hidden: readonly string[] },
  signal: AbortSignal,
): AsyncGenerator<ReturnType<typeof viewEvent>> {
  let [from, left] = [0, limit];
  while (!signal.aborted && left > 0) {
    const page = await audit.query({ session, from, order: "asc", limit: PAGE });
    for (const event of page.filter(({ kind }) => !hidden.includes(kind)).slice(0, left)) {
      left -= 1;
      yield viewEvent(event);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    from = last.seq + 1;
  }
}

/** Of one channel, with what is about the session itself (channel 0). */
async function* viewFrames(frames: AsyncIterable<Frame>, channel: number | undefined): AsyncGenerator<FrameView> {
  for await (const frame of frames) if (channel === undefined || frame.channel === channel || frame.channel === 0) yield viewFrame(frame);
}

async function* parsed(lines: AsyncIterable<string>): AsyncGenerator {
  for await (const line of lines) yield JSON.parse(line) as unknown;
}
