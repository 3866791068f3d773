/**
 * Streams of what is live: one session, a thin view of it, being present at it, and the wall of all.
 *
 * Invariant: who looks is in the log before the first frame leaves, and among the session's watchers, or present at it,
 * for exactly as long as the stream lasts.
 */
import type { Frame } from "../../audit/recording/frame.ts";
import type { LoggedEvent } from "../../audit/event.ts";
import type { Reply, Sequenced } from "../../contract/types.ts";
import { GateError } from "../../kernel/errors.ts";
import type { RecordingId, SessionId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { SessionRow } from "../../session/port.ts";
import type { ChangeFeed } from "../change-feed.ts";
import { isRefusal, type Call, type Caller, type Handlers } from "../handler.ts";
import type { AuditService } from "../services/record.ts";
import type { RecordingService, SessionChange, SessionService } from "../services/sessions.ts";
import { snippetOf } from "../snippet.ts";
import { viewFrame, viewSession, type FrameView } from "../views.ts";

interface Needs {
  readonly sessions: SessionService;
  readonly recordings: Pick<RecordingService, "follow" | "thin">;
  readonly audit: Pick<AuditService, "append">;
}

type LiveRoutes = "sessions.live" | "sessions.moderate" | "sessions.stream";
type LiveView = Sequenced<FrameView>;

/** So often a moderator's stream is broken off, to be taken up again: who is gone without a word is noticed by that. */
const RENEW_MS = 30_000;
const MAX_LIVE = 1_000;

export function liveHandlers({ sessions, recordings, audit }: Needs, changes: ChangeFeed<SessionChange>): Handlers<LiveRoutes> {
  const logged = async (session: SessionRow, caller: Caller): Promise<RecordingId | Denial> => {
    const { id, recording, grant, target } = session;
    if (recording === undefined) return deny("not-found", { detail: `session "${id}" has no recording` });
    const body = { recording, how: "replay" } as const;
    await audit.append([{ kind: "recording.viewed", principal: caller.principal.name, session: id, grant, target, body }]);
    return recording;
  };
  const follow = (recording: RecordingId, lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<LiveView> => {
    // The id of a frame's event is the frame's number, so that a client continues where it stopped.
    const after = /^[0-9]{1,12}$/.test(lastEventId ?? "") ? Number(lastEventId) + 1 : 0;
    return numbered(recordings.follow(recording, after, signal), after);
  };
  return {
    "sessions.live": async ({ caller, params: { id }, query: { thin }, signal, lastEventId }) => {
      const session = await sessions.findSession(id);
      const may = session?.principal === caller.principal.name || caller.permissions.has("recording.view");
      if (!session || !may) return deny("not-found", { detail: `session "${id}"` });
      if (thin && session.ended) return deny("wrong-state", { detail: `session "${id}" is not live` });
      const recording = await logged(session, caller);
      if (isRefusal(recording)) return recording;
      return watched(sessions, id, caller, thin ? thinly(recordings.thin(id, signal)) : follow(recording, lastEventId, signal));
    },
    "sessions.moderate": async ({ caller, params: { id }, query: { thin }, signal, lastEventId }) => {
      const session = await sessions.findSession(id);
      const { principal } = caller;
      const facts = session && sessions.liveFacts(id);
      const isNamed = session && viewSession(session, facts, caller).moderation?.mayModerate === true;
      // To whoever may neither see nor moderate it, it is as if it were not there.
      if (!session || (!isNamed && session.principal !== principal.name && !caller.permissions.has("session.read"))) {
        return deny("not-found", { detail: `session "${id}"` });
      }
      const presence = await sessions.moderate(id, principal);
      if (isRefusal(presence)) return presence;
      try {
        const recording = await logged(session, caller);
        if (isRefusal(recording)) {
          presence.leave("left");
          return recording;
        }
        const renew = AbortSignal.any([signal, AbortSignal.timeout(RENEW_MS)]);
        const views = thin ? thinly(recordings.thin(id, renew)) : follow(recording, lastEventId, renew);
        return moderated(views, presence, signal, renew);
      } catch (error) {
        presence.leave("left");
        throw error;
      }
    },
    "sessions.stream": ({ caller, signal, lastEventId }: Call<"sessions.stream">) => {
      const now = async (): Promise<readonly SessionChange[]> => {
        const live = await sessions.listSessions({ live: true, limit: MAX_LIVE });
        return live.map((session) => startedOf(session, sessions.liveFacts(session.id)));
      };
      return (async function* () {
        for await (const { id, data } of changes.follow(lastEventId, now, signal)) {
          const { kind, session, facts } = data;
          const view = viewSession(session, facts, caller);
          const may = session.principal === caller.principal.name || caller.permissions.has("session.read");
          if (may || view.moderation?.mayModerate === true) yield { id, data: { change: kind, session: view } };
        }
      })();
    },
  };
}

function startedOf(session: SessionRow, facts: SessionChange["facts"]): SessionChange {
  return facts ? { kind: "started", session, facts } : { kind: "started", session };
}

async function* watched(
  sessions: SessionService,
  id: SessionId,
  caller: Caller,
  views: AsyncGenerator<LiveView>,
): AsyncGenerator<LiveView> {
  using _ = sessions.watch(id, caller.principal.name);
  yield* views;
}

async function* moderated(
  views: AsyncGenerator<LiveView>,
  presence: { leave(how: "left" | "renew"): void },
  signal: AbortSignal,
  renew: AbortSignal,
): AsyncGenerator<LiveView> {
  // The stream may end before anybody has asked for its first frame: then nothing here would run.
  signal.addEventListener("abort", () => presence.leave("left"), { once: true });
  if (signal.aborted) presence.leave("left");
  yield* views;
  if (!renew.aborted || signal.aborted) return presence.leave("left");
  presence.leave("renew");
  // Broken off, so that its client takes it up again.
  throw new GateError("timeout");
}

async function* numbered(frames: AsyncIterable<Frame>, from: number): AsyncGenerator<LiveView> {
  let number = from;
  for await (const frame of frames) yield { id: String(number++), data: viewFrame(frame) };
}

async function* thinly(updates: ReturnType<RecordingService["thin"]>): AsyncGenerator<LiveView> {
  let number = 0;
  for await (const { isAnew, frames, statements } of updates) {
    const shown: FrameView[] = [
      ...(isAnew ? [{ type: "reset" as const, channel: 0, atUs: frames.at(-1)?.timeUs ?? 0 }] : []),
      ...frames.map(viewFrame),
      ...statements.flatMap(viewStatement),
    ];
    for (const data of shown) yield { id: String(number++), data };
  }
}

const MAX_OUTCOME = 500;

/** Untrusted: a statement as one line of plain text; whole it is in the timeline. */
function viewStatement({ seq, kind, time, body }: LoggedEvent): FrameView[] {
  if (body === undefined || !kind.startsWith("sql.")) return [];
  const said = body as unknown as Readonly<Record<string, unknown>>;
  const { number, statement, keyword, code, tag, rows, durationMs, sqlstate, message } = said;
  const text = typeof statement === "string" ? statement : typeof keyword === "string" ? `${keyword} …` : "";
  const about = { seq, time, ...(typeof number === "number" && { number }) };
  const info: Reply<"sessions.recording"> extends AsyncIterable<infer F> ? NonNullable<(F & { info?: object })["info"]> : never =
    kind === "sql.outcome"
      ? {
          ...about,
          outcome: {
            tag,
            rows,
            durationMs,
            sqlstate,
            ...(typeof message === "string" && { message: snippetOf(message.slice(0, MAX_OUTCOME), []) }),
          },
        }
      : { ...about, text: snippetOf(text, []), ...(kind === "sql.refused" && { refused: code }) };
  return [{ type: "statement", channel: typeof number === "number" ? number : 0, atUs: 0, info }];
}
