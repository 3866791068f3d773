import type { Command } from "commander";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { findSessionId } from "../find-id.ts";
import { family, verb } from "../verb.ts";
import { readStatements } from "../replay/replay-statements.ts";
import { countNamed } from "../replay/statements.ts";
import { sessionFacts, sessionTable, type SessionView } from "../views.ts";

interface ListOptions {
  readonly all?: true;
  readonly live?: true;
  readonly principal?: string;
  readonly target?: string;
  readonly grant?: string;
  readonly limit: string;
}

/** Events looked through for what `show` counts. */
const COUNTED = 20_000;

interface StatementCounts {
  readonly statements: number;
  readonly refused: number;
  readonly failed: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly tables: Readonly<Record<string, number>>;
}

/** Who may see the session and not what was done in it is shown the session. */
async function statementCounts(client: Client, session: SessionView): Promise<StatementCounts | undefined> {
  const entries = await readStatements(client, session, COUNTED).catch((error: unknown) => {
    if (error instanceof GateError && error.code === "not-found") return undefined;
    throw error;
  });
  return (
    entries && {
      statements: entries.length,
      refused: entries.filter(({ refused }) => refused !== undefined).length,
      failed: entries.filter(({ outcome }) => outcome?.["sqlstate"] !== undefined).length,
      classes: Object.fromEntries(countNamed(entries, "classes")),
      tables: Object.fromEntries(countNamed(entries, "relations").slice(0, 20)),
    }
  );
}

function statementFacts(counts: StatementCounts | undefined): readonly (readonly [string, string])[] {
  if (counts === undefined) return [];
  const list = (named: Readonly<Record<string, number>>): string =>
    Object.entries(named)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  const { statements, refused, failed, classes, tables } = counts;
  return [
    ["statements", `${statements} (${refused} refused, ${failed} failed)`],
    ["classes", list(classes)],
    ["tables", list(tables)],
  ];
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
      if (session.protocol !== "postgres") return out.result(session, () => sessionFacts(out, session, at.now()));
      const statements = await statementCounts(client, session);
      out.result({ ...session, ...statements }, () => sessionFacts(out, session, at.now(), statementFacts(statements)));
    },
  );
}
