import { isIP } from "node:net";

/** What an address is counted as. */
export interface Source {
  /** The address itself; of IPv6 the /64, since every machine has one to itself and changes addresses inside. */
  readonly exact: string;
  /** /24 or /64 */
  readonly network: string;
  /** /24 or /48: who holds one IPv6 /64 mostly holds many. */
  readonly wide: string;
}

const UNKNOWN: Source = { exact: "unknown", network: "unknown", wide: "unknown" };

/** `ip:port` as sockets give it, IPv6 with or without brackets. Fails closed: whatever is no address shares one source. */
export function sourceOf(remote: string): Source {
  const address = remote
    .slice(0, remote.lastIndexOf(":"))
    .replaceAll(/^\[|\]$|%.*$/g, "")
    .toLowerCase();
  // A v4 client on a dual-stack socket is the v4 client it is.
  const plain = address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  if (isIP(plain) === 4) {
    const network = `${plain.split(".").slice(0, 3).join(".")}.0/24`;
    return { exact: plain, network, wide: network };
  }
  if (isIP(plain) !== 6) return UNKNOWN;
  const groups = expand(plain);
  const network = `${groups.slice(0, 4).join(":")}::/64`;
  return { exact: network, network, wide: `${groups.slice(0, 3).join(":")}::/48` };
}

/** The eight groups of a valid IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  // The last 32 bits may be written as IPv4: they are beyond every prefix that counts here.
  const hex = address.replace(/\d+\.\d+\.\d+\.\d+$/, "0:0");
  const [head = "", tail] = hex.split("::");
  const split = (part: string): string[] => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16).toString(16)));
  const [front, back] = [split(head), split(tail ?? "")];
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back];
}
