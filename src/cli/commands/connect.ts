import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { systemRandom } from "../../kernel/random.ts";
import type { Cli, Environment } from "../cli.ts";
import { connectByCertificate } from "../connect/by-certificate.ts";
import { FORMS, jdbcUrlOf, psqlLineOf, shellLinesOf, urlOf, type ConnectionInfo, type Form } from "../connect/connection-info.ts";
import { Connector, type ConnectorEvent } from "../connect/connector.ts";
import { GatePassword, PASSWORD_MS } from "../connect/gate-password.ts";
import { GrantWatch } from "../connect/grant-watch.ts";
import { removeLeftBehind } from "../connect/left-behind.ts";
import { openDoors } from "../connect/open-doors.ts";
import { formatDuration } from "../duration.ts";
import { ensureAccess, grantOptions, waitOption, type GrantOptions, type WaitOption } from "../ensure-grant.ts";
import { fetchPassword } from "../fetch-access.ts";
import { encodeJson, safeLine } from "../safe-text.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";
import { verb, type Run } from "../verb.ts";

interface Options extends GrantOptions, WaitOption {
  readonly database?: string;
  /** A number; `false`: none. */
  readonly port?: number | false;
  /** A folder; `false`: none. */
  readonly socket?: string | false;
  /** A folder; with it there are neither port nor socket. */
  readonly certificate?: string;
  readonly print?: Form;
}

const LAST_WORDS_MS = 2000;

export function addConnect(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "connect <target>",
      summary: "Doors on this machine to a database, for graphical clients and programs that connect by themselves",
      details:
        "A socket that nobody but you may open, and a port of the loopback with a password made for this run. Each client that comes in gets a connection of its own through the gate; no client has to know the gate's password. It stays in the foreground until Ctrl-C, or until the grant ends.\n" +
        "Clients name no database to get the target's own; any other is the gate's to allow.\n" +
        "With --certificate there are no doors: clients connect to the gate itself, by TLS, and show a certificate in place of a password. Its key is made here and stays here; it is valid for minutes, renewed while this runs, and the files are removed at the end.",
      examples: [
        ["sallyport connect orders-db", "prints what to paste into psql, DBeaver, pgAdmin or a driver"],
        ["sallyport connect --port 15432 --no-socket orders-db", "always the same port"],
        ["sallyport connect --print jdbc orders-db", "only the URL for Java's clients"],
        [
          "sallyport connect --certificate ~/orders-db orders-db",
          "ca.crt, client.crt, client.key and client.pk8, for DBeaver, pgAdmin or a driver",
        ],
        ['sallyport connect --wait --reason "Checkout answers 500" orders-db', "doors now; who comes in is held until somebody approves"],
        ['sallyport connect --reason "Checkout answers 500" --for 30m orders-db', "ask for half an hour first"],
      ],
    },
    (command) =>
      waitOption(grantOptions(command))
        .option("-d, --database <name>", "another database than the target's own")
        .option("--port <number>", "port of the loopback; a free one unless given", parsePort)
        .option("--no-port", "no port: only the socket")
        .option("--socket <folder>", "folder for the socket; one of yours unless given")
        .option("--no-socket", "no socket: only the port")
        .option("--certificate <folder>", "no doors: files of a client certificate, in this folder")
        .addOption(new Option("--print <form>", "print only this form").choices(FORMS)),
    async (run) => {
      const { args, options, openGate, out, at } = run;
      const target = args[0] ?? "";
      if (options.port === false && options.socket === false) {
        throw new UsageError("Without a port and without a socket there is nowhere to connect to", "Leave one of the two out");
      }
      if (options.certificate !== undefined && (options.port !== undefined || options.socket !== undefined)) {
        throw new UsageError("With --certificate there are no doors", "Leave --port and --socket out");
      }
      const gate = openGate();
      for (const folder of removeLeftBehind(gate.profiles.folder))
        out.note(`Removed from ${folder} what a killed \`sallyport connect\` had left.`);
      const held = await ensureAccess(run, gate, { target, kind: "postgres" });
      const watch = new GrantWatch({
        client: gate.client,
        target,
        now: at.now,
        onStart: ({ id, role, remainingMs }) =>
          out.note(`${role} on ${target}, ${formatDuration(remainingMs)} left (${id}). Ctrl-C ends it.`),
        onWarning: (leftMs) => out.note(`the grant ends in ${formatDuration(leftMs)}; \`sallyport extend\` asks for more`),
        onSilence: (reason) => out.note(`the gate does not answer (${reason}); new connections need it`),
      });
      if (options.certificate !== undefined) {
        const { database, print: form } = options;
        const folder = resolve(at.cwd, options.certificate);
        return await connectByCertificate(out, { gate, held, target, folder, database, form, watch });
      }
      const gatePassword = new GatePassword(() => fetchPassword(gate.client, held, { target, ttlMs: PASSWORD_MS }), at.now);
      // Before there are doors: what cannot work is said here, and not to each client.
      const access = await gatePassword.get();
      const connector: Connector = new Connector({
        gatePassword,
        database: options.database ?? access.database,
        random: systemRandom,
        onEvent: (event) => out.note(`${lineOf(event)}; ${connector.open} open, ${leftOf(watch)}`),
      });
      const folder = typeof options.socket === "string" ? resolve(at.cwd, options.socket) : folderOf(target, gate.profiles.folder, at.env);
      await using doors = await openDoors(
        connector,
        {
          ...(options.port !== false && { port: options.port ?? 0 }),
          ...(options.socket !== false && { folder }),
        },
        systemRandom,
      );
      // The doors close when nobody is inside any more: who is, goes first.
      using _clients = connector;
      const { socket, loopback } = doors;
      const { id, role, user } = held.grant
        ? { ...held.grant, user: held.grant.principal }
        : { ...held.request, user: held.request.requester };
      const info = { user, database: options.database ?? access.database, ...(socket && { socket }), ...(loopback && { loopback }) };
      print(run, info, { target, role, [held.grant ? "grant" : "request"]: id });
      try {
        await untilStopped((signal) => watch.run(held, signal));
      } catch (error) {
        // It is over: the gate tells each client why, within a second.
        await connector.idle(LAST_WORDS_MS);
        throw error;
      }
    },
  );
}

function print({ options, out }: Run<Options>, info: ConnectionInfo, about: object): void {
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

function leftOf({ leftMs }: GrantWatch): string {
  return leftMs === undefined ? "not approved yet" : `${formatDuration(leftMs)} left`;
}

function lineOf(event: ConnectorEvent): string {
  switch (event.kind) {
    case "opened":
      return `connection ${event.number} of ${safeLine(event.application)} to ${safeLine(event.database)} is open`;
    case "closed":
      return `connection ${event.number} is closed`;
    case "refused":
      return `a connection was refused: ${event.reason}`;
  }
}

/** The system's folder for this login where there is one, which is gone after it; else beside the profiles. */
function folderOf(target: string, profiles: string, { XDG_RUNTIME_DIR: runtime }: Environment): string {
  const isThere = runtime !== undefined && statSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere ? join(runtime, "sallyport", target) : join(profiles, "connect", target);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`"${text}" is not a port`, "Give a number from 1 to 65535");
  return port;
}
