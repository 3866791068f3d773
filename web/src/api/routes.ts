import type { Route } from "../../../src/contract/route.ts";
import type { RouteId } from "../../../src/contract/routes.ts";
import table from "virtual:routes";

interface RoutePlace {
  readonly method: Route["method"];
  readonly path: string;
  readonly kind: Route["response"]["kind"];
}

/** Where each route of the contract is, and how it answers. */
export const ROUTES = table as Readonly<Record<RouteId, RoutePlace>>;
