/** The API over real sockets: our client and curl, TLS, streams that outlive a restart. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { buildHandlers } from "../../src/api/handlers.ts";
import { startApi } from "../../src/api/start.ts";
import { openClient } from "../../src/contract/client.ts";
import type { HoldId, PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { deny } from "../../src/kernel/result.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { AccessRequest } from "../../src/access/model.ts";
import { HOLD, named, openWorld, REQUEST, tokenOf, type World } from "../kit/api-services.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";

const curl = requirePeer("curl", "curl");
const openssl = requirePeer("OpenSSL's command", "openssl");
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
});

async function serve(world: World, more: { port?: number; tls?: { cert: Buffer; key: Buffer } } = {}) {
  const { handlers } = buildHandlers(world.services, systemRandom);
  const failures: unknown[] = [];
  const api = await startApi({
    handlers,
    guard: world.services.login,
    locks: world.services.locks,
    random: systemRandom,
    listenHost: "127.0.0.1",
    publicUrl: "http://localhost:7700",
    port: 0,
    times: { heartbeatMs: 50, recheckMs: 50, drainMs: 1_000 },
    onFailure: (thrown) => failures.push(thrown),
    ...more,
  });
  opened.push(api);
  let count = 0;
  const counting = (async (url: URL, init: RequestInit) => {
    count += 1;
    return await fetch(url, init);
  }) as typeof fetch;
  const client = openClient({ url: `http://127.0.0.1:${api.port}`, token: new Secret("owner"), reconnectMs: 20, fetch: counting });
  return { api, client, failures, asked: () => count };
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

test("a stream gives what is there, each change, and goes on after the gate restarted", async () => {
  const world = openWorld();
  const { api, client } = await serve(world);
  const stop = new AbortController();
  const stream = (await client.call("requests.stream", {}, { signal: stop.signal }))[Symbol.asyncIterator]();
  const next = async () => (await stream.next()).value as { request: { id: string; version: number } } | undefined;
  expect((await next())?.request.version).toBe(1);
  world.change({ ...REQUEST, version: 2 });
  expect((await next())?.request.version).toBe(2);

  await opened.pop()?.[Symbol.asyncDispose]();
  const waiting = next();
  await serve(world, { port: api.port });
  // Another run of the gate: what is there now.
  expect((await waiting)?.request.version).toBe(1);
  world.change({ ...REQUEST, version: 3 });
  expect((await next())?.request.version).toBe(3);
  stop.abort();
  expect(await next()).toBeUndefined();
});

test("a stream ends, with the reason, when its token does", async () => {
  const world = openWorld();
  const { client } = await serve(world);
  const stream = (await client.call("requests.stream"))[Symbol.asyncIterator]();
  await stream.next();
  const end = stream.next();
  const started = performance.now();
  world.tokens.set("owner", deny("token-expired"));
  await expect(end).rejects.toMatchObject({ code: "token-expired" });
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("a stream shows no longer what its listener lost the right to see, without being called again", async () => {
  const world = openWorld();
  const { client, asked } = await serve(world);
  const stop = new AbortController();
  const stream = (await client.call("requests.stream", {}, { signal: stop.signal }))[Symbol.asyncIterator]();
  await stream.next();
  const next = stream.next();
  // No longer an owner: others' requests are not shown any more.
  world.tokens.set("owner", tokenOf("ada", [], ["all"]));
  await vi.waitFor(() => expect(asked()).toBe(2));
  world.change({ ...REQUEST, version: 2 });
  const mine: AccessRequest = { ...REQUEST, requester: named("ada"), version: 3 };
  world.change(mine);
  expect((await next).value).toMatchObject({ request: { version: 3 } });
  stop.abort();
});

test("held actions are told as they come and as they are decided", async () => {
  const world = openWorld();
  const { client } = await serve(world);
  const stop = new AbortController();
  const stream = (await client.call("holds.stream", {}, { signal: stop.signal }))[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ hold: { id: HOLD.id, state: "waiting", mayDecide: true } });
  world.changeHold({ ...HOLD, state: "denied", by: "ada", reason: "No" });
  expect((await stream.next()).value).toMatchObject({ hold: { state: "denied", closedReason: "No", mayDecide: false } });
  stop.abort();
});

test("a held action is told to nobody who may not see it", async () => {
  const world = openWorld();
  world.tokens.set("owner", tokenOf("eve", [], ["all"]));
  const { client } = await serve(world);
  const stop = new AbortController();
  const stream = (await client.call("holds.stream", {}, { signal: stop.signal }))[Symbol.asyncIterator]();
  const next = stream.next();
  const mine = { ...HOLD, principal: named<PrincipalName>("eve"), id: named<HoldId>("hold-1111111111") };
  const told = setInterval(() => {
    world.changeHold({ ...HOLD, what: "delete from secrets" });
    world.changeHold(mine);
  }, 20);
  expect((await next).value).toMatchObject({ hold: { id: mine.id } });
  clearInterval(told);
  stop.abort();
});

test("nobody takes all the streams", async () => {
  const { client } = await serve(openWorld());
  const stop = new AbortController();
  for (let i = 0; i < 32; i++) await (await client.call("requests.stream", {}, { signal: stop.signal }))[Symbol.asyncIterator]().next();
  await expect(client.call("requests.stream")).rejects.toMatchObject({ code: "too-many-connections" });
  stop.abort();
});

test("lines, downloads, bytes and refusals come as the contract says", async () => {
  const world = openWorld();
  const { client } = await serve(world);
  const frames = await all(await client.call("sessions.recording", { params: { id: "s-0000000000" } }));
  expect(frames).toEqual([
    { type: "resize", channel: 1, atUs: 0, info: { cols: 80, rows: 24 } },
    { type: "stdout", channel: 1, atUs: 5, data: "aGk=" },
  ]);
  const sealed = await all(await client.call("audit.recording", { params: { file: "rec-0000000000.rec" } }));
  expect(Buffer.concat(sealed).toString()).toBe("SPREC\0\0\0");
  expect((await client.call("audit.checkpoint")).toString()).toBe("gate/n1\n3\nAAAA\n");
  await expect(client.call("audit.tile", { params: { "*": "0/999" } })).rejects.toMatchObject({ code: "not-found" });
  await expect(client.call("requests.show", { params: { id: "req-1111111111" } })).rejects.toMatchObject({ code: "not-found" });
});

test("a line stream whose source fails is an error, never a short answer", async () => {
  const world = openWorld();
  Object.assign(world.services.recordings, {
    frames: async function* () {
      yield { type: "resize", channel: 1, timeUs: 0, body: { cols: 80, rows: 24 } };
      throw new Error("disk");
    },
  });
  const { client, failures } = await serve(world);
  const lines = await client.call("sessions.recording", { params: { id: "s-0000000000" } });
  await expect(all(lines)).rejects.toMatchObject({ code: "gate-unreachable" });
  expect(failures).toHaveLength(1);
});

test("the gate says that it stops", async () => {
  const { api } = await serve(openWorld());
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/requests/stream`, { headers: { authorization: "Bearer owner" } });
  const text = response.text();
  await opened.pop()?.[Symbol.asyncDispose]();
  expect(await text).toContain('"code":"gate-stopping"');
});

test("a request that never ends holds nobody up", async () => {
  const world = openWorld();
  const { api, client } = await serve(world);
  const socket = connect(api.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n");
  expect((await client.call("health.show")).ok).toBe(true);
  socket.destroy();
});

// oxlint-disable-next-line vitest/valid-title -- it names the programs that are missing
describe.skipIf(curl.missing || openssl.missing)(curl.title(openssl.title("TLS")), () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sallyport-tls-"));
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1", "-nodes"];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const made = await run(openssl.path, [
      "req",
      "-x509",
      ...curve,
      ...subject,
      "-keyout",
      join(folder, "key.pem"),
      "-out",
      join(folder, "cert.pem"),
    ]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("curl with the certificate gets an answer, without it none, and plain HTTP none", async () => {
    const [cert, key] = [await readFile(join(folder, "cert.pem")), await readFile(join(folder, "key.pem"))];
    const { api } = await serve(openWorld(), { tls: { cert, key } });
    const get = (...args: readonly string[]) => run(curl.path, ["--silent", "--show-error", "--include", "--noproxy", "*", ...args]);
    const good = await get("--cacert", join(folder, "cert.pem"), `https://localhost:${api.port}/health`);
    expect(good.stdout.toString()).toMatch(/^HTTP\/1\.1 200/);
    expect(good.stdout.toString().toLowerCase()).toContain("strict-transport-security: max-age=");
    expect(good.stdout.toString()).toContain('{"ok":true}');
    expect((await get(`https://localhost:${api.port}/health`)).status).toBe(60);
    expect((await get(`http://localhost:${api.port}/health`)).stdout.toString()).not.toContain("200");
    const old = await get("--cacert", join(folder, "cert.pem"), "--tls-max", "1.1", `https://localhost:${api.port}/health`);
    expect(old.status).not.toBe(0);
  });
});
