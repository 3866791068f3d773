import type { Reply, Sequenced } from "../../contract/types.ts";
import type { SessionId } from "../../kernel/ids.ts";
import type { ChangeFeed } from "../change-feed.ts";
import type { Caller, Handlers } from "../handler.ts";
import { merge } from "../merge.ts";
import type { SessionChange, SessionService } from "../services/sessions.ts";
import { viewSession } from "../views.ts";

type One = Reply<"waiting.stream"> extends AsyncIterable<Sequenced<infer T>> ? T : never;
type Streams = Pick<Handlers, "requests.stream" | "holds.stream">;

const MAX_LIVE = 1_000;

/** `streams`: each says itself what of its own a caller sees. */
export function waitingHandlers(
  sessions: Pick<SessionService, "listSessions" | "liveFacts">,
  changes: ChangeFeed<SessionChange>,
  streams: Streams,
): Handlers<"waiting.stream"> {
  return {
    "waiting.stream": async (call) => {
      const stop = new AbortController();
      // Anew each time: what was numbered by one of them says nothing of the others.
      const each = { ...call, lastEventId: undefined, signal: AbortSignal.any([call.signal, stop.signal]) };
      const [requests, holds] = [await streams["requests.stream"](each), await streams["holds.stream"](each)];
      if ("allowed" in requests) return requests;
      if ("allowed" in holds) return holds;
      const all: AsyncIterable<One>[] = [dataOf(requests), dataOf(holds), moderated(sessions, changes, each)];
      return numbered(merge(all, stop));
    },
  };
}

/** Those the caller may moderate, and once more when they may not any longer: it ended, or somebody else is asked for. */
async function* moderated(
  sessions: Pick<SessionService, "listSessions" | "liveFacts">,
  changes: ChangeFeed<SessionChange>,
  { caller, signal }: { readonly caller: Caller; readonly signal: AbortSignal },
): AsyncGenerator<One> {
  const now = async (): Promise<readonly SessionChange[]> => {
    const live = await sessions.listSessions({ live: true, limit: MAX_LIVE });
    return live.map((session) => {
      const facts = sessions.liveFacts(session.id);
      return facts ? { kind: "started", session, facts } : { kind: "started", session };
    });
  };
  const theirs = new Set<SessionId>();
  for await (const { data } of changes.follow(undefined, now, signal)) {
    const session = viewSession(data.session, data.facts, caller);
    const was = theirs.delete(data.session.id);
    if (session.moderation?.mayModerate === true) theirs.add(data.session.id);
    else if (!was) continue;
    yield { session };
  }
}

async function* dataOf(stream: AsyncIterable<Sequenced<One>>): AsyncGenerator<One> {
  for await (const { data } of stream) yield data;
}

async function* numbered(all: AsyncIterable<One>): AsyncGenerator<Sequenced<One>> {
  let number = 0;
  for await (const data of all) yield { id: String(number++), data };
}
