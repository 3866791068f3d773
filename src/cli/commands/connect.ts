import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { systemRandom } from "../../kernel/random.ts";
import type { Cli } from "../cli.ts";
import { FORMS, jdbcUrlOf, psqlLineOf, shellLinesOf, urlOf, type ConnectionInfo, type Form } from "../connect/connection-info.ts";
import { Connector, type ConnectorEvent } from "../connect/connector.ts";
import { openPortDoor, openSocketDoor, type Door, type SocketDoor } from "../connect/doors.ts";
import { GatePassword, PASSWORD_MS } from "../connect/gate-password.ts";
import { GrantWatch } from "../connect/grant-watch.ts";
import { deriveDoorPassword } from "../connect/local-login.ts";
import { formatDuration } from "../duration.ts";
import { ensureGrant, grantOptions, type GrantOptions } from "../ensure-grant.ts";
import { encodeJson } from "../safe-text.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

interface Options extends GrantOptions {
  readonly database?: string;
  /** A number; `false`: none. */
  readonly port?: number | false;
  /** A folder; `false`: none. */
  readonly socket?: string | false;
  readonly print?: Form;
}

const PASSWORD_BYTES = 24;

export function addConnect(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "connect <target>",
      summary: "Doors on this machine to a database, for graphical clients and programs that connect by themselves",
      details:
        "A socket that nobody but you may open, and a port of the loopback with a password made for this run. Each client that comes in gets a connection of its own through the gate; no client has to know the gate's password. It stays in the foreground until Ctrl-C, or until the grant ends.\n" +
        "Clients name no database to get the target's own; any other is the gate's to allow.",
      examples: [
        ["sallyport connect orders-db", "prints what to paste into psql, DBeaver, pgAdmin or a driver"],
        ["sallyport connect --port 15432 --no-socket orders-db", "always the same port"],
        ["sallyport connect --print jdbc orders-db", "only the URL for Java's clients"],
        ['sallyport connect --reason "Checkout answers 500" --for 30m orders-db', "ask for half an hour first"],
      ],
    },
    (command) =>
      grantOptions(command)
        .option("-d, --database <name>", "another database than the target's own")
        .option("--port <number>", "port of the loopback; a free one unless given", parsePort)
        .option("--no-port", "no port: only the socket")
        .option("--socket <folder>", "folder for the socket; one of yours unless given")
        .option("--no-socket", "no socket: only the port")
        .addOption(new Option("--print <form>", "print only this form").choices(FORMS)),
    async (run) => {
      const { args, options, openGate, out, at } = run;
      const target = args[0] ?? "";
      if (options.port === false && options.socket === false) {
        throw new UsageError("Without a port and without a socket there is nowhere to connect to", "Leave one of the two out");
      }
      const gate = openGate();
      const { grant } = await ensureGrant(run, gate, target);
      const gatePassword = new GatePassword(
        () => gate.client.call("grants.password", { params: { id: grant.id }, body: { target, ttlMs: PASSWORD_MS } }),
        at.now,
      );
      // Before there are doors: what cannot work is said here, and not to each client.
      const access = await gatePassword.get();
      const database = options.database ?? access.database;
      const say = (event: ConnectorEvent): void =>
        out.note(`${lineOf(event)}; ${connector.open} open, ${formatDuration(watch.leftMs)} left`);

      await using opened = new AsyncDisposableStack();
      const connector = new Connector({ gatePassword, database, random: systemRandom, onEvent: say });
      const watch = new GrantWatch(grant, {
        client: gate.client,
        target,
        now: at.now,
        onWarning: (leftMs) => out.note(`the grant ends in ${formatDuration(leftMs)}; \`sallyport extend\` asks for more`),
        onSilence: (reason) => out.note(`the gate does not answer (${reason}); new connections need it`),
      });
      const password = systemRandom.bytes(PASSWORD_BYTES).toString("base64url");
      const doorPassword = await deriveDoorPassword(password, systemRandom);
      let port: Door | undefined;
      if (options.port !== false) {
        port = opened.use(await openPortDoor(options.port ?? 0, (client) => void connector.serve(client, doorPassword)));
      }
      let socket: SocketDoor | undefined;
      if (options.socket !== false) {
        const folder =
          options.socket === undefined
            ? folderOf(target, gate.profiles.folder, at.env["XDG_RUNTIME_DIR"])
            : resolve(at.cwd, options.socket);
        socket = opened.use(await openSocketDoor(folder, options.port || undefined, (client) => void connector.serve(client, undefined)));
      }
      // The doors close when nobody is inside any more: who is, goes first.
      opened.use(connector);
      const info: ConnectionInfo = {
        user: grant.principal,
        database,
        ...(socket && { socket: { folder: socket.folder, port: socket.port } }),
        ...(port && { loopback: { host: "127.0.0.1", port: port.port, password } }),
      };
      print(run, info, { target, grant: grant.id, role: grant.role });
      out.note(`${grant.role} on ${target}, ${formatDuration(watch.leftMs)} left (${grant.id}). Ctrl-C ends it.`);
      await untilStopped((signal) => watch.run(grant.id, signal));
    },
  );
}

function print({ options, out }: Parameters<Parameters<typeof verb<Options>>[4]>[0], info: ConnectionInfo, about: object): void {
  const { user, database, socket, loopback } = info;
  const everything = { ...about, ...info, url: urlOf(info), ...(loopback && { jdbc: jdbcUrlOf(info) }), psql: psqlLineOf(info) };
  switch (options.print) {
    case "url":
      return out.raw(`${urlOf(info)}\n`);
    case "jdbc":
      return out.raw(`${jdbcUrlOf(info)}\n`);
    case "env":
      return out.raw(shellLinesOf(info));
    case "json":
      return out.raw(`${encodeJson(everything, 2)}\n`);
    default:
      return out.result(everything, () =>
        out.facts([
          ["psql", psqlLineOf(info)],
          ["socket", socket && `${socket.folder} (port ${socket.port})`],
          ["host", loopback?.host],
          ["port", loopback?.port],
          ["user", user],
          ["database", database],
          ["password", loopback?.password],
          ["url", urlOf(info)],
        ]),
      );
  }
}

function lineOf(event: ConnectorEvent): string {
  switch (event.kind) {
    case "opened":
      return `connection ${event.number} of ${event.application} to ${event.database} is open`;
    case "closed":
      return `connection ${event.number} is closed`;
    case "refused":
      return `a connection was refused: ${event.reason}`;
  }
}

/** The system's folder for this login where there is one, which is gone after it; else beside the profiles. */
function folderOf(target: string, profiles: string, runtime: string | undefined): string {
  const isThere = runtime !== undefined && statSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere ? join(runtime, "sallyport", target) : join(profiles, "connect", target);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`"${text}" is not a port`, "Give a number from 1 to 65535");
  return port;
}
