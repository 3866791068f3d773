import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { findSessionId } from "../find-id.ts";
import { family, verb } from "../verb.ts";
import { sessionFacts, sessionTable } from "../views.ts";

interface ListOptions {
  readonly all?: true;
  readonly live?: true;
  readonly principal?: string;
  readonly target?: string;
  readonly grant?: string;
  readonly limit: string;
}

export function addSessions(program: Command, cli: Cli): void {
  const sessions = family(program, "sessions", "See sessions, live and past");

  verb<ListOptions>(
    cli,
    sessions,
    {
      usage: "list",
      isDefault: true,
      summary: "Your sessions, or everybody's",
      examples: [
        ["sallyport sessions --live --all", "who is in production now"],
        ["sallyport sessions --all --target web-1.prod", "who was on a target"],
      ],
    },
    (command) =>
      command
        .option("-a, --all", "everybody's (needs session.read)")
        .option("-l, --live", "only those that last")
        .option("--principal <name>", "of this person")
        .option("-t, --target <name>", "on this target")
        .option("--grant <id>", "under this grant")
        .option("--limit <n>", "at most this many", "100"),
    async ({ options, openGate, out, at }) => {
      const { client } = openGate();
      const { principal, target, grant, live, all } = options;
      const answer = await client.call("sessions.list", {
        query: {
          ...(live && { live }),
          ...(principal !== undefined && { principal }),
          ...(target !== undefined && { target }),
          ...(grant !== undefined && { grant }),
          all: all ?? false,
          limit: Number(options.limit),
        },
      });
      out.result(answer, () => sessionTable(out, answer.sessions, at.now()));
    },
  );

  verb(
    cli,
    sessions,
    {
      usage: "show <session>",
      summary: "One session",
      examples: [["sallyport sessions show s-9qz", "who, where, under which grant, how it ended"]],
    },
    () => undefined,
    async ({ args, openGate, out, at }) => {
      const { client } = openGate();
      const session = await client.call("sessions.show", { params: { id: await findSessionId(client, args[0] ?? "") } });
      out.result(session, () => sessionFacts(out, session, at.now()));
    },
  );
}
