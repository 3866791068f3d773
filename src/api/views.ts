/** Requests and grants as the API shows them. Roles appear by name; of a request, also in words: somebody is asked to approve it. */
import type { AccessRequest, Grant, ScopedTarget } from "../access/model.ts";
import type { Frame } from "../audit/recording/frame.ts";
import type { Reply } from "../contract/types.ts";
import type { Caller } from "./handler.ts";
import type { SessionRow } from "../session/port.ts";
import type { Actor, Administrator, GrantService, RequestService } from "./services/access.ts";
import type { LiveFacts, SessionService } from "./services/sessions.ts";

export type RequestView = Reply<"requests.show">;
export type GrantView = Reply<"grants.show">;

/** With what the login has shown, which some roles ask of who approves or breaks glass. */
export function actorOf({ principal: { name, groups, actsFor }, authenticated: { factors, remote, madeAt } }: Caller): Actor {
  return { name, groups, ...(actsFor && { actsFor }), factors, remote, madeAt };
}

export function administratorOf(caller: Caller): Administrator {
  return { ...actorOf(caller), scopes: caller.authenticated.scopes };
}

function viewScope(scope: readonly ScopedTarget[]): RequestView["scope"] {
  return scope.map(({ target, account, rule }) => ({ target: target.name, kind: target.kind, address: target.address, account, rule }));
}

type RequestWords = "inWords" | "isApprover" | "stillMissing" | "approvers" | "allows";

/** `undefined` fields of the model never occur: what is absent there is absent here. */
export function viewRequest(request: AccessRequest, access: Pick<RequestService, RequestWords>, caller: Caller): RequestView {
  const { role, scope, demands, ...same } = request;
  const missing = request.state === "pending" ? access.stillMissing(request) : "";
  return {
    ...same,
    role: role.name,
    allows: [...access.allows(request)],
    scope: viewScope(scope),
    demands: demands.map((demand) => access.inWords(demand)),
    ...(missing !== "" && { missing, approvers: [...access.approvers(request)] }),
    mayApprove: waitsFor(request, access, caller),
  };
}

/** Whether the caller has a place in it that is not taken yet. */
export function waitsFor(request: AccessRequest, access: Pick<RequestService, "isApprover">, caller: Caller): boolean {
  const { name } = caller.principal;
  if (request.state !== "pending" || request.requester === name) return false;
  return !request.approvals.some(({ by }) => by === name) && access.isApprover(request, actorOf(caller));
}

export function maySee(request: AccessRequest, access: Pick<RequestService, "isApprover">, caller: Caller): boolean {
  if ([request.requester, request.actsFor].includes(caller.principal.name) || caller.permissions.has("request.read")) return true;
  return access.isApprover(request, actorOf(caller));
}

export type SessionView = Reply<"sessions.show">;

/** As the store has it, with what is so of it only while it lasts. */
export function viewSession(session: SessionRow, facts: LiveFacts | undefined, caller: Caller): SessionView {
  if (session.ended || !facts) return session;
  const { frozen, watchers, isSilent, moderation } = facts;
  const { name, groups } = caller.principal;
  const isOwn = session.principal === name;
  const isNamed = moderation?.by.some((who) => who === name || groups.some((group) => who === `group:${group}`)) ?? false;
  return {
    ...session,
    ...(frozen && { frozen }),
    ...(!(isOwn && isSilent) && { watchers: [...watchers] }),
    ...(moderation && {
      moderation: {
        ...moderation,
        by: [...moderation.by],
        present: [...moderation.present],
        mayModerate: isNamed && !isOwn && caller.principal.type === "human",
      },
    }),
  };
}

const MAX_LIVE = 1_000;

/** Live sessions at which the caller may be the moderator. */
export async function toModerate(
  sessions: Pick<SessionService, "listSessions" | "liveFacts">,
  caller: Caller,
): Promise<readonly SessionView[]> {
  const live = await sessions.listSessions({ live: true, limit: MAX_LIVE });
  const views = live.map((session) => viewSession(session, sessions.liveFacts(session.id), caller));
  return views.filter(({ moderation }) => moderation?.mayModerate === true);
}

export function viewGrant(grant: Grant, access: Pick<GrantService, "remainingMs">): GrantView {
  const { role, scope, elapsedEnd: _, ...same } = grant;
  return {
    ...same,
    role: role.name,
    scope: viewScope(scope),
    budget: role.budget,
    remainingMs: Math.max(0, Math.floor(access.remainingMs(grant))),
  };
}

/** The session's person is not to know who looked: their role said so when it was approved. */
export function hidesWatchers({ principal }: SessionRow, grant: Grant | undefined, { principal: me, permissions }: Caller): boolean {
  return principal === me.name && grant?.role.watch === "silent" && !permissions.has("audit.read");
}

export type FrameView = Reply<"sessions.recording"> extends AsyncIterable<infer F> ? F : never;

/** Output as base64, so that its bytes arrive as they were. */
export function viewFrame(frame: Frame): FrameView {
  const { type, channel, timeUs: atUs } = frame;
  return "data" in frame ? { type, channel, atUs, data: frame.data.toString("base64") } : { type, channel, atUs, info: { ...frame.body } };
}
