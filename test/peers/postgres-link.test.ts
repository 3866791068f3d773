/** The end of a connection to a database, at the kernel's own sockets: what was sent on it is not done after a cut. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls, TLSSocket } from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { BufferPool } from "../../src/kernel/buffer-pool.ts";
import { PostgresLink } from "../../src/proxy/postgres/relay/postgres-link.ts";
import { until } from "../kit/until.ts";
import { selfSigned } from "../kit/self-signed.ts";

const GOODBYE = Buffer.from("goodbye");
const ROWS = Buffer.alloc(1024 * 1024);
const opened: Socket[] = [];
let certificate: { readonly cert: Buffer; readonly key: Buffer };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-link-"));
  await selfSigned(folder);
  certificate = { cert: await readFile(join(folder, "tls.crt")), key: await readFile(join(folder, "tls.key")) };
  await rm(folder, { recursive: true });
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** A link, and the target's side of it, which closes nothing by itself. */
async function openLink(tls: boolean): Promise<{ link: PostgresLink; peer: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const plain = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [raw] = await accepted;
  server.close();
  opened.push(plain, raw);
  if (!tls) return { link: new PostgresLink(plain, new BufferPool()), peer: raw };
  const peer = new TLSSocket(raw, { isServer: true, ...certificate });
  const secured = connectTls({ socket: plain, rejectUnauthorized: false });
  await once(secured, "secureConnect");
  // A login lies here. Node 24 dies of a reset in the very turn in which TLS came about.
  await new Promise(setImmediate);
  return { link: new PostgresLink(secured, new BufferPool(), plain), peer };
}

/** What the peer is told when it goes on: a connection that is only forgotten takes all it says. */
async function toldWhenItGoesOn(peer: Socket): Promise<string> {
  const failed = once(peer, "error", { signal: AbortSignal.timeout(10_000) });
  peer.resume();
  while (!peer.destroyed && peer.write(ROWS)) await delay(5);
  const [error] = (await failed) as [NodeJS.ErrnoException];
  return error.code ?? "";
}

const turn: Record<string, () => Promise<unknown>> = {
  "at once": async () => undefined,
  "before the loop turns": () => new Promise<void>((resolve) => process.nextTick(resolve)),
  "when all is written": () => new Promise(setImmediate),
  "a moment later": () => delay(20),
};
const cases = Object.keys(turn).flatMap((when) => [
  { when, tls: false },
  { when, tls: true },
]);

test.each(cases)("one that was left is reset $when (TLS: $tls)", async ({ when, tls }) => {
  const { link, peer } = await openLink(tls);
  link.start();
  link.leave(GOODBYE);
  await turn[when]?.();
  await link.reset();
  expect(link.socket.destroyed).toBe(true);
  expect(["ECONNRESET", "EPIPE"]).toContain(await toldWhenItGoesOn(peer));
});

test("one that cannot close its half, because its peer takes nothing, is closed all the same", async () => {
  const { link, peer } = await openLink(false);
  link.start();
  link.leave(GOODBYE);
  link.socket.write(Buffer.alloc(32 * ROWS.length));
  await until(() => link.socket.writableEnded);
  await link.reset();
  expect(link.socket.destroyed).toBe(true);
  expect(["ECONNRESET", "EPIPE"]).toContain(await toldWhenItGoesOn(peer));
});
