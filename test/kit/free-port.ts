import { createServer } from "node:net";

/** Below those that Linux gives to whoever connects somewhere. */
const FIRST = 20_000;
const EACH = 2_000;
const WORKERS = 6;

/** Each process that runs tests has a part of them, and gives none twice before it has given all. */
const base = FIRST + (Number(process.env["VITEST_POOL_ID"] ?? 0) % WORKERS) * EACH;
let next = Math.floor(Math.random() * EACH);

/** A port of the loopback that nothing listens on at this moment. */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried += 1) {
    const port = base + (next % EACH);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
