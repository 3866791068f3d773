import type { Caller, Handlers } from "../handler.ts";
import type { TerminalService } from "../services.ts";
import type { Visitor } from "../../terminal/terminals.ts";

type TerminalRoutes = "terminals.open" | "terminals.resume";

export function terminalHandlers(terminals: TerminalService): Handlers<TerminalRoutes> {
  return {
    "terminals.open": ({ query, ...call }) => terminals.open(visitorOf(call), query),
    "terminals.resume": ({ params: { id }, ...call }) => terminals.resume(visitorOf(call), id),
  };
}

function visitorOf({ caller, remote, recheck }: { caller: Caller; remote: string } & Pick<Visitor, "recheck">): Visitor {
  const colon = remote.lastIndexOf(":");
  const address = remote.slice(0, colon).replaceAll(/^\[|\]$/g, "");
  return { authenticated: caller.authenticated, remote: { address, port: Number(remote.slice(colon + 1)) }, recheck };
}
