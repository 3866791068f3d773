/** Certificates that clients show in TLS: who may ask for them, and what they are. Whether they prove anything is identity's to say. */
import { constants } from "node:crypto";
import type { Server } from "node:https";
import { TLSSocket } from "node:tls";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { PeerCertificate } from "../identity/authenticator.ts";

export interface ServerTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** PEM of those whose certificates clients may show; none: nobody is asked for one. */
  readonly clientAuthorities?: readonly string[];
}

/**
 * Nobody has to show one: people do not, and are not asked where no authority is known. What does not hold is no reason to end
 * the connection, which may come with a token instead.
 */
export function tlsOptions({ cert, key, clientAuthorities = [] }: ServerTls): object {
  const asked = clientAuthorities.length > 0;
  // An authority that another one vouches for is believed by itself, where the configuration names it.
  const believed = asked && { ca: [...clientAuthorities], allowPartialTrustChain: true };
  // What was verified when a connection began is so until it ends.
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION;
  return { cert, key, minVersion: "TLSv1.2", secureOptions, requestCert: asked, rejectUnauthorized: false, ...believed };
}

/** For connections from now on. */
export function trustClients(app: FastifyInstance, tls: ServerTls): void {
  const server = app.server as unknown as Server & { requestCert: boolean };
  const options = tlsOptions(tls);
  server.setSecureContext(options);
  // Read anew for each connection.
  server.requestCert = (tls.clientAuthorities ?? []).length > 0;
}

export function peerCertificateOf({ raw: { socket } }: FastifyRequest): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const der = socket.getPeerX509Certificate()?.raw;
  if (der === undefined) return undefined;
  if (socket.authorized) return { der };
  const why: unknown = socket.authorizationError;
  return { der, trouble: why instanceof Error ? why.message : String(why) };
}
