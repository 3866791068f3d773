/**
 * Where the API may be reached. Fails closed: plain HTTP only on loopback, and only names the gate is known by, so that a
 * page whose name is made to resolve to the gate's address (DNS rebinding) gets nothing.
 */
import { isIP } from "node:net";

export function isLoopback(host: string): boolean {
  const bare = withoutBrackets(host).toLowerCase();
  if (bare === "localhost" || bare === "::1") return true;
  return isIP(bare) === 4 && bare.startsWith("127.");
}

/** The names in a `Host` header the gate answers to, without port, in lower case. */
export function knownHosts(listen: string, publicUrl: string): ReadonlySet<string> {
  const known = new Set([withoutBrackets(listen).toLowerCase(), withoutBrackets(new URL(publicUrl).hostname).toLowerCase()]);
  if (isLoopback(listen)) for (const name of ["localhost", "127.0.0.1", "::1"]) known.add(name);
  return known;
}

/** Untrusted: `header`, as `name`, `name:port`, `[address]` or `[address]:port`. */
export function isKnownHost(header: string | undefined, known: ReadonlySet<string>): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?$/i.exec(header ?? "");
  return match?.[1] !== undefined && known.has(withoutBrackets(match[1]).toLowerCase());
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
