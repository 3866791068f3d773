import { createServer } from "node:net";

/** The port wanted when nothing listens on it here, another one otherwise. Loopback only. */
export async function takePort(wanted: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (wanted !== 0 && !taken.has(wanted) && (await tryPort(wanted)) !== undefined) return wanted;
  for (;;) {
    const port = await tryPort(0);
    if (port === undefined) throw new Error("no port is free on 127.0.0.1");
    if (!taken.has(port)) return port;
  }
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });
}
