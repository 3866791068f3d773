/**
 * A host of the demo for machines without sshd: our own SSH server over a dozen commands and files in memory. It says
 * of itself that it is simulated. Like a real one behind the gate it takes nothing but certificates of the access
 * authority, from their source address, for its account.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Channel } from "../../wire/ssh/connection/channel.ts";
import { ConnectionEndpoint, type SessionHandler, type StartRequest } from "../../wire/ssh/connection/endpoint.ts";
import { ServerAuth } from "../../wire/ssh/auth/server-auth.ts";
import { parseAuthorizedKey } from "../../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../../wire/ssh/keys/verify-certificate.ts";
import { LineEditor } from "../../proxy/ssh/line-editor.ts";
import { CLEANUP_COMMAND } from "../../proxy/ssh/cleanup-script.ts";
import { packetLinkOf, SshLink } from "../../proxy/ssh/ssh-link.ts";
import { FileTree, resolvePath } from "./file-tree.ts";
import type { DemoHost, HostPlan } from "./host.ts";
import { ENOUGH_WORKERS, errorLine, okLine, productionFiles, stamp, workersOf } from "./production.ts";
import type { Outcome, Place } from "./simulated-commands.ts";
import { runLine } from "./simulated-shell.ts";

const HOME = "/srv/checkout";
const HANDSHAKE_TIMEOUT_MS = 10_000;
const FIRST_WAITING = 78;

export async function startSimulatedHost(plan: HostPlan): Promise<DemoHost> {
  const startedAt = Date.now();
  const tree = new FileTree(HOME, productionFiles(plan.name, startedAt));
  const service = setInterval(() => tree.append(`${HOME}/log/checkout.log`, `${payment(tree, startedAt)}\n`), 1000);
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    serve(socket, plan, () => ({ host: plan.name, account: plan.account, home: HOME, cwd: HOME, tree, startedAt }));
  });
  await listen(server, plan.port);
  return {
    name: plan.name,
    kind: "simulated",
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        clearInterval(service);
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function payment(tree: FileTree, startedAt: number): string {
  const workers = workersOf(tree.read(resolvePath(HOME, "etc/checkout.conf")) ?? "");
  const now = Date.now();
  if (workers >= ENOUGH_WORKERS) return okLine(stamp(now), "74");
  return errorLine(stamp(now), String(workers), String(FIRST_WAITING + Math.floor((now - startedAt) / 1000)));
}

function serve(socket: Socket, plan: HostPlan, newPlace: () => Place): void {
  const link = new SshLink(socket, { role: "server", software: "SimulatedHost", hostKeys: [signerFromPrivateKey(plan.key)] });
  const deadline = setTimeout(() => link.destroy(), HANDSHAKE_TIMEOUT_MS);
  const trustedCas = [parseAuthorizedKey(plan.authority).key.blob];
  let endpoint: ConnectionEndpoint | undefined;
  const auth = new ServerAuth(
    link.transport,
    {
      publicKey: async (user, { certificate }) => {
        if (certificate === undefined || user !== plan.account) return { result: "reject" };
        const sourceAddress = socket.remoteAddress;
        const expected = { trustedCas, type: "user", principal: user, now: Date.now() / 1000, sourceAddress } as const;
        return { result: verifyCertificate(certificate, expected).ok ? "accept" : "reject" };
      },
    },
    {
      onAuthenticated: () => {
        clearTimeout(deadline);
        const opened = new ConnectionEndpoint({
          link: packetLinkOf(link),
          openSession: (channel) => simulatedSession(channel, newPlace()),
        });
        link.transport.onPayload = (payload) => {
          if (!opened.receive(payload)) link.transport.replyUnimplemented();
        };
        endpoint = opened;
      },
      onFault: () => link.destroy(),
    },
  );
  link.onEnd = () => {
    clearTimeout(deadline);
    auth.close();
    endpoint?.end();
  };
}

/** One channel: a command, or a shell with line editing. File transfer is not simulated. */
export function simulatedSession(channel: Channel, place: Place): SessionHandler {
  let terminal = false;
  return {
    accept: (request) => {
      if (request.type === "pty-req") terminal = true;
      return request.type !== "subsystem";
    },
    run: async (request) => new SimulatedShell(channel, place, terminal).run(request),
  };
}

class SimulatedShell {
  readonly #channel: Channel;
  readonly #place: Place;
  readonly #terminal: boolean;

  constructor(channel: Channel, place: Place, terminal: boolean) {
    this.#channel = channel;
    this.#place = place;
    this.#terminal = terminal;
  }

  async run(request: StartRequest): Promise<void> {
    const input = upToLineEnds(this.#channel.input[Symbol.asyncIterator]());
    if (request.type === "exec") {
      const command = request.command.toString("utf8");
      // The gate asks after a cut what was left running; there are no processes here.
      const outcome = command === CLEANUP_COMMAND ? await this.#execute("echo done", input) : await this.#execute(command, input);
      return this.#channel.exit(outcome.status);
    }
    if (this.#terminal) await this.#write(`${this.#place.host}: a SIMULATED host, made by the demo; help says what it can do\n`);
    const prompt = (): string => `${this.#place.host}:${this.#place.cwd.replace(HOME, "~")}$ `;
    let status = 0;
    for (;;) {
      const editor = new LineEditor({ terminal: this.#terminal, prompt: prompt(), write: (text) => this.#channel.write(text) });
      const line = await firstLine(editor, input);
      if (line === undefined) break;
      if (line === "") continue;
      const outcome = await this.#execute(line, input);
      ({ status } = outcome);
      if (outcome.leave) break;
    }
    this.#channel.exit(status);
  }

  async #execute(line: string, input: AsyncIterator<Buffer>): Promise<Outcome> {
    const outcome = runLine(line, this.#place);
    if (outcome.out !== "") await this.#write(outcome.out);
    if (outcome.errors !== "") await this.#channel.writeError(this.#shown(outcome.errors));
    if (outcome.follow !== undefined) await this.#follow(outcome.follow, input);
    return outcome;
  }

  /** Until Ctrl-C at a terminal, or the end of the connection. */
  async #follow(path: string, input: AsyncIterator<Buffer>): Promise<void> {
    using _ = this.#place.tree.watch((changed, added) => {
      if (changed === path && !this.#channel.isClosing) this.#write(added).catch(() => undefined);
    });
    for (;;) {
      const next = await input.next();
      if (next.done) return this.#terminal ? undefined : this.#channel.closed;
      if (this.#terminal && next.value.includes(3)) return void (await this.#write("^C\n"));
    }
  }

  #write(text: string): Promise<boolean> {
    return this.#channel.write(this.#shown(text));
  }

  #shown(text: string): string {
    return this.#terminal ? text.replaceAll("\n", "\r\n") : text;
  }
}

/** Chunks that end where lines end: what comes after a line stays for whoever reads next. */
function upToLineEnds(input: AsyncIterator<Buffer>): AsyncIterator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  return {
    next: async () => {
      if (rest.length === 0) {
        const next = await input.next();
        if (next.done) return next;
        rest = next.value;
      }
      const end = rest.findIndex((byte) => byte === 10 || byte === 13) + 1;
      const value = end === 0 ? rest : rest.subarray(0, end);
      rest = rest.subarray(value.length);
      return { done: false, value };
    },
  };
}

/** One line, leaving the input open for what comes after it. */
async function firstLine(editor: LineEditor, input: AsyncIterator<Buffer>): Promise<string | undefined> {
  const held: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => ({ next: () => input.next() }) };
  const lines = editor.lines(held);
  const { value, done } = await lines.next();
  return done ? undefined : value;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
