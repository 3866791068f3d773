/**
 * The gate's half: a connection to its door for PostgreSQL, with TLS where the gate has it, logged in.
 *
 * Invariants: a password is proven, never sent; over TLS the proof is bound to the gate's certificate (SCRAM-SHA-256-PLUS),
 * and the gate proves that it knows the password too, so that nobody in between passes, whoever signed the certificate;
 * whether there has to be TLS is what the gate's API said, not what answers at the port.
 */
import { connect, isIP, type Socket } from "node:net";
import type { Writable } from "node:stream";
import { connect as connectTls, TLSSocket } from "node:tls";
import { withDeadline } from "../../kernel/deadline.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import {
  BACKEND,
  encodeAuthenticationOk,
  parseBackendKeyData,
  parseErrorResponse,
  parseReadyForQuery,
} from "../../wire/postgres/backend.ts";
import { readBytes, readMessage } from "../../wire/postgres/read.ts";
import { logInByScram } from "../../wire/postgres/scram-login.ts";
import { endPointBinding, newNonce } from "../../wire/postgres/scram.ts";
import { encodeCancelRequest, encodeSslRequest, encodeStartup } from "../../wire/postgres/startup.ts";
import { safeLine } from "../safe-text.ts";
import type { Access } from "./gate-password.ts";

const HANDSHAKE_MS = 15_000;
const CANCEL_MS = 5000;
const MAX_HANDSHAKE_MESSAGE = 64 * 1024;
/** Settings and notices before the first ReadyForQuery. */
const MAX_GREETING_MESSAGES = 200;
/** SQLSTATE: invalid_password. */
const INVALID_PASSWORD = "28P01";

/** Where the gate's door is, and whether there is TLS. */
export type GateAddress = Pick<Access, "host" | "port" | "tls">;

export interface CancelKey {
  readonly processId: number;
  readonly secret: Buffer;
}

export type GateConnection =
  | {
      readonly kind: "open";
      /** Not being read. Everything up to its ReadyForQuery is with the client. */
      readonly socket: Socket;
      readonly cancelKey: CancelKey | undefined;
    }
  /** `error`: the gate's own words for the client. */
  | { readonly kind: "refused"; readonly error: Buffer; readonly reason: string; readonly isPassword: boolean };

/**
 * Untrusted: what answers, until it has proven to be the gate. Throws `gate-unreachable`, `timeout`, `protocol-error`.
 * Given up when `client` goes, which hears from AuthenticationOk on what the gate says, as it comes. Once the password is
 * proven there is no deadline: the gate has its own, and a client may be kept waiting for an approval.
 */
export async function openGateConnection(
  access: Access,
  parameters: Readonly<Record<string, string>>,
  random: Random,
  client: Writable,
): Promise<GateConnection> {
  const plain = dial(access);
  const gone = (): void => void plain.destroy();
  client.once("close", gone);
  try {
    if (client.destroyed) throw unreachable("the client is gone");
    const socket = await withDeadline(secureConnection(plain, access, "scram"), HANDSHAKE_MS, "the gate does not answer");
    socket.write(encodeStartup(parameters));
    const binding = access.tls ? bindingOf(socket) : undefined;
    const login = logInByScram(
      { read: () => readMessage(socket, MAX_HANDSHAKE_MESSAGE), write: (message) => void socket.write(message) },
      { password: access.password, nonce: newNonce(random), ...(binding !== undefined && { binding }), plus: "required" },
    );
    const outcome = await withDeadline(login, HANDSHAKE_MS, "the gate does not finish the login");
    if (outcome.kind === "refused") return refused(plain, outcome.error);
    if (outcome.kind !== "proven") throw unreachable("what answers there did not prove to be the gate");
    return await passGreeting(plain, socket, client);
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    client.off("close", gone);
  }
}

/** Asks the gate to stop what a connection runs. Never throws: it is a wish, as from any client. */
export async function askForCancel(address: GateAddress, { processId, secret }: CancelKey): Promise<void> {
  const plain = dial(address);
  try {
    const socket = await withDeadline(secureConnection(plain, address, "scram"), CANCEL_MS, "the gate does not answer");
    socket.end(encodeCancelRequest(processId, secret));
    socket.resume();
    const timer = setTimeout(() => plain.destroy(), CANCEL_MS);
    plain.once("close", () => clearTimeout(timer));
  } catch {
    plain.destroy();
  }
}

export function dial({ host, port }: GateAddress): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  return socket.on("error", () => undefined);
}

/**
 * Connected, and with TLS on it where the gate has it. `proof`: what shows that it is the gate; SCRAM, bound to whatever
 * certificate there is, by somebody who knows the password too, or an authority that this process trusts.
 */
export async function secureConnection(plain: Socket, { host, port, tls }: GateAddress, proof: "scram" | "authority"): Promise<Socket> {
  await new Promise<void>((resolve, reject) => {
    plain.once("connect", resolve);
    plain.once("error", ({ message }) => reject(unreachable(message)));
  });
  plain.pause();
  if (!tls) return plain;
  plain.write(encodeSslRequest());
  const answer = String.fromCharCode((await readBytes(plain, 1))[0] ?? 0);
  // Bytes behind the answer would be taken for what is said under TLS (CVE-2021-23222).
  if (answer !== "S" || plain.readableLength > 0) throw unreachable(`what answers at port ${port} has no TLS`);
  return await new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: plain,
      servername: isIP(host) === 0 ? host : "",
      ALPNProtocols: ["postgresql"],
      ...(proof === "scram" ? { rejectUnauthorized: false } : { host }),
    });
    socket.on("error", ({ message }) => reject(unreachable(message)));
    plain.once("close", () => reject(unreachable("it closed during the handshake")));
    socket.once("secureConnect", () => {
      socket.pause();
      resolve(socket);
    });
  });
}

function bindingOf(socket: Socket): Buffer {
  const binding = socket instanceof TLSSocket ? endPointBinding(socket.getPeerCertificate().raw) : undefined;
  // Fails closed: without it anybody in between could answer.
  if (binding === undefined) throw unreachable("its certificate is of a kind that no password can be bound to");
  return binding;
}

async function passGreeting(plain: Socket, socket: Socket, client: Writable): Promise<GateConnection> {
  let cancelKey: CancelKey | undefined;
  for (let count = 0; count < MAX_GREETING_MESSAGES; count += 1) {
    const message = await readMessage(socket, MAX_HANDSHAKE_MESSAGE);
    if (message[0] === BACKEND.error) return refused(plain, message);
    if (message[0] === BACKEND.authentication && !message.equals(encodeAuthenticationOk())) throw unexpected();
    client.write(message);
    if (message[0] === BACKEND.backendKeyData) cancelKey = parseBackendKeyData(message);
    if (message[0] === BACKEND.ready) {
      parseReadyForQuery(message);
      return { kind: "open", socket, cancelKey };
    }
  }
  throw unexpected();
}

function refused(plain: Socket, error: Buffer): GateConnection {
  plain.destroy();
  const { code, message } = parseErrorResponse(error);
  return { kind: "refused", error, reason: safeLine(message.replace(/^sallyport: /, "")), isPassword: code === INVALID_PASSWORD };
}

function unexpected(): GateError {
  return new GateError("protocol-error", "the gate says something that is no part of a login");
}

function unreachable(detail: string): GateError {
  return new GateError("gate-unreachable", detail);
}
