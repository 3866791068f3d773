/**
 * Where clients of this machine come in: a socket file that nobody else may open, and a port of the loopback.
 *
 * Invariant: the socket file is in a folder that is its owner's alone before the file is there.
 */
import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** sun_path of the smaller systems, without the byte that ends it. */
const MAX_PATH_BYTES = 103;
/** libpq looks for this one when no port is named. */
const USUAL_PORT = 5432;
/** How many connectors to one target there may be at one time. */
const MORE_PORTS = 10;
const LOOPBACK = "127.0.0.1";

export interface Door extends AsyncDisposable {
  readonly port: number;
}

type OnClient = (client: Socket) => void;

/** `folder`/.s.PGSQL.`port`, where libpq looks for it. Without `port`: the usual one, or the next that nobody serves. */
export async function openSocketDoor(folder: string, port: number | undefined, onClient: OnClient): Promise<Door> {
  requirePrivate(folder);
  const first = port ?? USUAL_PORT;
  const last = port ?? USUAL_PORT + MORE_PORTS;
  for (let each = first; each <= last; each += 1) {
    const path = join(folder, `.s.PGSQL.${each}`);
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new UsageError(`"${path}" is too long for a socket`, "Name a folder with a shorter path: --socket FOLDER");
    }
    if (!(await isFree(path))) continue;
    const server = await listen({ path }, onClient);
    chmodSync(path, 0o600);
    return {
      port: each,
      [Symbol.asyncDispose]: async () => {
        // Takes the file away too.
        await close(server);
        removeEmpty(folder);
      },
    };
  }
  throw new UsageError(`"${folder}" has a socket that somebody serves`, "End that `sallyport connect`, or name another --port or --socket");
}

export async function openPortDoor(port: number, onClient: OnClient): Promise<Door & { readonly host: string }> {
  const server = await listen({ host: LOOPBACK, port }, onClient);
  const bound = server.address();
  return {
    host: LOOPBACK,
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** Fails closed: others could put a socket of theirs into a folder they may write to. */
function requirePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const isOwn = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && isOwn && (found.mode & 0o077) === 0) return;
  throw new UsageError(`"${folder}" is not a folder of yours that others cannot enter`, `Run: chmod 700 ${folder}`);
}

/** A socket file without anybody behind it is what a killed process left; it is removed. */
async function isFree(path: string): Promise<boolean> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return true;
  if (!found.isSocket()) throw new UsageError(`"${path}" is in the way`, "Look at what it is, and move it");
  const isServed = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => resolve(true));
    probe.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
    probe.on("connect", () => probe.destroy());
  });
  if (!isServed) rmSync(path, { force: true });
  return !isServed;
}

function listen(where: { readonly path: string } | { readonly host: string; readonly port: number }, onClient: OnClient): Promise<Server> {
  const server = createServer({ noDelay: true, pauseOnConnect: true }, onClient);
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const name = "path" in where ? where.path : `${where.host}:${where.port}`;
      const why = error.code === "EADDRINUSE" ? "another program has it" : (error.code ?? error.message);
      const next = "path" in where ? "Name another folder: --socket FOLDER" : "Name another port, or leave --port out for a free one";
      reject(new UsageError(`Cannot listen on "${name}": ${why}`, next));
    });
    server.listen(where, () => {
      // Later ones are about accepting, as when no file descriptors are left: it goes on.
      server.removeAllListeners("error").on("error", () => undefined);
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another connector's socket is in it.
  }
}
