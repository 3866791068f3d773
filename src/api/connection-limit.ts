/**
 * How many connections one address may hold. Without it a single machine could hold all there are, and keep everybody
 * else from approving, killing and locking.
 */
import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { isLoopback } from "./host-check.ts";

export function limitConnections(server: Pick<Server, "on">, perAddress: number): void {
  const held = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = countedAs(socket.remoteAddress ?? "");
    // A proxy on this machine stands for many people.
    if (isLoopback(address)) return;
    const count = held.get(address) ?? 0;
    if (address === "" || count >= perAddress) return void socket.destroy();
    held.set(address, count + 1);
    socket.once("close", () => {
      const left = (held.get(address) ?? 1) - 1;
      if (left === 0) held.delete(address);
      else held.set(address, left);
    });
  });
}

/** IPv4 as itself, also where a dual-stack socket shows it as IPv6; of IPv6 the /64 that one machine has to itself. */
export function countedAs(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain) || isLoopback(plain)) return plain;
  const [head = ""] = plain.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  return [...groups, "0", "0", "0", "0"].slice(0, 4).join(":");
}
