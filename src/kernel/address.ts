import { BlockList, isIP } from "node:net";

/** The bits of an IPv6 address that are one machine's: inside, it changes addresses as it likes. */
const OWN_BITS = 64;

/** Whether two peers (`ip:port`, IPv6 with or without brackets) are at the same address. Fails closed: what is no address is like no other. */
export function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [addressOf(a), addressOf(b)];
  const kind = isIP(one);
  if (kind === 0 || kind !== isIP(other)) return false;
  if (kind === 4) return one === other;
  const block = new BlockList();
  block.addSubnet(one, OWN_BITS, "ipv6");
  return block.check(other, "ipv6");
}

/** A v4 client on a dual-stack socket is the v4 client it is. */
function addressOf(remote: string): string {
  const address = remote
    .slice(0, remote.lastIndexOf(":"))
    .replaceAll(/^\[|\]$|%.*$/g, "")
    .toLowerCase();
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
