/**
 * The commands of the console. Each runs as the person who logged in, under the same rules as the API: one's own things
 * need nothing, others' need the permission. Output is plain text, columns aligned, without control characters.
 */
import type { AccessRequest, Grant } from "../../access/model.ts";
import type { HowLoggedIn } from "../../identity/holdings.ts";
import type { Authenticated, Principal } from "../../identity/model.ts";
import { parseId, type GrantId, type RequestId, type SessionId } from "../../kernel/ids.ts";
import { plainText } from "../../kernel/plain-text.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { formatDuration, parseDuration } from "../../kernel/units.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { refusalText } from "./ssh-refuse.ts";

type Outcome = { readonly allowed: true; readonly request?: AccessRequest; readonly grant?: Grant } | Denial;

export interface ConsoleSession {
  readonly id: SessionId;
  readonly principal: string;
  readonly target: string;
  readonly startedAt: number;
}

/** Who acts, with what their login has shown. */
export type Person = Principal & HowLoggedIn;

export interface ConsoleDeps {
  readonly principal: (name: Principal["name"]) => Promise<Principal | Denial>;
  /** The lock of the person, of a group of theirs; apart from it, the lock of the whole gate. */
  readonly lockOf: (principal: Principal) => Denial | undefined;
  readonly gateLock: () => Denial | undefined;
  /** What the login has shown as of now. */
  readonly shown: (authenticated: Authenticated) => Promise<HowLoggedIn>;
  readonly permissionsOf: (principal: Person) => ReadonlySet<GatePermission>;
  readonly pending: () => Promise<readonly AccessRequest[]>;
  readonly isApprover: (request: AccessRequest, principal: Person) => boolean;
  /** What its role lets its holder do on its targets, in words. */
  readonly allows: (request: AccessRequest) => readonly string[];
  /** What is still to come, in words. */
  readonly stillMissing: (request: AccessRequest) => string;
  readonly approvalInWords: (request: AccessRequest) => string;
  readonly approve: (id: RequestId, principal: Person, change: { durationMs?: number }) => Promise<Outcome>;
  readonly deny: (id: RequestId, principal: Person, reason: string) => Promise<Outcome>;
  readonly grants: (principal: Person) => Promise<readonly Grant[]>;
  readonly revoke: (id: GrantId, principal: Person, reason: string) => Promise<Outcome>;
  readonly remainingMs: (grant: Grant) => number;
  readonly sessions: () => readonly ConsoleSession[];
  readonly kill: (id: SessionId, by: string, reason: string) => Promise<boolean>;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

export interface ConsoleAnswer {
  readonly text: string;
  /** 0 done, 2 not understood, 3 refused. */
  readonly status: 0 | 2 | 3;
}

const MAX_REASON = 1000;

const HELP = `requests                         requests that wait for an answer
approve ID [for DURATION]        approve one, for less time if you say so
deny ID REASON                   refuse one
grants                           your active grants
revoke ID REASON                 give back a grant of yours, or revoke another's
sessions                         live sessions
kill ID REASON                   end a session
whoami                           who you are to the gate`;

export async function runConsoleCommand(line: string, authenticated: Authenticated, deps: ConsoleDeps): Promise<ConsoleAnswer> {
  // Asked anew for every command: a group lost since the login is lost here too, a factor shown since counts.
  const { name } = authenticated.principal;
  const found = await deps.principal(name);
  if ("allowed" in found) return refused(found);
  const principal: Person = { ...found, ...(await deps.shown(authenticated)) };
  const [verb = "help", ...words] = line
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const command = COMMANDS[verb];
  if (!command || !Object.hasOwn(COMMANDS, verb))
    return { text: `There is no command "${plainText(verb).slice(0, 40)}".\n${HELP}`, status: 2 };
  return refuseLocked(verb, principal, deps) ?? command(words, principal, deps);
}

/** What still works for somebody who is locked; while the whole gate is locked, looking still works for everybody else. */
const FOR_THE_LOCKED: ReadonlySet<string> = new Set(["help", "whoami"]);
const CHANGES: ReadonlySet<string> = new Set(["approve", "deny", "revoke", "kill"]);

function refuseLocked(verb: string, principal: Person, deps: ConsoleDeps): ConsoleAnswer | undefined {
  if (FOR_THE_LOCKED.has(verb)) return undefined;
  const own = deps.lockOf(principal);
  if (own) return refused(own);
  const gate = CHANGES.has(verb) && !deps.permissionsOf(principal).has("lock.write") ? deps.gateLock() : undefined;
  return gate && refused(gate);
}

type Command = (words: readonly string[], principal: Person, deps: ConsoleDeps) => Promise<ConsoleAnswer>;

const COMMANDS: Readonly<Record<string, Command>> = {
  help: async () => ({ text: HELP, status: 0 }),

  whoami: async (_, { name, type, groups }) => ({ text: `${name} (${type}), groups: ${groups.join(", ") || "none"}`, status: 0 }),

  requests: async (_, principal, deps) => {
    const pending = await visible(principal, deps);
    if (pending.length === 0) return { text: "No request waits for an answer.", status: 0 };
    const rows = pending.map((request) => [
      request.id,
      request.actsFor === undefined ? request.requester : `${request.requester} for ${request.actsFor}`,
      request.role.name,
      request.scope.map(({ target }) => target.name).join(","),
      formatDuration(request.durationMs),
      deps.approvalInWords(request),
      request.reason,
    ]);
    const allowed = pending.map((request) =>
      [`${request.id} allows`, ...deps.allows(request).map((line) => `  ${line}`)].map(plainText).join("\n"),
    );
    return { text: [table(["ID", "WHO", "ROLE", "TARGETS", "FOR", "NEEDS", "WHY"], rows), ...allowed].join("\n\n"), status: 0 };
  },

  // What is not understood approves nothing: not the request that happens to be the only one, not for the whole time.
  approve: async ([id, ...more], principal, deps) => {
    const [duration, ...rest] = more[0] === "for" || more[0] === "--for" ? more.slice(1) : more;
    if (id === undefined || (more.length > 0 && duration === undefined) || rest.length > 0)
      return { text: "Say which, and for how long if for less: approve ID [for DURATION]", status: 2 };
    const durationMs = duration === undefined ? undefined : parseDuration(duration);
    if (duration !== undefined && durationMs === undefined)
      return { text: `"${plainText(duration)}" is no duration; write 90m or 4h`, status: 2 };
    const request = await findOne(id, principal, deps);
    if ("allowed" in request) return refused(request);
    const done = await deps.approve(request.id, principal, durationMs === undefined ? {} : { durationMs });
    if (!done.allowed) return refused(done);
    return {
      text: done.grant
        ? `Approved: ${done.grant.id} is active.`
        : `Your approval counts. Still needed: ${deps.stillMissing(done.request ?? request)}.`,
      status: 0,
    };
  },

  deny: async ([id, ...reason], principal, deps) => {
    if (id === undefined || reason.length === 0) return { text: "Say which and why: deny ID REASON", status: 2 };
    const request = await findOne(id, principal, deps);
    if ("allowed" in request) return refused(request);
    const done = await deps.deny(request.id, principal, reason.join(" "));
    return done.allowed ? { text: `Refused ${request.id}.`, status: 0 } : refused(done);
  },

  grants: async (_, principal, deps) => {
    const grants = await deps.grants(principal);
    if (grants.length === 0) return { text: "No active grant.", status: 0 };
    const rows = grants.map((grant) => [
      grant.id,
      grant.role.name,
      grant.scope.map(({ target }) => target.name).join(","),
      left(deps.remainingMs(grant)),
      grant.reason,
    ]);
    return { text: table(["ID", "ROLE", "TARGETS", "LEFT", "WHY"], rows), status: 0 };
  },

  revoke: async ([text = "", ...reason], principal, deps) => {
    const id = parseId("gr", text);
    if (!id || reason.length === 0) return { text: "Say which and why: revoke ID REASON", status: 2 };
    const own = (await deps.grants(principal)).some((grant) => grant.id === id);
    if (!own && !deps.permissionsOf(principal).has("grant.revoke")) return refused(deny("not-found"));
    const done = await deps.revoke(id, principal, reason.join(" "));
    return done.allowed ? { text: `Ended ${id}.`, status: 0 } : refused(done);
  },

  sessions: async (_, principal, deps) => {
    const seesAll = deps.permissionsOf(principal).has("session.read");
    const sessions = deps.sessions().filter((session) => seesAll || session.principal === principal.name);
    if (sessions.length === 0) return { text: "No live session.", status: 0 };
    const rows = sessions.map(({ id, principal: who, target, startedAt }) => [id, who, target, left(deps.now() - startedAt)]);
    return { text: table(["ID", "WHO", "TARGET", "SINCE"], rows), status: 0 };
  },

  kill: async ([text = "", ...reason], principal, deps) => {
    const id = parseId("s", text);
    if (!id || reason.length === 0) return { text: "Say which and why: kill ID REASON", status: 2 };
    const own = deps.sessions().some((session) => session.id === id && session.principal === principal.name);
    if (!own && !deps.permissionsOf(principal).has("session.kill")) return refused(deny("not-permitted", { detail: "session.kill" }));
    const done = await deps.kill(id, principal.name, plainText(reason.join(" ")).slice(0, MAX_REASON));
    return done ? { text: `Ended ${id}.`, status: 0 } : refused(deny("not-found"));
  },
};

/** What somebody may see: their own, what they could approve, and with the permission everything. */
async function visible(principal: Person, deps: ConsoleDeps): Promise<readonly AccessRequest[]> {
  const seesAll = deps.permissionsOf(principal).has("request.read");
  return (await deps.pending()).filter((request) => seesAll || request.requester === principal.name || deps.isApprover(request, principal));
}

/** By its id or an unambiguous beginning of it. What somebody may not see is not there. */
async function findOne(text: string, principal: Person, deps: ConsoleDeps): Promise<AccessRequest | Denial> {
  const pending = await visible(principal, deps);
  const wanted = text.startsWith("req-") ? text : `req-${text}`;
  const found = pending.filter(({ id }) => id.startsWith(wanted));
  const [only, second] = found;
  if (!only) return deny("not-found", { detail: "no such request waits for an answer" });
  return second ? deny("bad-request", { detail: `"${plainText(text)}" could be ${found.map(({ id }) => id).join(" or ")}` }) : only;
}

function refused(denial: Denial): ConsoleAnswer {
  return { text: refusalText(denial).replaceAll("\r\n", "\n").trimEnd(), status: 3 };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(plainText));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function left(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
  return minutes > 0 ? `${minutes}m` : `${Math.ceil(ms / 1000)}s`;
}
