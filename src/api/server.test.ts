import { afterEach, describe, expect, test } from "vitest";
import { apiOptions, GRANT, openWorld, REQUEST, tokenOf, type World } from "../../test/kit/api-services.ts";
import { GateError } from "../kernel/errors.ts";
import { deny } from "../kernel/result.ts";
import { buildApi, type ApiOptions } from "./server.ts";

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function serve(world: World, more: Partial<ApiOptions> = {}) {
  const failures: unknown[] = [];
  const app = await buildApi({
    ...apiOptions(world.services),
    onFailure: (thrown) => failures.push(thrown),
    ...more,
  });
  opened.push(app);
  const get = (url: string, token = "owner", headers: object = {}) =>
    app.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } });
  const post = (url: string, body: object, token = "owner") =>
    app.inject({ method: "POST", url, body, headers: { authorization: `Bearer ${token}` } });
  return { app, get, post, failures };
}

test.each(["0.0.0.0", "::", "10.0.0.1", "gate.example", "127.evil.example"])("plain HTTP on %s does not start", async (listenHost) => {
  await expect(serve(openWorld(), { listenHost })).rejects.toMatchObject({ code: "bad-config" });
});

test("an error while accepting is reported, and ends nothing", async () => {
  const { app, get, failures } = await serve(openWorld());
  const full = Object.assign(new Error("accept EMFILE"), { code: "EMFILE" });
  app.server.emit("error", full);
  expect(failures).toEqual([full]);
  expect((await get("/v1/status")).statusCode).toBe(200);
});

test("a path that cannot be read gets the same form and headers as every other refusal, and is not repeated", async () => {
  const { get } = await serve(openWorld());
  for (const path of ["/v1/requests/%E0%A4%A", `/v1/requests/${"a".repeat(5000)}`]) {
    const answer = await get(path);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers).toMatchObject({ "content-type": "application/problem+json", "x-content-type-options": "nosniff" });
    expect(answer.body).not.toContain("aaaa");
    expect(answer.body).not.toContain("%A");
  }
});

describe("problem documents", () => {
  test("a path that is not there, a body that is too large, not JSON, of another type, or where none belongs", async () => {
    const { app, get, post } = await serve(openWorld());
    const locks = { method: "POST", url: "/v1/locks" } as const;
    const headers = { authorization: "Bearer owner" };
    const answers = [
      await get("/v1/nothing"),
      await app.inject({ method: "OPTIONS", url: "/v1/status", headers: { origin: "https://evil.example" } }),
      await post("/v1/locks", { subject: { kind: "gate" }, reason: "x".repeat(1024 * 1024) }),
      await app.inject({ ...locks, headers: { ...headers, "content-type": "application/json" }, body: "{" }),
      await app.inject({ ...locks, headers: { ...headers, "content-type": "text/plain" }, body: "x" }),
      await app.inject({ ...locks, headers: { ...headers, "content-type": "application/json" }, body: '{"__proto__":{"x":1}}' }),
      await post("/v1/logout", { a: 1 }),
      await get("/v1/status?verbose=1"),
      await get("/v1/audit/tile/../../../etc/passwd"),
      await get("/v1/audit/tile/0%2F..%2F..%2Fx"),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 403, 413, 400, 400, 400, 400, 400, 404, 400]);
    for (const answer of answers) {
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
      expect(answer.json()).toMatchObject({
        type: expect.stringMatching(/^urn:sallyport:problem:/),
        status: answer.statusCode,
        next: expect.any(String),
      });
      expect(answer.json()).toMatchObject({ instance: `urn:sallyport:request:${String(answer.headers["request-id"])}` });
    }
  });

  test("all that is wrong with an input, with its place, without its value", async () => {
    const world = openWorld();
    const { post } = await serve(world);
    const answer = await post("/v1/password", { old: "", new: 5, hunter2: "hunter2-value" });
    expect(answer.json()).toMatchObject({ status: 400, code: "bad-request" });
    expect(answer.json<{ errors: { at: string }[] }>().errors.map(({ at }) => at)).toEqual(["body.old", "body.new", "body"]);
    expect(answer.body).not.toContain("hunter2-value");
    expect(world.happened).toEqual([]);
  });

  test("a denial keeps its code, rule and next step", async () => {
    const world = openWorld();
    Object.assign(world.services.access, {
      request: async () => deny("no-rule", { detail: 'role "root"', rule: "none", next: "sallyport why" }),
    });
    const { post } = await serve(world);
    const answer = await post("/v1/requests", { reason: "r", role: "root", targets: ["web-1.prod"] });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: "no-rule", detail: 'role "root"', rule: "none", next: "sallyport why" });
  });

  test("an unexpected failure says nothing about itself, and reaches the gate's log", async () => {
    const world = openWorld();
    const secret = new Error("password hunter2 in SQL");
    Object.assign(world.services.users, { listUsers: () => Promise.reject(secret) });
    const { get, failures } = await serve(world);
    const answer = await get("/v1/users");
    expect(answer.json()).toMatchObject({ status: 500, code: "internal" });
    expect(answer.body).not.toContain("hunter2");
    expect(failures).toEqual([secret]);
  });

  test("the log that cannot take a record refuses what it would have recorded", async () => {
    const world = openWorld();
    Object.assign(world.services.audit, { append: () => Promise.reject(new GateError("log-unavailable")) });
    const { get } = await serve(world);
    const answer = await get("/v1/sessions/s-0000000000/recording");
    expect(answer.json()).toMatchObject({ status: 503, code: "log-unavailable" });
  });
});

