import { isIP } from "node:net";

/** `host:port` or `[v6]:port` → the port; `undefined` unless it is one. */
export function portOf(address: string): number | undefined {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** Without the brackets of an IPv6 address. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replaceAll(/[[\]]/g, "");
}

/** A literal loopback address, or `localhost`. */
export function isLoopback(address: string): boolean {
  const host = hostOf(address);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
