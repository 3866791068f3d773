/** Whoever sends a body and does not go on is not waited for: a connection costs its sender something, or it is closed. */
import { connect, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildHandlers } from "../../src/api/handlers.ts";
import { buildApi } from "../../src/api/server.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { deny } from "../../src/kernel/result.ts";
import { openWorld } from "../kit/api-services.ts";
import { until } from "../kit/until.ts";

const BODY_MS = 400;

let app: Awaited<ReturnType<typeof buildApi>>;
let port: number;
/** Bytes of uploads that arrived. */
let taken = 0;
const sockets: Socket[] = [];

beforeAll(async () => {
  const { services } = openWorld();
  const { files } = services;
  const upload: typeof files.upload = async (_visitor, { path }, content) => {
    if (path.toString().endsWith("refused")) return deny("role-denies");
    const before = taken;
    for await (const bytes of content) taken += bytes.length;
    return { path, size: taken - before, sha256: "0".repeat(64) };
  };
  app = await buildApi({
    handlers: buildHandlers({ ...services, files: Object.assign(Object.create(files) as typeof files, { upload }) }, systemRandom).handlers,
    guard: services.login,
    locks: services.locks,
    random: systemRandom,
    listenHost: "127.0.0.1",
    publicUrl: "http://localhost:7700",
    bodyMs: BODY_MS,
    onFailure: () => undefined,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = app.server.address() as AddressInfo);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => app.close());

/** `length`: of the body that is promised. */
function send(path: string, type: string, length: number, token = "owner") {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  let answer = "";
  let isClosed = false;
  socket.on("data", (bytes: Buffer) => (answer += bytes.toString("latin1")));
  socket.on("error", () => undefined);
  socket.once("close", () => (isClosed = true));
  const head = [`POST ${path} HTTP/1.1`, `host: localhost:${port}`, `authorization: Bearer ${token}`, `content-type: ${type}`];
  socket.write(`${[...head, `content-length: ${length}`].join("\r\n")}\r\n\r\n`);
  return { socket, answer: () => answer, isClosed: () => isClosed };
}

test.each(["/v1/login", "/v1/locks"])("%s: a body that comes a little at a time has its time as a whole", async (path) => {
  const { socket, answer, isClosed } = send(path, "application/json", 1_000);
  const drip = setInterval(() => !socket.destroyed && socket.write(" "), BODY_MS / 8);
  await until(isClosed);
  clearInterval(drip);
  expect(answer()).not.toContain(" 200 ");
});

test("an upload goes on for as long as its bytes come, and no longer", async () => {
  const path = "/v1/targets/web-1/files/content?path=%2Ftmp%2Fx";
  const slow = send(path, "application/octet-stream", 8);
  for (let sent = 0; sent < 8; sent += 1) {
    slow.socket.write("x");
    await delay(BODY_MS / 4);
  }
  await until(() => slow.answer() !== "");
  expect(slow.answer()).toMatch(/^HTTP\/1\.1 20[01] /);
  const stalled = send(path, "application/octet-stream", 8);
  stalled.socket.write("xx");
  await until(stalled.isClosed);
  expect(stalled.answer()).not.toMatch(/^HTTP\/1\.1 20/);
});

test("an upload that is refused before it has come is taken to its end, and its connection goes on", async () => {
  // Browsers hear the answer only then.
  const large = 8_000_000;
  const refused = send("/v1/targets/web-1/files/content?path=%2Ftmp%2Frefused", "application/octet-stream", large);
  await until(() => refused.answer() !== "");
  expect(refused.answer()).toMatch(/^HTTP\/1\.1 403 /);
  const written = new Promise((resolve) => refused.socket.write(Buffer.alloc(large), resolve));
  await written;
  const before = refused.answer().length;
  refused.socket.write(`GET /health HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`);
  await until(() => refused.answer().length > before);
  expect(refused.answer().slice(before)).toMatch(/^HTTP\/1\.1 200 /);
});

test.each(["/v1/targets/web-1/files/content?path=%2Ftmp%2Fx", "/v1/locks", "/v1/nothing"])(
  "%s: of nobody's body the rest has its time, and then the connection ends",
  async (path) => {
    const { socket, answer, isClosed } = send(path, "application/octet-stream", 8_000, "nobody's");
    await until(() => answer() !== "");
    expect(answer()).toMatch(/^HTTP\/1\.1 40[014] /);
    await until(() => {
      socket.write("x");
      return isClosed();
    });
  },
);
