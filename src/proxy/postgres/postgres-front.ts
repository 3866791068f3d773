/**
 * The client's half: what it begins with, who it is, may they pass. AuthenticationOk is sent only when the target stands
 * ready: every refusal before that is a FATAL ErrorResponse, which every driver shows.
 *
 *   client-startup       TLS, and the packet that means something    client-login       a certificate of the gate's, or SCRAM
 *   startup-parameters   who and where to; what goes on from here    postgres-waiting   kept waiting for a request's answer
 *
 * Untrusted: everything until the client has proven who it is; the listener's deadline ends a connection that stays silent.
 */
import type { Socket } from "node:net";
import type { AuditEvent } from "../../audit/event.ts";
import type { Authenticated } from "../../identity/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { GrantId } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Claimed } from "../../session/claimed.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { Lenses, Place } from "../../session/lenses.ts";
import type { SessionRegistry } from "../../session/registry.ts";
import { onlyReads } from "../../session/sql-limits.ts";
import { encodeNegotiateProtocolVersion, type Startup } from "../../wire/postgres/startup.ts";
import { authenticateClient, type ClientLoginDeps } from "./front/client-login.ts";
import { readStartup } from "./front/client-startup.ts";
import { waitForGrant, type WaitingDeps } from "./front/postgres-waiting.ts";
import { parseClaims, passedOn, refuseParameters } from "./front/startup-parameters.ts";
import type { StepUpWays } from "../../session/step-up.ts";
import { waitForPasskey } from "./front/postgres-step-up.ts";
import { connectionName } from "./lost-sessions.ts";
import { SessionMasking } from "./masking/session-masking.ts";
import { parseParameterStatus } from "../../wire/postgres/backend.ts";
import { encodeRefusal } from "./postgres-refuse.ts";
import { openTarget, type Upstream, type UpstreamDeps } from "./postgres-upstream.ts";
import type { SessionRole, SessionRoles } from "./roles/session-roles.ts";
import type { SqlReader } from "./sql-reader.ts";
import type { Wire } from "./wire.ts";

/** One for the role, one for the target. */
const MOST_FACTORS = 2;
const PREPARE_TIMEOUT_MS = 30_000;

export interface FrontDeps extends ClientLoginDeps {
  readonly gatekeeper: Pick<Gatekeeper, "authorize" | "authorizeErrand">;
  readonly registry: SessionRegistry;
  readonly waiting: WaitingDeps;
  readonly stepUp: StepUpWays;
  readonly upstream: UpstreamDeps;
  readonly roles: Pick<SessionRoles, "make">;
  readonly reader: SqlReader;
  readonly lenses: Lenses;
  /** For values that are masked by a hash: the same for the same grant, whatever else is. */
  readonly maskKey: (grant: GrantId) => Buffer;
  readonly log: { append(events: readonly AuditEvent[]): Promise<unknown> };
  /** Faults that are the gate's own; never shown to the client. */
  readonly onFault: (error: unknown) => void;
}

export type Opened =
  | {
      readonly kind: "session";
      readonly client: Wire;
      readonly session: LiveSession;
      readonly upstream: Upstream;
      readonly masking: SessionMasking;
      readonly place: Omit<Place, "path">;
      /** AuthenticationOk is sent already. */
      readonly isGreeted: boolean;
      /** Its own login role, where the target makes them. */
      readonly role: SessionRole | undefined;
    }
  | { readonly kind: "cancel"; readonly processId: number; readonly secret: Buffer }
  /** It was refused, or went away. */
  | { readonly kind: "over" };

/** `known` is called when the client has proven who it is. Never throws; the socket is closed unless it is a session's or a cancel's. */
export async function openFront(socket: Socket, remote: string, deps: FrontDeps, known: () => void): Promise<Opened> {
  let wire: Wire = socket;
  try {
    const startup = await readStartup(socket, deps.tls, (secured) => (wire = secured));
    if (startup.kind === "cancel-request") return { kind: "cancel", processId: startup.processId, secret: startup.secret };
    const session = await logIn(wire, startup, remote, deps, known);
    if (!("allowed" in session)) return session;
    close(wire, encodeRefusal(session, "FATAL"));
  } catch (error) {
    const { code, detail } = asGateError(error);
    if (code === "internal") deps.onFault(error);
    close(wire, encodeRefusal(deny(code, detail === undefined ? {} : { detail }), "FATAL"));
  }
  return { kind: "over" };
}

function close(wire: Wire, lastWords: Buffer): void {
  if (wire.destroyed || wire.writableEnded) return;
  wire.end(lastWords);
  const timer = setTimeout(() => wire.destroy(), 1000);
  wire.once("close", () => clearTimeout(timer));
  // What it still sends is thrown away, so that it reads the last words before a reset.
  wire.resume();
}