test("what is not in the contract does not leave, even where a service hands it over", async () => {
  const world = openWorld();
  const user = { name: "bob", type: "human", createdAt: 1, hasPassword: true, passwordHash: "$argon2id$secret" };
  Object.assign(world.services.users, { listUsers: async () => [user] });
  const { get } = await serve(world);
  const answer = await get("/v1/users");
  expect(answer.json()).toMatchObject({ users: [{ name: "bob" }] });
  expect(answer.body).not.toContain("argon2id");
});

test("an answer that differs from the contract is not sent", async () => {
  const world = openWorld();
  Object.assign(world.services.users, { listUsers: async () => [{ name: "bob", createdAt: "yesterday" }] });
  const { get, failures } = await serve(world);
  expect((await get("/v1/users")).statusCode).toBe(500);
  expect(failures).toHaveLength(1);
});

test("every answer carries the headers that keep a browser out", async () => {
  const { get } = await serve(openWorld());
  expect((await get("/health")).headers).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
});

test.each([
  ["evil.example", 421],
  ["127.0.0.1.evil.example", 421],
  ["localhost@evil.example", 421],
  ["gate.example:7700", 200],
  ["GATE.example", 200],
  ["[::1]:7700", 200],
  ["127.0.0.1:1", 200],
])("Host %s → %i", async (host, status) => {
  const { get } = await serve(openWorld(), { publicUrl: "https://gate.example:7700" });
  expect((await get("/health", "owner", { host })).statusCode).toBe(status);
});

test("one token's share is not another's, and without a token it is the address's", async () => {
  const { get } = await serve(openWorld(), { rates: { token: 3, address: 2 } });
  const status = async (token: string) => (await get("/health", token)).statusCode;
  expect([await status("owner"), await status("owner"), await status("owner"), await status("owner")]).toEqual([200, 200, 200, 429]);
  expect(await status("on-call")).toBe(200);
  // Guessed tokens do not each bring a share of their own.
  expect([await status("guess-1"), await status("guess-2"), await status("guess-3")]).toEqual([200, 200, 429]);
  const limited = await get("/nowhere", "guess-4");
  expect(limited.json()).toMatchObject({ code: "rate-limited" });
  expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
});

test("who uses up an address's share keeps nobody behind it from logging in, setting up or resetting a password", async () => {
  const { app, post } = await serve(openWorld(), { rates: { token: 3, address: 2 } });
  const status = async (url: string) => (await app.inject({ url })).statusCode;
  expect([await status("/health"), await status("/health"), await status("/health")]).toEqual([200, 200, 429]);
  const login = { user: "ada", password: "correct horse battery staple" };
  const reset = { user: "ada", secret: "reset-0", password: "correct horse battery staple" };
  const setup = { secret: "setup-0", owner: "ada", publicKey: "ssh-ed25519 AAAA" };
  for (let times = 0; times < 3; times++) {
    expect((await app.inject({ method: "POST", url: "/v1/login", body: login })).statusCode).toBe(200);
    expect((await app.inject({ method: "POST", url: "/v1/password/reset", body: reset })).statusCode).toBe(204);
    expect((await app.inject({ method: "POST", url: "/v1/setup", body: setup })).statusCode).toBe(200);
    // An old token that the client still sends makes no difference.
    expect((await post("/v1/login", login, "expired")).statusCode).toBe(200);
  }
  expect((await app.inject({ method: "POST", url: "/v1/login", body: { ...login, password: "x".repeat(40_000) } })).statusCode).toBe(413);
});

test("an IPv6 machine has one share, whichever of its addresses it uses; IPv4 is itself on a dual-stack socket", async () => {
  const { app } = await serve(openWorld(), { rates: { token: 3, address: 2 } });
  const from = async (remoteAddress: string) => (await app.inject({ url: "/health", remoteAddress })).statusCode;
  expect([await from("2001:db8::1"), await from("2001:db8::2"), await from("2001:db8::3")]).toEqual([200, 200, 429]);
  expect(await from("2001:db8:0:1::1")).toBe(200);
  expect([await from("192.0.2.1"), await from("::ffff:192.0.2.1"), await from("192.0.2.1"), await from("192.0.2.2")]).toEqual([
    200, 200, 429, 200,
  ]);
});

