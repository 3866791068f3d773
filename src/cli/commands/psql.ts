import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { removeLeftBehind } from "../connect/left-behind.ts";
import { ensureAccess, grantOptions, waitOption, type GrantOptions, type WaitOption } from "../ensure-grant.ts";
import { fetchPassword } from "../fetch-access.ts";
import { installLine, isInstalled, runInForeground } from "../run-program.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

interface Options extends GrantOptions, WaitOption {
  readonly database?: string;
  readonly print?: true;
}

/** Long enough for psql to log in with; a password that is printed lives as long as the gate lets it. */
const LOGIN_MS = 60_000;

/** What psql has none of by this name: behind the target it would be psql's to refuse, after access had been asked for. */
const OWN_OPTIONS: ReadonlySet<string> = new Set([
  "--role",
  "--grant",
  "--for",
  "--reason",
  "--ticket",
  "--break-glass",
  "--no-request",
  "--wait",
  "--print",
  "--profile",
]);

export function addPsql(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "psql <target> [arguments...]",
      summary: "Connect with your own psql; asks for access first when you hold none",
      details:
        "Options come before the target; what follows it goes to psql. The exit status is psql's. The password is made for this connection, lives for a minute, and goes to psql by its environment.\n" +
        "--print is for other programs: where to connect, as whom, and a password of at most half an hour.",
      examples: [
        ["sallyport psql orders-db", "a prompt; without a grant it asks why, and waits for the approval"],
        ['sallyport psql orders-db -c "select count(*) from orders"', "one statement"],
        ["sallyport psql --database billing orders-db", "another database of the same server"],
        ['sallyport psql --wait --reason "Checkout answers 500" orders-db', "psql starts now, and is let in once somebody approves"],
        ["sallyport psql --print orders-db", "what a driver or a graphical client needs"],
      ],
    },
    (command) =>
      waitOption(grantOptions(command.passThroughOptions()))
        .option("-d, --database <name>", "another database than the target's own")
        .option("--print", "do not connect: print where, as whom, and a password"),
    async (run) => {
      const { args, rest, options, openGate, out, at } = run;
      const target = args[0] ?? "";
      requireBefore(target, rest);
      if (!options.print && !isInstalled("psql", at.env)) throw new UsageError("`psql` is not installed here", installLine("psql"));
      const gate = openGate();
      removeLeftBehind(gate.profiles.folder);
      const held = await ensureAccess(run, gate, { target, kind: "postgres" });
      const access = await fetchPassword(gate.client, held, { target, ...(!options.print && { ttlMs: LOGIN_MS }) });
      const { host, port, user, password, tls, expiresAt } = access;
      const database = options.database ?? access.database;
      if (options.print) {
        const secure = tls ? "sslmode=require&channel_binding=require" : "sslmode=disable";
        const url = `postgresql://${encodeURIComponent(user)}:${password}@${host}:${port}/${encodeURIComponent(database)}?${secure}`;
        out.result({ ...access, database, url }, () =>
          out.facts([
            ["host", host],
            ["port", port],
            ["user", user],
            ["database", database],
            ["password", password],
            ["ends", `in ${formatDuration(expiresAt - at.now())}, for new connections; those that are open go on`],
            ["url", url],
          ]),
        );
        return undefined;
      }
      const { grant } = held;
      if (grant) out.note(`${grant.role} on ${target}, ${formatDuration(grant.remainingMs)} left (${grant.id})`);
      const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database, PGPASSWORD: password };
      // Whose certificate it is, SCRAM proves: bound to this connection, by somebody who knows the password too.
      const secure = tls ? { PGSSLMODE: "require", PGCHANNELBINDING: "require" } : { PGSSLMODE: "disable" };
      return await runInForeground("psql", rest, { ...env, ...secure });
    },
  );
}

function requireBefore(target: string, rest: readonly string[]): void {
  const late = rest.find((each) => OWN_OPTIONS.has(each.split("=", 1)[0] ?? ""));
  if (late === undefined) return;
  const name = late.split("=", 1)[0] ?? "";
  throw new UsageError(`Options of sallyport come before the target: ${name}`, `As in \`sallyport psql ${name} … ${target}\``);
}