async function logIn(
  wire: Wire,
  startup: Extract<Startup, { kind: "startup" }>,
  remote: string,
  deps: FrontDeps,
  known: () => void,
): Promise<Opened | Denial> {
  const { parameters, major, minor } = startup;
  if (major !== 3) return deny("not-supported", { detail: `version ${major} of PostgreSQL's protocol` });
  const unknown = [...parameters.keys()].filter((name) => name.startsWith("_pq_."));
  if (minor > 0 || unknown.length > 0) wire.write(encodeNegotiateProtocolVersion(0, unknown));
  const { claimed, database } = parseClaims(parameters);
  const authenticated = await authenticateClient(wire, claimed.user, remote, deps);
  if ("allowed" in authenticated) return authenticated;
  known();
  const { access, principal } = authenticated;
  let isGreeted = false;
  let grant: GrantId | Denial | undefined = refuseOther(claimed, access) ?? refuseParameters(parameters) ?? access?.grant;
  if (grant === undefined && access?.request !== undefined) {
    ({ grant, isGreeted } = await waitForGrant(wire, access.request, principal.name, deps.waiting));
  }
  const open = async (login: Authenticated | Denial): Promise<Opened | Denial> => {
    if ("allowed" in login) return login;
    if (typeof grant === "object") return grant;
    return openSession(wire, login, { ...claimed, ...(grant !== undefined && { grant }) }, parameters, database, remote, deps);
  };
  let login: Authenticated | Denial = authenticated;
  let opened = await open(login);
  for (let shown = 0; "allowed" in opened && opened.stepUp !== undefined && shown < MOST_FACTORS && !("allowed" in login); shown += 1) {
    ({ login, isGreeted } = await waitForPasskey(wire, login, opened, deps.stepUp, isGreeted));
    opened = await open(login);
  }
  if ("allowed" in opened) {
    const subjects = { principal: principal.name, target: claimed.target };
    const body = { protocol: "postgres", remote, code: opened.code, detail: opened.detail ?? "" };
    // The refusal stands whether or not the log can take it.
    await deps.log.append([{ kind: "session.refused", ...subjects, decision: "deny", body }]).catch(() => undefined);
  }
  return "kind" in opened && opened.kind === "session" ? { ...opened, isGreeted } : opened;
}

/** The password or certificate is for one target under one grant or request, whatever else its owner holds. */
function refuseOther(claimed: Claimed, access: Authenticated["access"]): Denial | undefined {
  const isForIt = access?.target === claimed.target && (claimed.grant === undefined || claimed.grant === access.grant);
  if (isForIt) return undefined;
  return deny("no-grant", { detail: `this login is not for "${claimed.target}"` });
}

async function openSession(
  wire: Wire,
  authenticated: Authenticated,
  claimed: Claimed,
  parameters: ReadonlyMap<string, string>,
  database: string | undefined,
  remote: string,
  { gatekeeper, registry, upstream, roles, reader, lenses, maskKey, onFault }: FrontDeps,
): Promise<Opened | Denial> {
  const permit = await gatekeeper.authorize(authenticated, claimed, "postgres");
  if ("allowed" in permit) return permit;
  const { target } = permit.scoped;
  const client = (parameters.get("application_name") ?? "").replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 255);
  const session = await registry.open(permit, { protocol: "postgres", remote, client });
  if ("allowed" in session) return session;
  const configured = target.postgres?.database ?? "";
  const opens = database ?? configured;
  const connect = session.decide({ kind: "sql.connect", database: opens, configured });
  if (connect.allowed !== true) {
    const denial = connect.allowed === "hold" ? deny("role-denies", { rule: connect.rule }) : connect;
    session.cut(denial);
    await session.close();
    return denial;
  }
  const stop = new AbortController();
  let cut: Denial | undefined;
  session.onCut((denial) => {
    cut = denial;
    stop.abort();
    // At once: what is under way at the target, a role that is made, may take its time to be given up.
    close(wire, encodeRefusal(denial, "FATAL"));
  });
  const gone = (): void => stop.abort();
  wire.once("close", gone);
  let role: SessionRole | undefined;
  try {
    // The database's own log names the same person, grant and session as ours.
    const name = connectionName({ principal: permit.authenticated.principal.name, grant: permit.grant.id, id: session.id });
    // A second wall behind the policy on statements, which keeps anybody from taking it down.
    const readOnly = onlyReads(session) && { default_transaction_read_only: "on" };
    const startup = { ...passedOn(parameters), database: opens, application_name: name, client_encoding: "UTF8", ...readOnly };
    // The role of a session is made for the session alone.
    const place = { target, database: opens, account: target.postgres?.ephemeral?.by ?? permit.scoped.account };
    const masking = new SessionMasking({ session, reader, lenses, place, key: maskKey(permit.grant.id) });
    role = await roles.make(session);
    const opened = await openTarget(permit, startup, upstream, stop.signal, role?.login);
    stop.signal.addEventListener("abort", () => opened.socket.destroy());
    await withDeadline(
      masking.prepare(opened.socket, encodingOf(opened.parameters)),
      PREPARE_TIMEOUT_MS,
      "the target does not say what its columns are",
    ).catch((error: unknown) => {
      opened.socket.destroy();
      throw error;
    });
    if (!stop.signal.aborted) return { kind: "session", client: wire, session, upstream: opened, masking, place, isGreeted: false, role };
    opened.socket.destroy();
  } catch (error) {
    if (!stop.signal.aborted) {
      const { code, detail } = asGateError(error);
      if (code === "internal") onFault(error);
      cut = deny(code, detail === undefined ? {} : { detail });
      session.cut(cut);
    }
  } finally {
    wire.off("close", gone);
  }
  await session.close("the client went away during the login");
  await role?.[Symbol.asyncDispose]();
  return cut ?? { kind: "over" };
}

/** Of the database, as it said when the session began. Fails closed: one that says nothing may read names as it likes. */
function encodingOf(parameters: readonly Buffer[]): string {
  return parameters.map(parseParameterStatus).find(({ name }) => name === "server_encoding")?.value ?? "SQL_ASCII";
}
