import { connect, isIPv6, type Socket } from "node:net";
import { GateError } from "../kernel/errors.ts";
import type { ErrandPermit, Permit } from "./gatekeeper.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The only dialer of the gate: opens a TCP connection to what the permit was made for, and to nothing else.
 * Rejects with `target-unreachable`, also when `signal` aborts; the socket comes with Nagle's algorithm off and paused.
 */
export function openUpstream(permit: Permit | ErrandPermit, signal?: AbortSignal): Promise<Socket> {
  if (!permit.genuine) throw new GateError("internal");
  const address = "scoped" in permit ? permit.scoped.target.address : permit.address;
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const fail = (detail: string): void => {
      socket.destroy();
      settled();
      reject(new GateError("target-unreachable", detail));
    };
    const abandon = (): void => fail("the connection was given up");
    const timer = setTimeout(() => fail(`"${address}" did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`), CONNECT_TIMEOUT_MS);
    const settled = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abandon);
    };
    signal?.addEventListener("abort", abandon, { once: true });
    if (signal?.aborted === true) return abandon();
    socket.once("error", (error: NodeJS.ErrnoException) => {
      fail(`"${address}" ${error.code === "ECONNREFUSED" ? "refused the connection" : `(${error.code ?? "failed"})`}`);
    });
    socket.once("connect", () => {
      settled();
      socket.removeAllListeners("error");
      socket.pause();
      resolve(socket);
    });
  });
}

/** `host:port` or `[v6]:port`. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const bare = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(address.slice(colon + 1));
  if (colon <= 0 || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new GateError("bad-config", `"${address}" is not host:port`);
  return { host: bare, port };
}

/** The form other programs print: `ip:port`, with brackets round IPv6. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
