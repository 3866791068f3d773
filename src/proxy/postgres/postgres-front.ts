/**
 * The client's half: TLS, who is it (a certificate of the gate's in TLS, or SCRAM), may they pass. AuthenticationOk is sent only when the
 * target stands ready: every refusal before that is a FATAL ErrorResponse, which every driver shows.
 *
 * Untrusted: everything until SCRAM is through. Bounded: a startup packet of 10,000 bytes, messages of 4 KiB, three
 * packets before the startup; the listener's deadline ends a connection that stays silent.
 */
import { TLSSocket, type SecureContext } from "node:tls";
import type { Socket } from "node:net";
import type { AuditEvent } from "../../audit/event.ts";
import type { Authenticated } from "../../identity/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import type { GrantId, PrincipalName, TokenId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import { parseClaimed, type Claimed } from "../../session/claimed.ts";
import type { Gatekeeper } from "../../session/gatekeeper.ts";
import type { LiveSession } from "../../session/live-session.ts";
import type { Lenses, Place } from "../../session/lenses.ts";
import type { SessionRegistry } from "../../session/registry.ts";
import { onlyReads } from "../../session/sql-limits.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { FRONTEND, parseSaslInitialResponse, parseSaslResponse } from "../../wire/postgres/frontend.ts";
import { readBytes, readMessage } from "../../wire/postgres/read.ts";
import { newNonce, SCRAM, SCRAM_PLUS, ScramServer } from "../../wire/postgres/scram.ts";
import { encodeNegotiateProtocolVersion, parseStartup, startupLength, type Startup } from "../../wire/postgres/startup.ts";
import { connectionName } from "./lost-sessions.ts";
import type { Wire } from "./wire.ts";
import { encodeRefusal } from "./postgres-refuse.ts";
import type { SqlReader } from "./sql-reader.ts";
import { SessionMasking } from "./masking/session-masking.ts";
import { waitForGrant, type WaitingDeps } from "./postgres-waiting.ts";
import type { SessionRole, SessionRoles } from "./roles/session-roles.ts";
import { openTarget, type Upstream, type UpstreamDeps } from "./postgres-upstream.ts";

const MAX_PACKETS_BEFORE_STARTUP = 3;
const MAX_LOGIN_MESSAGE = 4096;
const PREPARE_TIMEOUT_MS = 30_000;
/** First byte of a TLS handshake record: direct TLS, without SSLRequest. */
const TLS_HANDSHAKE = 0x16;
const ALPN = "postgresql";
/** Startup parameters that go on to the target as they came; as for the server, in upper case and lower case alike. */
const PASSED = new Set([
  "datestyle",
  "timezone",
  "intervalstyle",
  "extra_float_digits",
  "geqo",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
]);
/** The gate sets these itself, or looks at their values below. */
const TAKEN = new Set(["user", "database", "application_name", "client_encoding", "standard_conforming_strings"]);

/** The gate's own certificate. */
export interface FrontTls {
  readonly context: SecureContext;
  /** Of the certificate, for SCRAM-SHA-256-PLUS. */
  readonly binding: Buffer | undefined;
}

