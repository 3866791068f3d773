/**
 * Every route of the contract, called by a page that is not the gate's own while its visitor is logged in: as forms, as text that
 * is really JSON, with and without the browser's word of where it comes from, as a stream, as a WebSocket. And what every answer says to browsers,
 * whichever way it comes about. The routes are Fastify's own list.
 */
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { InjectOptions } from "fastify";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { apiOptions, openWorld, servicesOf, type World } from "../../test/kit/api-services.ts";
import { exampleBody, exampleUrl } from "../../test/kit/every-call.ts";
import type { Route } from "../contract/route.ts";
import { ROUTE_IDS, ROUTES, type RouteId } from "../contract/routes.ts";
import type { ConsoleFiles } from "./console-files.ts";
import { buildApi } from "./server.ts";

let world: World = openWorld();
// One server for all; the world behind it is replaced for each test.
const current = servicesOf(() => world);

const file = (bytes: string, type: string) => {
  const held = Buffer.from(bytes);
  return { type, etag: `"${bytes.length}"`, immutable: false, identity: held, encoded: {} };
};
const files: ConsoleFiles = new Map([
  ["/index.html", file("<!doctype html>", "text/html; charset=utf-8")],
  ["/assets/a.js", file("1", "text/javascript; charset=utf-8")],
]);

const HOST = "localhost:7700";
const app = await buildApi({
  ...apiOptions(current),
  rates: { token: 100_000, address: 100_000 },
  console: files,
});
await app.ready();
afterAll(() => app.close());
beforeEach(() => {
  world = openWorld();
});

const all = ROUTE_IDS.map((id): [RouteId, Route] => [id, ROUTES[id]]);
/** A browser comes there from an identity provider, and what it brings must be good by itself: oidc-attacks has those. */
const called = all.filter(([, { navigated }]) => navigated !== true);
const FORM = "application/x-www-form-urlencoded";

type Way = (route: Route) => { readonly headers: Record<string, string>; readonly body?: string | Buffer };
const json = (route: Route): string => JSON.stringify((route.example as { body?: object }).body ?? {});
const fields = (route: Route): string => new URLSearchParams((route.example as { body?: Record<string, string> }).body).toString();
const typed = (type: string | undefined): Record<string, string> => (type === undefined ? {} : { "content-type": type });

/** What a page of another origin can make a browser send. */
const WAYS: Readonly<Record<string, Way>> = {
  "a form that was submitted": () => ({
    headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", ...typed(FORM) },
    body: "reason=x",
  }),
  "a form out of a sandbox": () => ({ headers: { origin: "null", "sec-fetch-site": "cross-site", ...typed(FORM) }, body: "reason=x" }),
  "a form of a browser that tells nothing": () => ({ headers: typed(FORM), body: "reason=x" }),
  "a form with what it takes, of a browser that tells nothing": (route) => ({ headers: typed(FORM), body: fields(route) }),
  "text that is JSON": (route) => ({ headers: { origin: "https://evil.example", ...typed("text/plain") }, body: json(route) }),
  "text that is JSON, of a browser that tells nothing": (route) => ({ headers: typed("text/plain"), body: json(route) }),
  "a form of several parts": () => ({
    headers: { origin: "https://evil.example", ...typed("multipart/form-data; boundary=x") },
    body: '--x\r\ncontent-disposition: form-data; name="reason"\r\n\r\nx\r\n--x--\r\n',
  }),
  "its real body, from another site": (route) => real(route, { origin: "https://evil.example", "sec-fetch-site": "cross-site" }),
  "its real body and our header, from another site": (route) => real(route, { origin: "https://evil.example", "sallyport-console": "1" }),
  "its real body, from another port of the same machine": (route) =>
    real(route, { origin: "http://localhost:7799", "sec-fetch-site": "same-site", "sallyport-console": "1" }),
  "its real body, from a neighbour's name": (route) =>
    real(route, { origin: "http://gate.localhost:7700", "sec-fetch-site": "same-site", "sallyport-console": "1" }),
  "its real body, from this name by another scheme": (route) => real(route, { origin: `https://${HOST}`, "sallyport-console": "1" }),
  "its real body, from a name that begins alike": (route) =>
    real(route, { origin: `http://${HOST}.evil.example`, "sallyport-console": "1" }),
};

