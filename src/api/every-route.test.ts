/**
 * Every route Fastify really registered: anonymous, wrong role, right role. The list is Fastify's own, not the contract's, so
 * a route that was added beside the contract shows here.
 */
import type { RouteOptions } from "fastify";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { apiOptions, openWorld, servicesOf, type World } from "../../test/kit/api-services.ts";
import type { Route } from "../contract/route.ts";
import { ROUTE_IDS, ROUTES, type RouteId } from "../contract/routes.ts";
import { buildApi } from "./server.ts";

const registered: RouteOptions[] = [];
let world: World = openWorld();
// One server for all; the world behind it is replaced for each test.
const current = servicesOf(() => world);

const app = await buildApi({
  ...apiOptions(current),
  rates: { token: 100_000, address: 100_000 },
  onRoute: (route) => registered.push(route),
});
await app.ready();
afterAll(() => app.close());
beforeEach(() => {
  world = openWorld();
});

const routes = registered.map((route): [string, RouteId | undefined, Route | undefined] => {
  const id = route.config?.routeId;
  return [`${String(route.method)} ${route.url}`, id, id && ROUTES[id]];
});

test("Fastify registered the contract, all of it and nothing else", () => {
  expect(new Set(routes.map(([, id]) => id))).toEqual(new Set(ROUTE_IDS));
  expect(routes).toHaveLength(ROUTE_IDS.length);
  expect(routes.filter(([place, , route]) => place !== `${route?.method} ${route?.path}`)).toEqual([]);
});

test("a route beside the contract cannot be registered", async () => {
  const other = await buildApi({
    ...apiOptions(world.services),
    onFailure: () => {},
  });
  expect(() => other.get("/v1/backdoor", () => "hello")).toThrow("not in the contract");
  await other.close();
});

/** As `callWith` with a token that may, over a WebSocket: 101 where the gate takes it up. */
async function connectWith(route: Route, token: string): Promise<number> {
  const { params = {}, query = {} } = route.example as { params?: Record<string, string>; query?: Record<string, string> };
  const url = route.path.replace(/:([a-z]+)/gi, (_, name: string) => params[name] ?? "");
  const headers = { host: "localhost:7700", authorization: `Bearer ${token}` };
  const socket = { remoteAddress: "127.0.0.1", remotePort: 1 };
  const ws = await app.injectWS(`${url}?${new URLSearchParams(query).toString()}`, { headers, socket } as never);
  ws.terminate();
  return 101;
}

async function statusOf(route: Route, token: string): Promise<number> {
  if (route.response.kind === "socket") return connectWith(route, token);
  const response = await callWith(route, token);
  response.stream().destroy();
  return response.statusCode;
}

function callWith(route: Route, token: string | undefined) {
  const {
    params = {},
    query = {},
    body,
  } = route.example as { params?: Record<string, string>; query?: Record<string, string>; body?: object };
  const url = route.path.replace(/:([a-z]+)/gi, (_, name: string) => params[name] ?? "").replace("*", params["*"] ?? "");
  const headers = { ...(token && { authorization: `Bearer ${token}` }) };
  return app.inject({
    method: route.method,
    url,
    query,
    headers,
    ...(body && { body }),
    ...(route.upload && { body: Buffer.from("bytes"), headers: { ...headers, "content-type": "application/octet-stream" } }),
    payloadAsStream: true,
  });
}

/** `public` ones have no wrong caller. */
const guarded = routes.filter((entry): entry is [string, RouteId, Route] => entry[2] !== undefined && entry[2].permission !== "public");
const open = routes.filter((entry): entry is [string, RouteId, Route] => entry[2]?.permission === "public");

describe.each(guarded)("%s", (_, _id, route) => {
  test.each([undefined, "guessed", "ended"])("token %s → 401, and nothing happened", async (token) => {
    const response = await callWith(route, token);
    response.stream().destroy();
    expect(response.statusCode).toBe(401);
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(world.happened).toEqual([]);
    expect(world.log).toEqual([]);
  });

  test("wrong role → 403, and nothing happened", async () => {
    // Of one's own things everybody is the right role; there the token's scope is what can be wrong.
    const wrong = { self: "audit-only", full: "self-only" }[route.permission as string] ?? "nobody";
    const response = await callWith(route, wrong);
    response.stream().destroy();
    expect(response.statusCode).toBe(403);
    expect(world.happened).toEqual([]);
    expect(world.log).toEqual([]);
  });

  test("right role → works, with an event in the log where something changed", async () => {
    // Bob owns what the examples are about; what needs a permission, or a place among the approvers, is ada's.
    const own = new Set<RouteId>([
      "requests.cancel",
      "requests.password",
      "requests.certificate",
      "grants.extend",
      "grants.password",
      "grants.certificate",
    ]).has(_id);
    const token = own ? "on-call" : "owner";
    expect(await statusOf(route, token)).toBe(
      "status" in route.response ? route.response.status : route.response.kind === "socket" ? 101 : 200,
    );
    const kinds = world.log.map(({ kind }) => kind);
    const expected: readonly string[] = route.audit === "none" ? [] : route.audit;
    expect(kinds.every((kind) => expected.includes(kind))).toBe(true);
    expect(kinds.length > 0).toBe(route.audit !== "none");
  });
});

describe("what is others' is refused to who holds nothing, whatever it is", () => {
  const others = guarded.filter(
    ([, id, { beyondSelf, example }]) => beyondSelf !== undefined && (example.params ?? example.query) && id !== "requests.list",
  );
  test.each(others)("%s", async (_, id, route) => {
    const response = await callWith(route, "nobody");
    response.stream().destroy();
    // `tokens.create` for oneself is one's own.
    expect([403, 404]).toContain(response.statusCode);
    expect(world.happened).toEqual([]);
    expect(world.log).toEqual([]);
    expect(id).toBeDefined();
  });
});

test.each(open)("%s is open to all", async (_, _id, route) => {
  const response = await callWith(route, undefined);
  response.stream().destroy();
  expect(response.statusCode).toBeLessThan(route.response.kind === "redirect" ? 304 : 300);
});
