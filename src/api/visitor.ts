import type { Visitor } from "../terminal/visitor.ts";
import type { Caller } from "./handler.ts";

/** Who calls, as the gate's own clients for browsers take them. */
export function visitorOf({ caller, remote, recheck }: { caller: Caller; remote: string } & Pick<Visitor, "recheck">): Visitor {
  const colon = remote.lastIndexOf(":");
  const address = remote.slice(0, colon).replaceAll(/^\[|\]$/g, "");
  return { authenticated: caller.authenticated, remote: { address, port: Number(remote.slice(colon + 1)) }, recheck };
}
