/**
 * The connection to the target: dialled with a permit, its certificate checked as the target demands, logged in as the
 * role's account with a password that no client ever sees.
 *
 * Invariants: SCRAM, which shows the server no password and makes it prove that it knows it, unless the target says
 * otherwise; in clear only under TLS, to a server that has proven who it is; what a server says before it has proven itself is never passed on.
 */
import type { Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import type { PostgresTarget, Target } from "../../access/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secret } from "../../kernel/secret.ts";
import { openUpstream, splitAddress } from "../../session/dial.ts";
import type { ErrandPermit, Permit } from "../../session/gatekeeper.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { encodePassword, md5Password } from "../../wire/postgres/frontend.ts";
import { readBytes, readMessage } from "../../wire/postgres/read.ts";
import { logInByScram } from "../../wire/postgres/scram-login.ts";
import { endPointBinding, newNonce } from "../../wire/postgres/scram.ts";
import { encodeCancelRequest, encodeSslRequest, encodeStartup } from "../../wire/postgres/startup.ts";
import { certificateTrouble } from "./certificate-trouble.ts";
import type { CancelKey } from "./cancel-keys.ts";
import type { Wire } from "./wire.ts";

const HANDSHAKE_TIMEOUT_MS = 15_000;
const CANCEL_TIMEOUT_MS = 5000;
const MAX_HANDSHAKE_MESSAGE = 64 * 1024;
/** ParameterStatus and notices before the first ReadyForQuery. */
const MAX_HANDSHAKE_MESSAGES = 200;
/** Of the ParameterStatus messages in all, which are kept as long as their session: a server has less than one. */
const MAX_PARAMETERS_BYTES = 16 * 1024;

export interface UpstreamDeps {
  /** The password of a target's login role. Throws `bad-config`. */
  readonly password: (target: Target["name"], account: string) => Promise<Secret>;
  /** PEM; `undefined`: those of the system. */
  readonly authority: (postgres: PostgresTarget) => Promise<string | undefined>;
  readonly random: Random;
}

/** Logged in; its socket is not being read. */
export interface Upstream {
  readonly socket: Wire;
  /** What carries it: `socket` itself, or what is below its TLS. */
  readonly plain: Socket;
  /** By which the server knows this connection from others. */
  readonly localPort: number | undefined;
  /** ParameterStatus messages as they came. */
  readonly parameters: readonly Buffer[];
  readonly cancelKey: CancelKey;
  /** How the server asked for the password. */
  readonly asked: "sasl" | "md5" | "cleartext";
}

/** As whom, where that is not the role's account with the password that the target has for it. */
export interface Login {
  readonly account: string;
  readonly password: Secret;
}

/** Throws `target-unreachable`, `target-untrusted`, `target-refused` or `timeout`. Once `signal` is aborted, what is open is closed. */
export async function openTarget(
  permit: Permit,
  startup: Readonly<Record<string, string>>,
  deps: UpstreamDeps,
  signal: AbortSignal,
  login?: Login,
): Promise<Upstream> {
  const { target } = permit.scoped;
  const account = login?.account ?? permit.scoped.account;
  const password = login?.password ?? (await deps.password(target.name, account));
  const plain = await openUpstream(permit, signal);
  const abandon = (): void => void plain.destroy();
  signal.addEventListener("abort", abandon, { once: true });
  plain.on("error", () => undefined);
  try {
    if (signal.aborted) throw abandoned();
    const work = logIn(plain, target, { ...startup, user: account }, password, deps);
    return await withDeadline(work, HANDSHAKE_TIMEOUT_MS, `"${target.name}" did not finish the handshake`);
  } catch (error) {
    plain.destroy();
    if (signal.aborted) throw abandoned();
    const failure = asGateError(error);
    // Whatever a target says wrongly is the target's fault, not the client's.
    throw failure.code === "protocol-error" ? new GateError("target-unreachable", `"${target.name}": ${failure.detail ?? ""}`) : failure;
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

function abandoned(): GateError {
  return new GateError("target-unreachable", "the login was abandoned");
}

/**
 * Asks the target to stop what a session runs (protocol §53.2.8), on a connection of its own. Never throws: it is a wish,
 * as from any client. The server closes that connection once it has passed the wish on, as PQcancel relies on as well:
 * with `true` nothing that is sent from now on can be hit by it.
 */
export async function cancelTarget(permit: Permit | ErrandPermit, target: Target, key: CancelKey, deps: UpstreamDeps): Promise<boolean> {
  let plain: Socket | undefined;
  try {
    plain = await openUpstream(permit);
    plain.on("error", () => undefined);
    const secured = await withDeadline(secure(plain, target, deps), CANCEL_TIMEOUT_MS, "the target does not answer");
    const closed = new Promise<boolean>((resolve) => {
      secured.once("end", () => resolve(true)).once("close", (hadError: boolean) => resolve(!hadError));
    });
    secured.resume().write(encodeCancelRequest(key.processId, key.secret));
    return await withDeadline(closed, CANCEL_TIMEOUT_MS, "the target does not take the request");
  } catch {
    return false;
  } finally {
    plain?.destroy();
  }
}

/** TLS, where the target has it. Throws `target-untrusted`. */
async function secure(plain: Socket, target: Target, deps: UpstreamDeps): Promise<Wire> {
  const { postgres, name, address } = target;
  if (!postgres) throw new GateError("bad-config", `"${name}" is no database`);
  if (postgres.tls === "off") return plain;
  plain.write(encodeSslRequest());
  const answer = String.fromCharCode((await readBytes(plain, 1))[0] ?? 0);
  if (answer !== "S") throw new GateError("target-untrusted", `"${name}" has no TLS`);
  // What stands behind the answer in clear would be taken for the server's, spoken under TLS.
  if (plain.readableLength > 0) throw new GateError("target-untrusted", `"${name}" speaks before TLS`);
  const { host } = splitAddress(address);
  const verifies = postgres.tls !== "require";
  const authority = verifies ? await deps.authority(postgres) : undefined;
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({
      socket: plain,
      servername: /^[\d.]+$|:/.test(host) ? "" : host,
      ALPNProtocols: ["postgresql"],
      rejectUnauthorized: verifies,
      ...(authority !== undefined && { ca: authority }),
      checkServerIdentity: (_host, certificate) => (postgres.tls === "verify-full" ? checkServerIdentity(host, certificate) : undefined),
    });
    const untrusted = (error: Error): void => reject(new GateError("target-untrusted", `"${name}": ${certificateTrouble(error, host)}`));
    socket.once("error", untrusted);
    plain.once("close", () => reject(new GateError("target-unreachable", `"${name}" closed the connection`)));
    socket.once("secureConnect", () => {
      socket.off("error", untrusted);
      socket.on("error", () => undefined);
      socket.pause();
      resolve(socket);
    });
  });
}

/** TLS and login on a fresh socket. */
export async function logIn(
  plain: Socket,
  target: Target,
  startup: Readonly<Record<string, string>>,
  password: Secret,
  deps: UpstreamDeps,
): Promise<Upstream> {
  const { localPort } = plain;
  const socket = await secure(plain, target, deps);
  socket.write(encodeStartup(startup));
  const asked = await authenticate(socket, target, startup["user"] ?? "", password, deps.random);
  const parameters: Buffer[] = [];
  let parametersBytes = 0;
  let cancelKey: CancelKey | undefined;
  for (let count = 0; count < MAX_HANDSHAKE_MESSAGES; count += 1) {
    const message = await readMessage(socket, MAX_HANDSHAKE_MESSAGE);
    switch (message[0]) {
      case backend.BACKEND.parameterStatus:
        requirePinned(backend.parseParameterStatus(message));
        parameters.push(message);
        parametersBytes += message.length;
        if (parametersBytes > MAX_PARAMETERS_BYTES) throw new GateError("protocol-error", "its settings have no end");
        break;
      case backend.BACKEND.backendKeyData:
        cancelKey = backend.parseBackendKeyData(message);
        break;
      case backend.BACKEND.notice:
        break;
      case backend.BACKEND.error:
        throw refusedBy(target.name, message);
      case backend.BACKEND.ready:
        if (backend.parseReadyForQuery(message) !== "I" || cancelKey === undefined) throw unexpected(message);
        return { socket, plain, localPort, parameters, cancelKey, asked };
      default:
        throw unexpected(message);
    }
  }
  throw new GateError("protocol-error", "it talks on and is never ready");
}

async function authenticate(
  socket: Wire,
  { name, postgres }: Target,
  user: string,
  password: Secret,
  random: Random,
): Promise<Upstream["asked"]> {
  const isEncrypted = "getPeerCertificate" in socket;
  const binding = isEncrypted ? endPointBinding(socket.getPeerCertificate().raw) : undefined;
  const outcome = await logInByScram(
    { read: () => readMessage(socket, MAX_HANDSHAKE_MESSAGE), write: (message) => void socket.write(message) },
    { password: password.reveal(), nonce: newNonce(random), ...(binding !== undefined && { binding }), plus: "where offered" },
  );
  if (outcome.kind === "refused") throw refusedBy(name, outcome.error);
  if (outcome.kind === "not-genuine") throw new GateError("target-untrusted", `"${name}" does not know the password it asks for`);
  let asked: Upstream["asked"] = "sasl";
  if (outcome.kind === "not-scram") {
    const weakly = weakAnswer(outcome.asked, postgres, isEncrypted, user, password);
    // A server that asks for no password has not shown that it knows it either.
    if (weakly === undefined) throw new GateError("target-refused", `"${name}" does not ask for a password by SCRAM`);
    socket.write(encodePassword(weakly));
    asked = outcome.asked.kind === "md5" ? "md5" : "cleartext";
  }
  const last = await readMessage(socket, MAX_HANDSHAKE_MESSAGE);
  if (last[0] === backend.BACKEND.error) throw refusedBy(name, last);
  if (last[0] !== backend.BACKEND.authentication) throw unexpected(last);
  if (backend.parseAuthentication(last).kind !== "ok") throw new GateError("protocol-error", "it does not finish the login");
  return asked;
}

/** What a server is told that asks by MD5 or in clear, where its target lets it. */
function weakAnswer(
  asked: backend.Authentication,
  postgres: PostgresTarget | undefined,
  isEncrypted: boolean,
  user: string,
  password: Secret,
): string | undefined {
  const { auth, tls } = postgres ?? {};
  if (asked.kind === "md5" && auth !== undefined) return md5Password(user, password.reveal(), asked.salt);
  const isProven = isEncrypted && (tls === "verify-full" || tls === "verify-ca");
  return asked.kind === "cleartext" && auth === "password" && isProven ? password.reveal() : undefined;
}

/** Settings without which our parser and the server could read one text differently. */
export function requirePinned({ name, value }: { readonly name: string; readonly value: string }): void {
  const wanted = PINNED[name];
  if (wanted !== undefined && value !== wanted) throw new GateError("not-supported", `a database session with ${name} "${value}"`);
}

const PINNED: Readonly<Record<string, string>> = { client_encoding: "UTF8", standard_conforming_strings: "on" };

function refusedBy(name: string, message: Buffer): GateError {
  const { code, message: text } = backend.parseErrorResponse(message);
  // Which login it was, and what the server says of it, is not for the client; who tests the target is told the cause.
  const detail = code.startsWith("28") ? `"${name}" does not take the login that the gate has for it` : `"${name}": ${text.slice(0, 200)}`;
  return new GateError("target-refused", detail, { cause: text.slice(0, 200) });
}

function unexpected(message: Buffer): GateError {
  return new GateError("protocol-error", `message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))} does not belong into a login`);
}
