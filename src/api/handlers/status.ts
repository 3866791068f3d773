import { openApiDocument } from "../../contract/openapi.ts";
import type { Reply } from "../../contract/types.ts";
import type { Grant, ScopedTarget } from "../../access/model.ts";
import type { Handlers } from "../handler.ts";
import type { GrantService, HoldService, RequestService } from "../services/access.ts";
import type { GateFacts, HealthService, LockService } from "../services/gate.ts";
import type { LoginService } from "../services/logins.ts";
import type { SessionService } from "../services/sessions.ts";
import { waitsForReview } from "../reviewer.ts";
import { toModerate, viewGrant, viewRequest, waitsFor } from "../views.ts";
import { viewHold } from "./holds.ts";
import { concerns } from "./locks.ts";

interface Needs {
  readonly access: RequestService & GrantService;
  readonly locks: Pick<LockService, "list">;
  readonly health: HealthService;
  readonly holds: HoldService;
  readonly sessions: Pick<SessionService, "listSessions" | "liveFacts">;
  readonly login: Pick<LoginService, "setupPending">;
  readonly gate: GateFacts;
}

const SHOWN = 100;
/** Of a statement, which may be of any length: whole it is asked for one by one. */
const SHOWN_TEXT = 1_000;

export function statusHandlers({
  access,
  locks,
  health,
  holds,
  sessions,
  login,
  gate,
}: Needs): Handlers<"status.show" | "health.show" | "health.details" | "openapi.show"> {
  const { version, ...shown } = gate;
  const document = openApiDocument(version);
  return {
    "health.show": () => ({ ok: true }),
    "health.details": async () => ({ ...health.health(), storage: await health.storage() }),
    "openapi.show": () => document,
    "status.show": async ({ caller }) => {
      const { principal, permissions, authenticated } = caller;
      const [grants, unreviewed, pending, moderated] = await Promise.all([
        access.listGrants({ principal: principal.name, state: "active", limit: SHOWN }),
        access.listGrants({ unreviewed: true, limit: 1_000 }),
        access.listRequests({ state: "pending", limit: 1_000 }),
        toModerate(sessions, caller),
      ]);
      const waiting = holds
        .list()
        .filter((hold) => hold.state === "waiting")
        .map((hold) => viewHold(hold, holds, caller));
      const { state, checks } = health.health();
      const mine = pending.filter(({ requester }) => requester === principal.name);
      const others = pending.filter((request) => waitsFor(request, access, caller));
      return {
        gate: { ...shown, setupPending: login.setupPending() },
        me: {
          name: principal.name,
          type: principal.type,
          groups: principal.groups,
          ...(principal.actsFor && { actsFor: principal.actsFor.name }),
          permissions: [...permissions].toSorted(),
          ...(authenticated.scopes && { scopes: authenticated.scopes }),
        },
        grants: grants
          .filter((grant) => access.remainingMs(grant) > 0)
          .map((grant) => Object.assign(viewGrant(grant, access), { connect: connections(grant, grants, gate) })),
        requests: mine.map((request) => viewRequest(request, access, caller)),
        toApprove: others.slice(0, SHOWN).map((request) => viewRequest(request, access, caller)),
        holds: waiting.filter((hold) => hold.principal === principal.name).map(inShort),
        toDecide: waiting
          .filter(({ mayDecide }) => mayDecide)
          .slice(0, SHOWN)
          .map(inShort),
        toReview: unreviewed
          .filter((grant) => waitsForReview(grant, caller, access))
          .slice(0, SHOWN)
          .map((grant) => viewGrant(grant, access)),
        toModerate: moderated.filter(({ moderation }) => moderation?.present.length === 0).slice(0, SHOWN),
        locks: locks.list().filter((lock) => concerns(lock, caller)),
        // Details of the machine are for those who run it.
        health: { state, warnings: permissions.has("gate.status") ? warnings(checks) : [] },
      };
    },
  };
}

function inShort(hold: Reply<"holds.show">): Reply<"status.show">["holds"][number] {
  const { preview: _, parameters: __, named: ___, what, ...rest } = hold;
  return { ...rest, what: what.length > SHOWN_TEXT ? `${what.slice(0, SHOWN_TEXT)}…` : what };
}

function warnings(checks: ReturnType<HealthService["health"]>["checks"]): string[] {
  return checks.filter(({ state }) => state !== "ok").map(({ name, detail }) => `${name}: ${detail}`);
}

/** What to type. A target that several grants cover needs the grant named: the gate never guesses. */
function connections(
  grant: Grant,
  all: readonly Grant[],
  { sshHost, sshPort }: GateFacts,
): { target: ScopedTarget["target"]["name"]; command: string }[] {
  const port = sshPort === 22 ? "" : `-p ${sshPort} `;
  return grant.scope.map(({ target: { name, kind } }) => {
    const several = all.filter(({ scope }) => scope.some(({ target }) => target.name === name)).length > 1;
    if (kind === "postgres") return { target: name, command: `sallyport psql ${several ? `--grant ${grant.id} ` : ""}${name}` };
    return { target: name, command: `ssh ${port}${name}${several ? `%${grant.id}` : ""}@${sshHost}` };
  });
}