describe("locks", () => {
  const lockOf = (subject: World["locks"][number]["subject"]): World["locks"][number] =>
    ({ id: "lock-1111111111", subject, reason: "r", by: "gate", createdAt: 1 }) as World["locks"][number];

  test("a mistyped name locks nobody, and is not answered as if it had", async () => {
    const world = openWorld();
    const { post } = await serve(world);
    const lock = async (kind: string, name: string) =>
      (await post("/v1/locks", { subject: { kind, name }, reason: "laptop stolen" })).json();
    expect(await lock("principal", "bbo")).toMatchObject({ code: "not-found", detail: 'principal "bbo"; did you mean "bob"?' });
    expect(await lock("group", "owner")).toMatchObject({ code: "not-found", detail: expect.stringContaining('"owners"') as string });
    expect(await lock("target", "web-1.prd")).toMatchObject({
      code: "not-found",
      detail: expect.stringContaining('"web-1.prod"') as string,
    });
    expect(await lock("principal", "web-1.prod")).toMatchObject({ code: "not-found" });
    expect(world.happened).toEqual([]);
    for (const [kind, name] of [
      ["principal", "bob"],
      ["group", "owners"],
      ["target", "web-1.prod"],
    ] as const)
      expect(await lock(kind, name)).toMatchObject({ id: expect.any(String) as string });
  });

  test.each([
    ["half a character in words", "/v1/locks", { subject: { kind: "gate" }, reason: "\ud800" }],
    ["half a character in a key's comment", "/v1/users/bob/keys", { publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI a\udfffb" }],
    ["a time that is no date", "/v1/locks", { subject: { kind: "gate" }, reason: "x", until: Number.MAX_SAFE_INTEGER }],
    ["an address without end", "/v1/hosts/scan", { address: "a".repeat(301) }],
  ])("%s is not valid, and reaches no log", async (_what, url, body) => {
    const world = openWorld();
    const { post, failures } = await serve(world);
    expect((await post(url, body)).json()).toMatchObject({ status: 400, code: "bad-request" });
    expect([world.happened, failures]).toEqual([[], []]);
  });

  test("who is locked may look why and leave, and nothing else", async () => {
    const world = openWorld();
    world.locks.push(lockOf({ kind: "principal", name: "bob" }));
    const { get, post } = await serve(world);
    const refused = await get("/v1/grants", "on-call");
    expect(refused.json()).toMatchObject({ status: 403, code: "locked", rule: "lock-1111111111" });
    expect((await post("/v1/requests/req-0000000000/cancel", { reason: "x" }, "on-call")).statusCode).toBe(403);
    const status = await get("/v1/status", "on-call");
    expect(status.json()).toMatchObject({ locks: [{ id: "lock-1111111111", reason: "r" }] });
    expect(world.happened).toEqual([]);
  });

  test("a locked gate lets owners act and the others read", async () => {
    const world = openWorld();
    world.locks.push(lockOf({ kind: "gate" }));
    const { get, post } = await serve(world);
    expect((await get("/v1/grants", "on-call")).statusCode).toBe(200);
    expect((await post("/v1/requests/req-0000000000/cancel", { reason: "x" }, "on-call")).json()).toMatchObject({ code: "gate-locked" });
    expect((await post("/v1/locks/lock-1111111111/lift", { reason: "looked at" }, "owner")).statusCode).toBe(204);
  });
});

describe("one's own and others'", () => {
  test("a person sees and gives back their own, and is told nothing of others'", async () => {
    const world = openWorld();
    const { get, post } = await serve(world);
    expect((await get(`/v1/grants/${GRANT.id}`, "on-call")).json()).toMatchObject({ id: GRANT.id, remainingMs: 30_000 });
    expect((await post(`/v1/grants/${GRANT.id}/revoke`, { reason: "done" }, "on-call")).statusCode).toBe(200);
    expect((await get("/v1/sessions/s-0000000000/recording", "on-call")).statusCode).toBe(200);
    const [theirs, missing] = [await get(`/v1/grants/${GRANT.id}`, "nobody"), await get("/v1/grants/gr-1111111111", "nobody")];
    expect([theirs.statusCode, missing.statusCode]).toEqual([404, 404]);
    expect(theirs.json()).toMatchObject({ title: missing.json<{ title: string }>().title });
    expect((await get("/v1/grants", "nobody")).json()).toEqual({ grants: [] });
    expect((await get("/v1/requests", "nobody")).json()).toEqual({ requests: [] });
    expect((await get("/v1/grants?all=true", "nobody")).statusCode).toBe(403);
    expect((await get("/v1/sessions?principal=bob", "nobody")).statusCode).toBe(403);
  });

  test("an approver sees what waits for them, also without a permission on the gate", async () => {
    const world = openWorld();
    Object.assign(world.services.login, { effectivePermissions: () => new Set() });
    const { get } = await serve(world);
    expect((await get("/v1/requests?toApprove=true", "owner")).json()).toMatchObject({ requests: [{ id: REQUEST.id, mayApprove: true }] });
    expect((await get("/v1/status", "owner")).json()).toMatchObject({
      toApprove: [{ id: REQUEST.id }],
      holds: [],
      toDecide: [{ what: "delete from orders", mayDecide: true }],
      toModerate: [{ moderation: { present: [], mayModerate: true } }],
    });
    expect((await get("/v1/status", "on-call")).json()).toMatchObject({
      holds: [{ what: "delete from orders" }],
      toDecide: [],
      toModerate: [],
    });
    expect((await get("/v1/requests?toApprove=true", "on-call")).json()).toEqual({ requests: [] });
  });

  test("a token's scopes cut down what its owner holds", async () => {
    const { get, post } = await serve(openWorld());
    expect((await get("/v1/audit/events", "audit-only")).statusCode).toBe(200);
    expect((await get("/v1/users", "audit-only")).statusCode).toBe(403);
    // A leaked narrow token makes no wider one, no key, no certificate, and approves nothing.
    expect((await post("/v1/tokens", { name: "t", scopes: ["all"], ttlMs: 60_000 }, "self-only")).statusCode).toBe(403);
    expect((await post(`/v1/requests/${REQUEST.id}/approve`, {}, "self-only")).statusCode).toBe(403);
    expect((await get(`/v1/grants/${GRANT.id}`, "self-only")).statusCode).toBe(404);
  });

  test("a personal token registers no key that would outlive it", async () => {
    const world = openWorld();
    const personal = { ...tokenOf("bob", [], ["all"]), credential: "tok-0000000000" };
    world.tokens.set("personal", personal);
    const { post } = await serve(world);
    const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
    expect((await post("/v1/users/bob/keys", { publicKey }, "personal")).json()).toMatchObject({
      code: "not-permitted",
      next: "sallyport login",
    });
    expect(world.happened).toEqual([]);
    expect((await post("/v1/users/bob/keys", { publicKey }, "on-call")).statusCode).toBe(201);
  });

  test("status has the command for each target, and names the grant where several cover it", async () => {
    const world = openWorld();
    const { get } = await serve(world);
    const connect = async () => (await get("/v1/status", "on-call")).json<{ grants: { connect: object[] }[] }>().grants[0]?.connect;
    expect(await connect()).toEqual([
      { target: "web-1.prod", command: "ssh -p 7722 web-1.prod@gate.example" },
      { target: "orders-db", command: "sallyport psql orders-db" },
    ]);
    Object.assign(world.services.access, { listGrants: async () => [GRANT, { ...GRANT, id: "gr-2222222222" }] });
    expect(await connect()).toEqual([
      { target: "web-1.prod", command: "ssh -p 7722 web-1.prod%gr-0000000000@gate.example" },
      { target: "orders-db", command: "sallyport psql --grant gr-0000000000 orders-db" },
    ]);
  });
});

test("a configuration that was refused comes back with every problem and its place", async () => {
  const world = openWorld();
  const problems = [{ at: "roles.debug", message: "unknown key" }];
  Object.assign(world.services.config, { reload: async () => ({ outcome: "refused", problems }) });
  const { app } = await serve(world);
  const answer = await app.inject({ method: "POST", url: "/v1/config/reload", headers: { authorization: "Bearer owner" } });
  expect(answer.json()).toMatchObject({ status: 400, code: "bad-config", errors: problems });
});

test("an export stops at the size the log had when it was asked for, whatever is added meanwhile", async () => {
  const world = openWorld();
  let size = 1_200;
  Object.assign(world.services.audit, {
    head: () => ({ size, lastTime: 0 }),
    query: async ({ from, to, limit }: { from: number; to: number; limit: number }) => {
      size += 1_000;
      const count = Math.max(0, Math.min(limit, to - from));
      return Array.from({ length: count }, (_, index) => ({ seq: from + index, time: 1, kind: "gate.started", body: {} }));
    },
  });
  const { get } = await serve(world);
  const lines = (await get("/v1/audit/export?from=100")).body.trimEnd().split("\n");
  expect(lines).toHaveLength(1_100);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ seq: 1_199 });
  expect(world.log).toMatchObject([{ kind: "audit.exported", principal: "ada", body: { count: 1_100 } }]);
});