export interface FrontDeps {
  readonly identity: {
    accessChallenge(claimed: string): Promise<{
      readonly salt: Buffer;
      readonly iterations: number;
      readonly candidates: readonly { readonly token: TokenId; readonly storedKey: Buffer; readonly serverKey: Buffer }[];
    }>;
    /** `undefined`: the gate did not make it. */
    authenticateAccessCertificate(
      claimed: string,
      certificate: Buffer,
      context: { readonly door: "postgres"; readonly remote: string },
    ): Promise<Authenticated | Denial | undefined>;
    authenticateAccess(
      claimed: string,
      proven: TokenId | undefined,
      context: { readonly door: "postgres"; readonly remote: string },
    ): Promise<Authenticated | Denial>;
  };
  readonly gatekeeper: Pick<Gatekeeper, "authorize" | "authorizeErrand">;
  readonly registry: SessionRegistry;
  readonly waiting: WaitingDeps;
  readonly upstream: UpstreamDeps;
  readonly roles: Pick<SessionRoles, "make">;
  readonly reader: SqlReader;
  readonly lenses: Lenses;
  /** For values that are masked by a hash: the same for the same grant, whatever else is. */
  readonly maskKey: (grant: GrantId) => Buffer;
  readonly tls: FrontTls | undefined;
  readonly log: { append(events: readonly AuditEvent[]): Promise<unknown> };
  readonly random: Random;
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
    const found = await readStartup(socket, deps.tls);
    wire = found.wire;
    if (found.startup.kind === "cancel-request") {
      return { kind: "cancel", processId: found.startup.processId, secret: found.startup.secret };
    }
    const session = await logIn(wire, found.startup, remote, deps, known);
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

type Begun = Extract<Startup, { kind: "startup" | "cancel-request" }>;

/** SSLRequest and GSSENCRequest answered, until the packet that means something. */
async function readStartup(socket: Socket, tls: FrontTls | undefined): Promise<{ wire: Wire; startup: Begun }> {
  let wire: Wire = socket;
  for (let count = 0; count < MAX_PACKETS_BEFORE_STARTUP; count += 1) {
    const header = await readBytes(wire, 4);
    if (header[0] === TLS_HANDSHAKE && count === 0 && tls !== undefined) {
      socket.unshift(header);
      wire = await startTls(socket, tls, true);
      continue;
    }
    const length = startupLength(header);
    const startup = parseStartup(Buffer.concat([header, await readBytes(wire, length - 4)]));
    if (startup.kind === "startup" || startup.kind === "cancel-request") return { wire, startup };
    if (startup.kind === "ssl-request" && tls !== undefined && wire === socket) {
      // Bytes behind the request would be taken for what is said under TLS (CVE-2021-23222).
      if (socket.readableLength > 0) throw new GateError("protocol-error", "something was sent before TLS");
      socket.write("S");
      wire = await startTls(socket, tls, false);
    } else wire.write("N");
  }
  throw new GateError("protocol-error", "it asks on and does not begin");
}

function startTls(socket: Socket, { context }: FrontTls, isDirect: boolean): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: [ALPN],
      // Asked for, not required: who has none shows a password. What one that comes is worth, identity/ says.
      requestCert: true,
      rejectUnauthorized: false,
    });
    // Words in clear have no place any more.
    const failed = (): void => {
      socket.destroy();
      reject(new GateError("protocol-error", "TLS failed"));
    };
    secured.on("error", failed);
    socket.once("close", failed);
    secured.once("secure", () => {
      socket.off("close", failed);
      // As PostgreSQL: without ALPN somebody could have sent a browser here.
      if (isDirect && secured.alpnProtocol !== ALPN) return failed();
      secured.pause();
      resolve(secured);
    });
  });
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
  const { claimed, database } = claimedOf(parameters);
  const authenticated = await authenticate(wire, claimed.user, remote, deps);
  if ("allowed" in authenticated) return authenticated;
  known();
  const { access, principal } = authenticated;
  let isGreeted = false;
  let grant: GrantId | Denial | undefined = refuseOther(claimed, access) ?? refuseParameters(parameters) ?? access?.grant;
  if (grant === undefined && access?.request !== undefined) {
    ({ grant, isGreeted } = await waitForGrant(wire, access.request, principal.name, deps.waiting));
  }
  const opened =
    typeof grant === "object"
      ? grant
      : await openSession(wire, authenticated, { ...claimed, ...(grant !== undefined && { grant }) }, parameters, database, remote, deps);
  if ("allowed" in opened) {
    const subjects = { principal: principal.name, target: claimed.target };
    const body = { protocol: "postgres", remote, code: opened.code, detail: opened.detail ?? "" };
    // The refusal stands whether or not the log can take it.
    await deps.log.append([{ kind: "session.refused", ...subjects, decision: "deny", body }]).catch(() => undefined);
  }
  return "kind" in opened && opened.kind === "session" ? { ...opened, isGreeted } : opened;
}

/**
 * `user` is `person`, with the target as the database, or `person+target`, as for ssh, with a database of the target.
 * Untrusted. Throws `bad-request`.
 */
function claimedOf(parameters: ReadonlyMap<string, string>): {
  claimed: Claimed & { readonly user: PrincipalName };
  database: string | undefined;
} {
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database");
  const namesTarget = user.includes("+");
  const parsed = parseClaimed(namesTarget ? user : `${user}+${database ?? ""}`);
  if ("allowed" in parsed || parsed.user === undefined) {
    throw new GateError("bad-request", "the user reads person+target, or the database is the target's name");
  }
  const { user: person, ...rest } = parsed;
  // Drivers send the user's name where no database was given.
  const own = namesTarget && database !== user && database !== person && database !== rest.target ? database : undefined;
  return { claimed: { ...rest, user: person }, database: own };
}

/**
 * By a certificate that the gate made, whose key TLS has proven. Others do not count: libpq shows the one in its folder to
 * every server that asks.
 */
