/** Every route of the API, under its id. */
import { accessRoutes } from "./access.ts";
import { auditRoutes } from "./audit.ts";
import { backupRoutes } from "./backup.ts";
import { certificateRoutes } from "./certificates.ts";
import { configRoutes } from "./config.ts";
import { factorRoutes } from "./factors.ts";
import { fileRoutes } from "./files.ts";
import { grantRoutes } from "./grants.ts";
import { holdRoutes } from "./holds.ts";
import { lockRoutes } from "./locks.ts";
import { loginRoutes } from "./login.ts";
import { providerRoutes } from "./providers.ts";
import { requestRoutes } from "./requests.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { sessionSearchRoutes } from "./session-search.ts";
import { statsRoutes } from "./stats.ts";
import { statusRoutes } from "./status.ts";
import { timelineRoutes } from "./timeline.ts";
import { targetRoutes } from "./targets.ts";
import { terminalRoutes } from "./terminals.ts";
import { tokenRoutes } from "./tokens.ts";
import { waitingRoutes } from "./waiting.ts";
import { wallRoutes } from "./wall.ts";
import { userRoutes } from "./users.ts";

export const ROUTES = {
  ...statusRoutes,
  ...loginRoutes,
  ...providerRoutes,
  ...userRoutes,
  ...factorRoutes,
  ...tokenRoutes,
  ...targetRoutes,
  ...requestRoutes,
  ...grantRoutes,
  ...holdRoutes,
  ...sessionRoutes,
  ...terminalRoutes,
  ...fileRoutes,
  ...timelineRoutes,
  ...wallRoutes,
  ...waitingRoutes,
  ...sessionSearchRoutes,
  ...auditRoutes,
  ...lockRoutes,
  ...accessRoutes,
  ...statsRoutes,
  ...configRoutes,
  ...certificateRoutes,
  ...backupRoutes,
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
export type RouteId = keyof Routes;

export const ROUTE_IDS = Object.keys(ROUTES) as RouteId[];
