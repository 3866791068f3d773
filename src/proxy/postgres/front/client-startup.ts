/**
 * What a client begins with, until the packet that means something: TLS, asked for or begun at once, and then a startup or
 * a CancelRequest (protocol §53.2.1, §53.2.9).
 *
 * Untrusted: all of it. Bounded: a startup packet of 10,000 bytes, three packets before it.
 */
import { TLSSocket, type SecureContext } from "node:tls";
import type { Socket } from "node:net";
import { GateError } from "../../../kernel/errors.ts";
import { readBytes } from "../../../wire/postgres/read.ts";
import { parseStartup, startupLength, type Startup } from "../../../wire/postgres/startup.ts";
import type { Wire } from "../wire.ts";

const MAX_PACKETS_BEFORE_STARTUP = 3;
/** First byte of a TLS handshake record: direct TLS, without SSLRequest. */
const TLS_HANDSHAKE = 0x16;
const ALPN = "postgresql";

/** The gate's own certificate. */
export interface FrontTls {
  readonly context: SecureContext;
  /** Of the certificate, for SCRAM-SHA-256-PLUS. */
  readonly binding: Buffer | undefined;
}

type Begun = Extract<Startup, { kind: "startup" | "cancel-request" }>;

/** SSLRequest and GSSENCRequest answered, until the packet that means something. `secured`: from here on it speaks TLS. */
export async function readStartup(socket: Socket, tls: FrontTls | undefined, secured: (wire: Wire) => void): Promise<Begun> {
  let wire: Wire = socket;
  for (let count = 0; count < MAX_PACKETS_BEFORE_STARTUP; count += 1) {
    const header = await readBytes(wire, 4);
    if (header[0] === TLS_HANDSHAKE && count === 0 && tls !== undefined) {
      socket.unshift(header);
      secured((wire = await startTls(socket, tls, true)));
      continue;
    }
    const length = startupLength(header);
    const startup = parseStartup(Buffer.concat([header, await readBytes(wire, length - 4)]));
    if (startup.kind === "startup" || startup.kind === "cancel-request") return startup;
    if (startup.kind === "ssl-request" && tls !== undefined && wire === socket) {
      // Bytes behind the request would be taken for what is said under TLS (CVE-2021-23222).
      if (socket.readableLength > 0) throw new GateError("protocol-error", "something was sent before TLS");
      socket.write("S");
      secured((wire = await startTls(socket, tls, false)));
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
