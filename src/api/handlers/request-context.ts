import type { Grant } from "../../access/model.ts";
import type { Reply } from "../../contract/types.ts";
import { deny } from "../../kernel/result.ts";
import type { Handlers } from "../handler.ts";
import type { GrantService, RequestService } from "../services/access.ts";
import type { GateFacts } from "../services/gate.ts";
import type { SessionService } from "../services/sessions.ts";
import { maySee } from "../views.ts";

interface Needs {
  readonly access: Pick<RequestService, "findRequest" | "isApprover"> & Pick<GrantService, "listGrants">;
  readonly sessions: Pick<SessionService, "listSessions">;
  readonly gate: Pick<GateFacts, "now">;
}

const PAST_MS = 30 * 86_400_000;
const MAX_COUNTED = 1_000;
const RECENT = 10;

export function requestContextHandlers({ access, sessions, gate }: Needs): Handlers<"requests.context"> {
  return {
    "requests.context": async ({ caller, params: { id } }) => {
      const request = await access.findRequest(id);
      if (!request || !maySee(request, access, caller)) return deny("not-found", { detail: `request "${id}"` });
      const since = Math.max(0, gate.now() - PAST_MS);
      const { requester, role, scope } = request;
      const granted = (await access.listGrants({ principal: requester, limit: MAX_COUNTED })).filter(({ start }) => start >= since);
      const on = (name: string): readonly Grant[] => granted.filter((grant) => grant.scope.some(({ target }) => target.name === name));
      const targets = await Promise.all(
        scope.map(async ({ target: { name: target } }) => {
          const opened = await sessions.listSessions({ principal: requester, target, limit: MAX_COUNTED });
          const recent = opened.filter(({ startedAt }) => startedAt >= since);
          const last = opened[0]?.startedAt;
          return { target, sessions: recent.length, grants: on(target).length, ...(last !== undefined && { lastSessionAt: last }) };
        }),
      );
      const held = granted.filter((grant) => grant.role.name === role.name);
      // What they did elsewhere, in another role, is not this approver's to read.
      const akin = granted.filter((grant) => held.includes(grant) || scope.some(({ target }) => on(target.name).includes(grant)));
      return {
        since,
        targets,
        role: { grants: held.length, ...(held[0] && { lastGrantAt: held[0].start }) },
        recent: akin.slice(0, RECENT).map(inShort),
      };
    },
  };
}

function inShort({ id, role, reason, ticket, start, endedHow, scope }: Grant): Reply<"requests.context">["recent"][number] {
  const targets = scope.map(({ target }) => target.name);
  return { id, role: role.name, reason, ...(ticket !== undefined && { ticket }), start, ...(endedHow && { endedHow }), targets };
}
