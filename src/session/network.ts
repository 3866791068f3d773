import { sourceOf } from "../watch/address.ts";

/** What an address is counted as, where a number of connections is bounded: itself, of IPv6 the /64 that one machine has to itself. */
export function countedAs(address: string): string {
  return sourceOf(`${address}:0`).exact;
}
