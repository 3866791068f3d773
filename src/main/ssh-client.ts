/**
 * A small ssh client of the gate's own, for machines without one: one command or one shell, over the same transport
 * that the gate itself speaks. No forwarding, no files, no configuration: whoever has `ssh` uses that.
 *
 * Invariants: the gate's host certificate is checked against its host authority, never trusted on first use; the key it
 * logs in with lives in this process only; the terminal is put back however it ends.
 */
import { createPublicKey } from "node:crypto";
import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import type { ConnectOptions } from "../cli/local-gate.ts";
import { safeText } from "../cli/safe-text.ts";
import { withDeadline } from "../kernel/deadline.ts";
import { GateError } from "../kernel/errors.ts";
import { packetLinkOf, SshLink, type LinkEnd } from "../proxy/ssh/ssh-link.ts";
import { DEFAULT_ALGORITHMS } from "../wire/ssh/algorithms/preferences.ts";
import { ClientAuth } from "../wire/ssh/auth/client-auth.ts";
import type { Channel } from "../wire/ssh/connection/channel.ts";
import { ClientConnection } from "../wire/ssh/connection/client.ts";
import { SSH_EXTENDED_DATA_STDERR } from "../wire/ssh/connection/messages.ts";
import { generateEd25519 } from "../wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, parseAuthorizedKey, publicKeyBlob } from "../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../wire/ssh/keys/verify-certificate.ts";

const HANDSHAKE_TIMEOUT_MS = 60_000;
const GOODBYE_MS = 200;
/** What ssh itself ends with when the connection fails. */
const CONNECTION_FAILED = 255;

/** The exit status of what ran; 128 + n for signal n; 255 when the connection was lost or cut, with the reason on standard error. */
export async function connectThroughGate(options: ConnectOptions): Promise<number> {
  const { stderr } = options.at;
  const key = generateEd25519();
  const line = await options.certify(encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), "sallyport ssh"));
  const signer = signerFromPrivateKey(key, certificateOf(line));
  const link = await openLink(options);
  const over = Promise.withResolvers<LinkEnd>();
  link.onEnd = over.resolve;
  try {
    const loggedIn = logIn(link, signer, options);
    const failed = over.promise.then((end): never => {
      throw new GateError("target-unreachable", endInWords(end));
    });
    const connection = await withDeadline(Promise.race([loggedIn, failed]), HANDSHAKE_TIMEOUT_MS, "the gate did not finish the login");
    void over.promise.then(() => connection.end());
    return await session(connection, options, over.promise);
  } catch (error) {
    if (!(error instanceof GateError) || !link.ended) throw error;
    stderr.write(`${safeText(error.detail ?? error.message)}\n`);
    return CONNECTION_FAILED;
  } finally {
    link.disconnect(11, "done");
  }
}

/** `type base64 comment` → the blob. */
function certificateOf(line: string): Buffer {
  return Buffer.from(line.split(" ")[1] ?? "", "base64");
}

async function openLink({ host, port, hostAuthority }: ConnectOptions): Promise<SshLink> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const connecting = connect({ host, port, noDelay: true }, () => resolve(connecting));
    connecting.once("error", (error) => reject(new GateError("gate-unreachable", `${host}:${port}`, { cause: error })));
  });
  const trustedCas = [parseAuthorizedKey(hostAuthority).key.blob];
  const hostKey = DEFAULT_ALGORITHMS.hostKey.filter((name) => name.includes("-cert-"));
  return new SshLink(socket, {
    role: "client",
    software: "Sallyport",
    algorithms: { ...DEFAULT_ALGORITHMS, hostKey },
    verifyHostKey: async ({ certificate }) =>
      certificate !== undefined && verifyCertificate(certificate, { trustedCas, type: "host", principal: host, now: Date.now() / 1000 }).ok,
  });
}

function logIn(link: SshLink, signer: KeySigner, { login, at }: ConnectOptions): Promise<ClientConnection> {
  return new Promise((resolve, reject) => {
    link.onKeyExchange = ({ first }) => {
      if (!first) return;
      new ClientAuth(link.transport, {
        user: login,
        signers: [signer],
        onBanner: (text) => at.stderr.write(safeText(text.replaceAll("\r\n", "\n"))),
        onResult: (result) => {
          // More would follow only from questions, which are `sallyport request`'s to ask.
          if (!result.authenticated) return reject(new GateError(result.partial ? "no-grant" : "not-authenticated", `"${login}"`));
          const connection = new ClientConnection(packetLinkOf(link));
          link.transport.onPayload = (payload) => {
            if (!connection.receive(payload)) link.transport.replyUnimplemented();
          };
          resolve(connection);
        },
      }).start();
    };
  });
}

async function session(connection: ClientConnection, options: ConnectOptions, over: Promise<LinkEnd>): Promise<number> {
  const { command, terminal } = options;
  const { stdin, stdout, stderr, env } = options.at;
  const channel = await connection.openSession();
  let status: number | undefined;
  channel.onData = (bytes, type) => void (type === SSH_EXTENDED_DATA_STDERR ? stderr : stdout).write(Buffer.from(bytes));
  channel.onRequest = (message) => {
    const { request } = message;
    if (request.type === "exit-status") ({ status } = request);
    if (request.type === "exit-signal") status = 128 + (constants.signals[`SIG${request.signal}` as NodeJS.Signals] ?? 0);
    channel.reply(message, false);
  };
  const size = (): { columns: number; rows: number; widthPixels: number; heightPixels: number } => {
    return { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24, widthPixels: 0, heightPixels: 0 };
  };
  if (terminal) await channel.request({ type: "pty-req", term: env["TERM"] ?? "dumb", modes: Buffer.of(0), ...size() });
  const start = command === undefined ? ({ type: "shell" } as const) : ({ type: "exec", command: Buffer.from(command) } as const);
  if (!(await channel.request(start))) throw new GateError("target-refused", "the session was refused");

  const resize = (): void => void channel.request({ type: "window-change", ...size() });
  if (terminal) {
    stdin.setRawMode?.(true);
    stdout.on("resize", resize);
  }
  void forward(stdin, channel).catch(() => channel.close());
  try {
    await channel.closed;
  } finally {
    if (terminal) stdin.setRawMode?.(false);
    stdout.off("resize", resize);
    stdin.destroy();
  }
  if (status !== undefined) return status;
  // The link's own end comes in the same breath; a channel that closed alone told no status.
  const end = await Promise.race([over, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), GOODBYE_MS))]);
  stderr.write(`${safeText(end === undefined ? "The session ended without a status" : endInWords(end))}\n`);
  return CONNECTION_FAILED;
}

async function forward(stdin: AsyncIterable<unknown>, channel: Channel): Promise<void> {
  for await (const chunk of stdin) if (!(await channel.write(chunk as Buffer))) return;
  channel.eof();
}

function endInWords(end: LinkEnd): string {
  if (end.how === "goodbye") return end.description;
  if (end.how === "closed") return "The gate closed the connection";
  // Registered for targets; here it is the gate that shows a key.
  return end.error.code === "target-untrusted" ? "The gate's host key is not signed by its host authority" : end.error.message;
}
