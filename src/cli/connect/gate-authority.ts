import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { withDeadline } from "../../kernel/deadline.ts";
import { GateError } from "../../kernel/errors.ts";
import { dial, secureConnection, type GateAddress } from "./gate-login.ts";

const HANDSHAKE_MS = 15_000;

/**
 * PEM of the authority at the root of the gate's own certificate, for clients that have to be told whom to trust. Only of
 * a chain that this process trusts already. Throws `gate-unreachable`, `timeout`.
 */
export async function findGateAuthority(address: GateAddress): Promise<string> {
  const plain = dial(address);
  try {
    const socket = await withDeadline(secureConnection(plain, address, "authority"), HANDSHAKE_MS, "the gate does not answer");
    return new X509Certificate(rootOf(socket as TLSSocket).raw).toString();
  } finally {
    plain.destroy();
  }
}

function rootOf(socket: TLSSocket): DetailedPeerCertificate {
  let certificate = socket.getPeerCertificate(true);
  // A root is its own issuer; an authority that is trusted without one has none here.
  for (let next = certificate.issuerCertificate; next && next !== certificate; next = certificate.issuerCertificate) certificate = next;
  if (!certificate.raw) throw new GateError("gate-unreachable", "it shows no certificate");
  return certificate;
}
