/** What may wait for somebody, in one stream: a browser keeps few connections to a gate. */
import { z } from "zod";
import { holdView } from "./holds.ts";
import { requestView } from "./requests.ts";
import { events, routes } from "./route.ts";
import { sessionView } from "./sessions.ts";

export const waitingRoutes = routes({
  "waiting.stream": {
    method: "GET",
    path: "/v1/waiting/stream",
    summary: "Requests, held actions, and sessions the caller may moderate: those that wait now, then each change as it happens",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    /** One of them at a time. Taken up again, it begins with what waits then. */
    response: events(z.union([z.object({ request: requestView }), z.object({ hold: holdView }), z.object({ session: sessionView })])),
    example: {},
  },
});
