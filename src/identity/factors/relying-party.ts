import { isIP } from "node:net";

/** The gate as browsers and authenticators know it (WebAuthn §5.4.2). */
export interface RelyingParty {
  /** A domain; a passkey made for it works nowhere else. */
  readonly id: string;
  readonly name: string;
  /** The only origin whose pages may use its passkeys. */
  readonly origin: string;
}

/** Of the gate's public address. `undefined` where browsers would refuse it: a bare address is no domain, and off loopback it takes TLS. */
export function relyingPartyOf(publicUrl: string, name: string): RelyingParty | undefined {
  const { hostname, origin, protocol } = new URL(publicUrl);
  if (isIP(hostname.replaceAll(/^\[|\]$/g, "")) !== 0) return undefined;
  if (protocol !== "https:" && hostname !== "localhost" && !hostname.endsWith(".localhost")) return undefined;
  return { id: hostname, name, origin };
}
