import { expect, test } from "vitest";
import { GATE_PERMISSIONS } from "../policy/permissions.ts";
import type { Route } from "./route.ts";
import { ROUTE_IDS, ROUTES } from "./routes.ts";

const all: readonly (readonly [string, Route])[] = ROUTE_IDS.map((id) => [id, ROUTES[id]]);

test("no two routes share a method and path", () => {
  const places = all.map(([, { method, path }]) => `${method} ${path.replace(/:[a-z]+/gi, ":")}`);
  expect(new Set(places).size).toBe(places.length);
});

test.each(all)("%s: its example is an input its schemas accept, and every parameter of its path has a schema", (_, route) => {
  for (const part of ["params", "query", "body"] as const) {
    const parsed = route[part]?.safeParse(route.example[part] ?? {});
    expect(parsed?.error).toBeUndefined();
    expect(route.example[part] === undefined || route[part] !== undefined).toBe(true);
  }
  const inPath = [...route.path.matchAll(/:([a-z]+)|(\*)$/gi)].map(([, name, rest]) => name ?? rest ?? "");
  expect(new Set(Object.keys(route.params?.shape ?? {}))).toEqual(new Set(inPath));
});

/** What an identity provider sends has fields of its own, which its specification says to pass over. */
const OF_PROVIDERS = ["login.callback query", "login.backchannel body"];

test("unknown fields are refused everywhere", () => {
  const lax = all.flatMap(([id, route]) =>
    (["query", "body"] as const)
      .filter((part) => route[part]?.safeParse({ ...route.example[part], unheardOf: "1" }).success)
      .map((part) => `${id} ${part}`),
  );
  expect(lax).toEqual(OF_PROVIDERS);
});

test("what is not GET changes something and is audited, but for previews, checks, and what counts for nothing yet: a secret, a page", () => {
  const silent = all.filter(([, { method, effect }]) => method !== "GET" && effect === "reads").map(([id]) => id);
  // Where a login begins nothing has happened yet; what waits for its end is in memory, bounded.
  expect(silent).toEqual([
    "login.begin",
    "login.beginLink",
    "login.beginProgram",
    "device.begin",
    "factors.start-totp",
    "step-up.open-page",
    "requests.preview",
    "config.validate",
  ]);
  // A provider sends the browser back by a link; one-time state and the browser's cookie say that it is the one that left.
  const linked = all.filter(([, { method, effect }]) => method === "GET" && effect === "changes").map(([id]) => id);
  expect(linked).toEqual(["login.callback"]);
});

test("every permission on the gate opens at least one route", () => {
  const used = new Set(all.flatMap(([, { permission, beyondSelf }]) => [permission, beyondSelf]));
  expect(Object.keys(GATE_PERMISSIONS).filter((name) => !used.has(name as never))).toEqual([]);
});

/** Reviewed by hand: each of these is reachable by anybody who reaches the port. */
test("the public routes are exactly these", () => {
  expect(all.filter(([, { permission }]) => permission === "public").map(([id]) => id)).toEqual([
    "health.show",
    "openapi.show",
    "login.password",
    "login.console",
    "login.handover",
    "login.workload",
    "setup.state",
    "setup.complete",
    "password.reset",
    "providers.offered",
    "login.begin",
    "login.beginProgram",
    "login.callback",
    "login.redeem",
    "device.begin",
    "device.poll",
    "login.backchannel",
    "step-up.show-page",
    "step-up.finish-page",
    "login.start-passkey",
    "login.passkey",
    "authorities.show",
  ]);
});