function real(route: Route, headers: Record<string, string>): ReturnType<Way> {
  const { body, type } = exampleBody(route);
  return { headers: { ...headers, ...typed(type) }, ...(body !== undefined && { body }) };
}

/** The same call by the gate's own page: so that what is refused above is refused for where it comes from. */
const OWN: Way = (route) => real(route, { origin: `http://${HOST}`, "sec-fetch-site": "same-origin", "sallyport-console": "1" });

/** Its stream, where there is one, is not waited for. */
async function send(route: Route, way: Way, method = route.method): Promise<{ status: number; headers: object }> {
  const { headers, body } = way(route);
  const answer = await app.inject({
    method,
    url: exampleUrl(route),
    headers: { host: HOST, ...headers },
    cookies: { sallyport: "owner" },
    ...(body !== undefined && { payload: body }),
    payloadAsStream: true,
  });
  answer.stream().destroy();
  return { status: answer.statusCode, headers: answer.headers };
}

/** Those that must do nothing. What anybody may ask for, or another server sends as a form with its own signature, is no visitor's word. */
function refusedWays(route: Route): [string, Way][] {
  return Object.entries(WAYS).filter(([, way]) => {
    const isTold = way(route).headers["origin"] !== undefined;
    return isTold || !(route.permission === "public" && (route.effect === "reads" || route.form === true));
  });
}

test.each(called)("%s: with its visitor's cookie it does nothing for a page elsewhere, whatever that sends", async (_, route) => {
  const ways = refusedWays(route);
  expect(ways.length).toBeGreaterThanOrEqual(9);
  for (const [name, way] of ways) {
    const { status } = await send(route, way);
    const refused = status === 400 || status === 403;
    expect({ name, refused, happened: world.happened, log: world.log }).toEqual({ name, refused: true, happened: [], log: [] });
  }
});

/** The owner, whose cookie it is, is not who these are for: bob asked, and holds the grant. */
const ANOTHERS = new Set<RouteId>([
  "requests.cancel",
  "requests.password",
  "requests.certificate",
  "grants.extend",
  "grants.password",
  "grants.certificate",
]);

// So that what is refused above is refused for where it comes from. A WebSocket has a test of its own.
test.each(called.filter(([, { response }]) => response.kind !== "socket"))(
  "%s: is admitted from the gate's own page",
  async (id, route) => {
    expect([200, 201, 204, 404, 403]).toContain((await send(route, OWN)).status);
    const own = world.happened.length > 0 || route.effect === "reads";
    expect(own || ANOTHERS.has(id)).toBe(true);
  },
);

const changing = called.filter(
  ([, { effect, permission, response }]) => effect === "changes" && permission !== "public" && response.kind !== "socket",
);
test.each(changing)("%s: a call by another method is no such call, whatever it says it would like to be", async (_, route) => {
  await send(route, OWN);
  const does = new Set(world.happened);
  world = openWorld();
  const wish = { "x-http-method-override": route.method, "x-http-method": route.method, "x-method-override": route.method };
  for (const method of ["GET", "POST", "DELETE"] as const) {
    if (method === route.method) continue;
    await send(route, (each) => ({ headers: { ...OWN(each).headers, ...wish } }), method);
    await send(route, (each) => ({ headers: { ...OWN(each).headers, ...wish, ...typed(FORM) }, body: `_method=${each.method}` }), method);
  }
  // Another route may live at the same path with that method, and does what it does.
  expect(world.happened.filter((each) => does.has(each))).toEqual([]);
});

test.each(called.filter(([, { response }]) => response.kind === "socket"))("%s: no page elsewhere gets the WebSocket", async (_, route) => {
  const open = async (headers: Record<string, string>): Promise<string> => {
    const all = { host: HOST, cookie: "sallyport=owner", ...headers };
    const socket = { remoteAddress: "127.0.0.1", remotePort: 1 };
    return app.injectWS(exampleUrl(route), { headers: all, socket } as never).then(
      (ws) => (ws.terminate(), "taken up"),
      (error: unknown) => String(error),
    );
  };
  for (const origin of ["https://evil.example", "null", "http://localhost:7799", `https://${HOST}`, `http://${HOST}.evil.example`]) {
    expect(await open({ origin })).toContain("403");
    expect(await open({ origin, "sallyport-console": "1" })).toContain("403");
  }
  expect(await open({})).toContain("403");
  expect(await open({ origin: `http://${HOST}`, "sec-fetch-site": "cross-site" })).toContain("403");
  expect(world.happened).toEqual([]);
  expect(await open({ origin: `http://${HOST}` })).toBe("taken up");
});