async function authenticate(wire: Wire, user: string, remote: string, deps: FrontDeps): Promise<Authenticated | Denial> {
  const certificate = certificateOf(wire);
  const shown = certificate && (await deps.identity.authenticateAccessCertificate(user, certificate, { door: "postgres", remote }));
  return shown ?? (await hearPassword(wire, user, remote, deps));
}

/** DER. Fails closed: of a session that was resumed nobody has proven a key on this connection. */
function certificateOf(wire: Wire): Buffer | undefined {
  if (!(wire instanceof TLSSocket) || wire.isSessionReused()) return undefined;
  return wire.getPeerX509Certificate()?.raw;
}

async function hearPassword(wire: Wire, user: string, remote: string, deps: FrontDeps): Promise<Authenticated | Denial> {
  const challenge = await deps.identity.accessChallenge(user);
  const binding = wire instanceof TLSSocket ? deps.tls?.binding : undefined;
  const scram = new ScramServer({ ...challenge, nonce: newNonce(deps.random), ...(binding !== undefined && { binding }) });
  wire.write(backend.encodeAuthenticationSasl(binding === undefined ? [SCRAM] : [SCRAM_PLUS, SCRAM]));
  const first = parseSaslInitialResponse(await readPassword(wire));
  wire.write(backend.encodeAuthenticationSaslContinue(scram.first(first.mechanism, first.response)));
  const proven = scram.final(parseSaslResponse(await readPassword(wire)));
  const authenticated = await deps.identity.authenticateAccess(user, proven?.candidate.token, { door: "postgres", remote });
  if (!("allowed" in authenticated) && proven) wire.write(backend.encodeAuthenticationSaslFinal(proven.serverFinal));
  return authenticated;
}

async function readPassword(wire: Wire): Promise<Buffer> {
  const message = await readMessage(wire, MAX_LOGIN_MESSAGE);
  if (message[0] !== FRONTEND.password) throw new GateError("protocol-error", "a password was expected");
  return message;
}

/** The password or certificate is for one target under one grant or request, whatever else its owner holds. */
function refuseOther(claimed: Claimed, access: Authenticated["access"]): Denial | undefined {
  const isForIt = access?.target === claimed.target && (claimed.grant === undefined || claimed.grant === access.grant);
  if (isForIt) return undefined;
  return deny("no-grant", { detail: `this login is not for "${claimed.target}"` });
}

/** What would make the server read texts in another way, or begin something that is not a session, is not passed on. */
function refuseParameters(parameters: ReadonlyMap<string, string>): Denial | undefined {
  for (const name of parameters.keys()) {
    // Left out in silence, `search_path` would be another table under the same name.
    if (PASSED.has(name.toLowerCase()) || TAKEN.has(name) || name.startsWith("_pq_.")) continue;
    return deny("not-supported", { detail: `the startup parameter "${name}"`, next: "connect without it, and SET it afterwards" });
  }
  if ((parameters.get("standard_conforming_strings") ?? "on") !== "on") {
    return deny("not-supported", { detail: "standard_conforming_strings other than on" });
  }
  const encoding = parameters.get("client_encoding") ?? "UTF8";
  if (/^'?utf-?8'?$/i.test(encoding)) return undefined;
  return deny("not-supported", { detail: "a client encoding other than UTF8" });
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
    const passed = Object.fromEntries([...parameters].filter(([name]) => PASSED.has(name.toLowerCase())));
    // The database's own log names the same person, grant and session as ours.
    const name = connectionName({ principal: permit.authenticated.principal.name, grant: permit.grant.id, id: session.id });
    // A second wall behind the policy on statements, which keeps anybody from taking it down.
    const readOnly = onlyReads(session) && { default_transaction_read_only: "on" };
    const startup = { ...passed, database: opens, application_name: name, client_encoding: "UTF8", ...readOnly };
    // The role of a session is made for the session alone.
    const place = { target, database: opens, account: target.postgres?.ephemeral?.by ?? permit.scoped.account };
    const masking = new SessionMasking({ session, reader, lenses, place, key: maskKey(permit.grant.id) });
    role = await roles.make(session);
    const opened = await openTarget(permit, startup, upstream, stop.signal, role?.login);
    stop.signal.addEventListener("abort", () => opened.socket.destroy());
    await withDeadline(masking.prepare(opened.socket), PREPARE_TIMEOUT_MS, "the target does not say what its columns are").catch(
      (error: unknown) => {
        opened.socket.destroy();
        throw error;
      },
    );
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
