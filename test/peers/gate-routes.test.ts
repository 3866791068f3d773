/**
 * Every route that Fastify really registered, on a whole gate: anonymous, wrong role, right role. What is refused changes
 * nothing in the store and adds nothing to the log but the refusal; what changes something is in the log.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEvent } from "../../src/audit/event.ts";
import { buildHandlers } from "../../src/api/handlers.ts";
import { buildApi } from "../../src/api/server.ts";
import type { Route } from "../../src/contract/route.ts";
import { ROUTES, type RouteId } from "../../src/contract/routes.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { openWorld } from "../kit/api-services.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { requirePeer } from "../kit/peers.ts";
import { providerLines } from "../kit/provider-gate.ts";
import { selfSigned } from "../kit/self-signed.ts";
import { RIGHT_CALLS, type World } from "./gate/right-calls.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
/** What a refusal may add to the log. */
const REFUSALS: ReadonlySet<AuditEvent["kind"]> = new Set(["login.failed", "request.refused", "session.refused"]);

/** Fastify's own list, before any test runs: the titles come from it. */
const listed: RouteId[] = [];
const app = await buildApi({
  handlers: buildHandlers(openWorld().services, systemRandom).handlers,
  guard: openWorld().services.login,
  locks: openWorld().services.locks,
  random: systemRandom,
  listenHost: "127.0.0.1",
  publicUrl: "http://localhost:7700",
  onFailure: () => {},
  onRoute: ({ config }) => listed.push(config?.routeId ?? ("" as RouteId)),
});
await app.close();
const guarded = listed.filter((id) => ROUTES[id].permission !== "public");
/** Of a gate with users it is refused for everybody; the served gate's test completes it. */
const callable = listed.filter((id) => id !== "setup.complete");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("on a whole gate"), () => {
  let folder: string;
  let estate: Estate;
  let api: EstateApi;
  let provider: OidcProvider;
  let world: World;
  /** Tokens of the owner that are good for something else than the route's permission. */
  let scoped: { self: string; status: string };
  let ana: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sallyport-routes-"));
    const publicUrl = "http://localhost:7700";
    provider = await startOidcProvider({ redirectUris: [`${publicUrl}/v1/login/callback/corp`], claimsInIdToken: true });
    const providers = await providerLines("corp", provider, folder, ["create: true"]);
    estate = await startEstate({
      postgres: true,
      limits: `${await selfSigned(folder)}\n  public: { url: "${publicUrl}" }\n  providers:\n${providers}`,
      roles: `  database: { postgres: { account: app, allow: [read] } }
  guarded: { ssh: { account: ${userInfo().username}, exec: true }, moderator: { who: ["group:leads"] } }`,
      rules:
        '  - { name: oncall-guarded, who: ["group:oncall"], roles: [guarded], targets: { names: [web-1.prod] }, max: 4h, approval: none }\n' +
        '  - { name: oncall-reads, who: ["group:oncall"], roles: [database], targets: { names: [shop-db] }, max: 4h, approval: 1 of leads }',
      targets:
        "  shop-db: { kind: postgres, address: 127.0.0.1:1, database: shop, logins: { app: env:HOME } }\n" +
        `workloads:\n  deploy: { issuer: "${provider.issuer}", claims: { sub: deploy-job } }`,
    });
    api = await openEstateApi(estate.test);
    const olga = await api.logIn("olga");
    const make = async (name: string, scopes: string[]) =>
      (await olga.call("tokens.create", { body: { name, scopes, ttlMs: 3_600_000 } })).secret;
    scoped = { self: await make("self", ["self"]), status: await make("status", ["gate.status"]) };
    const anaClient = await api.logIn("ana");
    ana = (await anaClient.call("tokens.create", { body: { name: "all", scopes: ["all"], ttlMs: 3_600_000 } })).secret;
    world = { estate, api, provider, olga, ana: anaClient, lea: await api.logIn("lea") };
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("this gate has the same routes", () => {
    expect(api.registered.map(({ config }) => config?.routeId)).toEqual(listed);
    expect(api.registered.map(({ method, url }) => `${String(method)} ${url}`)).toEqual(
      listed.map((id) => `${ROUTES[id].method} ${ROUTES[id].path}`),
    );
  });

  describe.each(guarded)("%s", (id) => {
    const route: Route = ROUTES[id];

    test("anonymous, or with a guessed token → 401, and nothing happened", async () => {
      const before = stateOf(estate);
      for (const token of [undefined, "tok-0000000000.guessed"]) {
        expect(await ask(api.url, route, token)).toEqual({ status: 401, type: "application/problem+json" });
      }
      expect(await changesSince(estate, before)).toEqual([]);
    });

    test("wrong role → 403, and nothing happened", async () => {
      const before = stateOf(estate);
      // Of one's own things everybody is the right role; there the token's scope is what can be wrong.
      const wrong = route.permission === "self" ? scoped.status : route.permission === "full" ? scoped.self : ana;
      expect(await ask(api.url, route, wrong)).toEqual({ status: 403, type: "application/problem+json" });
      expect(await changesSince(estate, before)).toEqual([]);
    });
  });

  test.each(callable)("%s: right role → works, with its event in the log where something changed", async (id) => {
    const route: Route = ROUTES[id];
    const { log } = estate.test.gate.store;
    const from = log.head().size;
    const state = stateOf(estate);
    await RIGHT_CALLS[id](world);
    const kinds = (await log.query({ from, limit: 1000 })).map(({ kind }) => kind);
    const named = route.audit === "none" ? kinds.slice(0, 0) : kinds.filter((kind) => route.audit.includes(kind as never));
    expect(named.length > 0).toBe(route.audit !== "none");
    // What left nothing in the log left nothing anywhere.
    expect(kinds.length > 0 || stateOf(estate).rows === state.rows).toBe(true);
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(estate.test.faults).toEqual([]);
  });
});

/** Every row of every table but the log's own. */
function stateOf({ test: { gate, dir } }: Estate): { readonly rows: string; readonly size: number } {
  const db = new DatabaseSync(join(dir, "data", "sallyport.db"), { readOnly: true });
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table' and name not like 'log%' order by name").all();
    const rows = tables.map(({ name }) => db.prepare(`select * from "${String(name)}" order by 1`).all());
    const plain = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
    );
    return { rows: plain, size: gate.store.log.head().size };
  } finally {
    db.close();
  }
}

/** What is in the log since then besides refusals, and whether the state is another. */
async function changesSince(estate: Estate, before: { rows: string; size: number }): Promise<string[]> {
  const events = await estate.test.gate.store.log.query({ from: before.size, limit: 1000 });
  const changed = stateOf(estate).rows === before.rows ? [] : ["state"];
  return [...changed, ...events.map(({ kind }) => kind).filter((kind) => !REFUSALS.has(kind))];
}

async function ask(url: string, route: Route, token: string | undefined): Promise<{ status: number; type: string | undefined }> {
  const { params = {}, query = {}, body } = route.example as { params?: Record<string, string>; query?: object; body?: object };
  const path = route.path.replace(/:([a-z]+)/gi, (_, name: string) => params[name] ?? "").replace("*", params["*"] ?? "");
  const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
  const response = await fetch(`${url}${path}?${search.toString()}`, {
    method: route.method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(route.body && { "content-type": "application/json" }),
      ...(route.upload && { "content-type": "application/octet-stream" }),
    },
    ...(route.body && { body: JSON.stringify(body ?? {}) }),
    ...(route.upload && { body: "bytes" }),
  });
  await response.body?.cancel();
  return { status: response.status, type: response.headers.get("content-type")?.split(";")[0] };
}