describe("two cookies of one name, one of which somebody planted", () => {
  const status = (cookie: string) =>
    app.inject({ url: "/v1/status", headers: { host: HOST, "sallyport-console": "1", cookie } }).then((answer) => answer.statusCode);
  test.each([
    ["before ours", "sallyport=on-call; sallyport=owner"],
    ["behind ours", "sallyport=owner; sallyport=on-call"],
    ["between others, with spaces", "a=b;  sallyport =on-call; c=d; sallyport=owner"],
    ["behind a space that is none to every reader", "\u00a0sallyport=on-call; sallyport=owner"],
    ["empty", "sallyport=; sallyport=owner"],
  ])("%s: neither counts", async (_, cookie) => {
    expect(await status(cookie)).toBe(401);
  });

  test("one whose value looks like another is one", async () => {
    expect(await status("other=sallyport=on-call; sallyport=owner")).toBe(200);
    expect(await status("xsallyport=on-call; sallyport=owner; sallyportx=1")).toBe(200);
  });
});

describe("nobody frames it, guesses what it is, or is told of it", () => {
  const GUARDED = {
    "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
  };

  test.each(all)("%s, refused and answered", async (_, route) => {
    const ways: Way[] = [OWN, (each) => ({ ...OWN(each), headers: { ...OWN(each).headers, origin: "https://evil.example" } })];
    for (const way of ways) expect((await send(route, way)).headers).toMatchObject(GUARDED);
    const anonymous = await app.inject({ method: route.method, url: exampleUrl(route), headers: { host: HOST }, payloadAsStream: true });
    anonymous.stream().destroy();
    expect(anonymous.headers).toMatchObject(GUARDED);
  });

  test.each<[string, InjectOptions]>([
    ["a page", { url: "/approve" }],
    ["a page that the browser has", { url: "/approve", headers: { host: HOST, "if-none-match": '"15"' } }],
    ["a file", { url: "/assets/a.js" }],
    ["a file that is not there", { url: "/assets/none.js" }],
    ["a path of the API that is not there", { url: "/v1/none" }],
    ["a path that cannot be read", { url: "/v1/requests/%E0%A4%A" }],
    ["a method that is not there", { method: "PUT", url: "/v1/locks" }],
    ["a question of another origin", { method: "OPTIONS", url: "/v1/status", headers: { host: HOST, origin: "https://evil.example" } }],
    ["another name", { url: "/", headers: { host: "evil.example" } }],
    ["too much", { method: "POST", url: "/v1/login", payload: { user: "x".repeat(40_000), password: "x" } }],
    ["a type that is none", { method: "POST", url: "/v1/login", headers: { host: HOST, "content-type": "text/plain" }, payload: "x" }],
  ])("%s", async (_, call) => {
    const answer = await app.inject({ headers: { host: HOST }, ...call });
    expect(answer.headers).toMatchObject(GUARDED);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test.each([
    ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "400"],
    ["two lengths", `POST /v1/login HTTP/1.1\r\nhost: ${HOST}\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx`, "400"],
    [
      "a length and pieces",
      `POST /v1/login HTTP/1.1\r\nhost: ${HOST}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      "400",
    ],
    ["a header with a line break in its name", `GET /health HTTP/1.1\r\nhost: ${HOST}\r\nx\n y: z\r\n\r\n`, "400"],
    ["headers without end", `GET /health HTTP/1.1\r\nhost: ${HOST}\r\nx: ${"y".repeat(70_000)}\r\n\r\n`, "413"],
  ])("what comes as %s", async (_, bytes, status) => {
    if (!app.server.listening) await app.listen({ host: "127.0.0.1", port: 0 });
    const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
    socket.write(bytes);
    const answer = await text(socket);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toContain(`HTTP/1.1 ${status} `);
    for (const line of ["x-frame-options: DENY", "x-content-type-options: nosniff", "content-type: application/problem+json"])
      expect(head.toLowerCase()).toContain(line.toLowerCase());
    expect(head).toContain("frame-ancestors 'none'");
    expect(JSON.parse(body)).toMatchObject({ status: Number(status) });
    expect(body).not.toContain("yyyy");
  });
});
