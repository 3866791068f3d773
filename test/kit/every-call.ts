/** Calls of the API made of the contract's own examples. */
import type { Route } from "../../src/contract/route.ts";

interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Path and query of the route's example. */
export function exampleUrl(route: Route): string {
  const { params = {}, query = {} } = route.example as Example;
  const path = route.path.replace(/:([a-z]+)/gi, (_, name: string) => params[name] ?? "").replace("*", params["*"] ?? "");
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** A body that the route takes, and its type. */
export function exampleBody(route: Route): { readonly body?: string | Buffer; readonly type?: string } {
  if (route.upload === true) return { body: Buffer.from("bytes"), type: "application/octet-stream" };
  const { body } = route.example as Example;
  if (body === undefined) return {};
  return route.form === true
    ? { body: new URLSearchParams(body as Record<string, string>).toString(), type: "application/x-www-form-urlencoded" }
    : { body: JSON.stringify(body), type: "application/json" };
}
