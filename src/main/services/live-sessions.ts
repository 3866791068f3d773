import type { LiveFacts, SessionService } from "../../api/services/sessions.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { SessionRow } from "../../session/port.ts";
import type { SessionRegistry } from "../../session/registry.ts";
import { isSilent } from "../../session/watchers.ts";
import { deny } from "../../kernel/result.ts";

type Live = Pick<SessionService, "liveFacts" | "subscribe" | "watch" | "moderate">;

const NOBODY = { [Symbol.dispose]: () => undefined };

/** What the API sees of sessions while they last. */
export function liveSessions(registry: SessionRegistry): Live {
  const factsOf = (session: LiveSession): LiveFacts => {
    const { frozen } = session.control;
    const moderation = registry.moderation.viewOf(session);
    return {
      ...(frozen && { frozen }),
      watchers: registry.watchers.of(session.id),
      isSilent: isSilent(session),
      ...(moderation && { moderation }),
    };
  };
  return {
    liveFacts: (id) => {
      const session = registry.find(id);
      return session && factsOf(session);
    },
    subscribe: (listener) =>
      registry.subscribe((change) => {
        const { kind, session } = change;
        if (change.kind === "ended") listener({ kind, session: { ...rowOf(session), ended: change.ended } });
        else listener({ kind, session: rowOf(session), facts: factsOf(session) });
      }),
    watch: (id, who) => {
      const session = registry.find(id);
      return session ? registry.watchers.join(session, who) : NOBODY;
    },
    moderate: async (id, by) => {
      const session = registry.find(id);
      return session ? registry.moderation.join(session, by) : deny("wrong-state", { detail: `session "${id}" is not live` });
    },
  };
}

function rowOf({ id, grant, permit, protocol, remote, startedAt, recording }: LiveSession): SessionRow {
  const { authenticated, scoped } = permit;
  return {
    id,
    grant: grant.id,
    principal: authenticated.principal.name,
    target: scoped.target.name,
    protocol,
    remote,
    startedAt,
    recording,
  };
}
