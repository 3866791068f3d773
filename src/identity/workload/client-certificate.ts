/**
 * A client's certificate: whether an authority of the mapping issued it, for clients, and to whom.
 *
 * OpenSSL has verified it in the handshake against the authorities of all mappings together: signatures, times, purposes,
 * constraints. That one of *this* mapping's has issued it is looked at here, and so is what may have ended since. It is issued by
 * one directly: of certificates that clients send beside their own, servers see nothing here.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { PeerCertificate } from "../authenticator.ts";
import { alternativeNamesOf } from "./alternative-names.ts";
import type { CertificateSettings, WorkloadName } from "./workload.ts";

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

export interface ProvenCertificate {
  /** RFC 8705 §3.1: `x5t#S256`. */
  readonly thumbprint: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** A text: why not. `now`: Unix milliseconds. */
export async function checkCertificate(
  { der, trouble }: PeerCertificate,
  { authorities, name }: CertificateSettings,
  now: number,
): Promise<ProvenCertificate | string> {
  const leaf = new X509Certificate(der);
  if (trouble !== undefined) return `its certificate does not hold: ${trouble}`;
  if (leaf.ca) return "its certificate is an authority's";
  // OpenSSL lets pass what says nothing of its use, and has nothing to show then; for a login it has to say so.
  const uses: readonly string[] | undefined = leaf.keyUsage;
  if (!(uses ?? []).includes(CLIENT_AUTH)) return "its certificate is not for clients";
  if (!isOfNow(leaf, now)) return "its certificate is not of now";
  if (!(await authorities()).some((authority) => isIssuer(authority, leaf, now))) return "its certificate is of another authority";
  if (!carries(leaf, name)) return "its certificate is somebody else's";
  return { thumbprint: thumbprintOf(leaf.raw), expiresAt: leaf.validToDate.getTime() };
}

export function thumbprintOf(der: Buffer): string {
  return createHash("sha256").update(der).digest("base64url");
}

function isIssuer(issuer: X509Certificate, of: X509Certificate, now: number): boolean {
  return issuer.ca && isOfNow(issuer, now) && of.checkIssued(issuer) && of.verify(issuer.publicKey);
}

function isOfNow({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now < validToDate.getTime();
}

/** A SPIFFE ID is the only URI of its certificate (X.509-SVID §2). */
function carries(leaf: X509Certificate, { type, value }: WorkloadName): boolean {
  const names = alternativeNamesOf(leaf);
  if (names === undefined) return false;
  if (type === "dns") return names.some((each) => each.type === "DNS" && each.value.toLowerCase() === value.toLowerCase());
  const [uri, ...more] = names.filter((each) => each.type === "URI");
  return more.length === 0 && uri?.value === value;
}
