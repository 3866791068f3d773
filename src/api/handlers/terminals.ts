import type { Handlers } from "../handler.ts";
import type { TerminalService } from "../services/sessions.ts";
import { visitorOf } from "../visitor.ts";

type TerminalRoutes = "terminals.open" | "terminals.resume";

export function terminalHandlers(terminals: TerminalService): Handlers<TerminalRoutes> {
  return {
    "terminals.open": ({ query, ...call }) => terminals.open(visitorOf(call), query),
    "terminals.resume": ({ params: { id }, ...call }) => terminals.resume(visitorOf(call), id),
  };
}
