import type { Command } from "commander";
import type { Client } from "../../contract/client.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { findSessionId } from "../find-id.ts";
import { chooseSession, pickSession } from "../pick-id.ts";
import { watchLive } from "../replay/watch-live.ts";
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

/** Freezing and thawing differ in a word. */
const CHANGES = [
  {
    name: "freeze",
    route: "sessions.freeze",
    done: "Frozen",
    summary: "Let nothing pass in a session until it is thawed",
    details: "What its person types is kept and passes later. The session still ends when its grant does. Needs session.control.",
    example: ['sallyport sessions freeze s-9qz --reason "Wait: this is the wrong host"', "the person sees who, and why"],
    question: "Which session do you want to freeze?",
  },
  {
    name: "thaw",
    route: "sessions.thaw",
    done: "Thawed",
    summary: "Let a frozen session go on",
    details: "Nobody thaws their own session when somebody else froze it. Needs session.control.",
    example: ['sallyport sessions thaw s-9qz --reason "It is the right one"', "what was kept passes now"],
    question: "Which session do you want to thaw?",
  },
] as const;

function addControls(sessions: Command, cli: Cli): void {
  for (const { name, route, done, summary, details, example, question } of CHANGES) {
    verb<{ reason?: string }>(
      cli,
      sessions,
      { usage: `${name} [session]`, summary, details, examples: [example] },
      (command) => command.option("-r, --reason <text>", "why; it is in the log"),
      async ({ args, options, openGate, out, ask, at }) => {
        const { client } = openGate();
        const id = await pickSession(client, ask, args[0], { question, live: true, now: at.now() });
        const reason = options.reason ?? (await ask.text("Why?", "--reason"));
        const session = await client.call(route, { params: { id }, body: { reason } });
        out.result(session, () => `${done} ${id}.`);
      },
    );
  }
  verb(
    cli,
    sessions,
    {
      usage: "moderate [session]",
      summary: "Be present at a session that waits for a moderator, and see what is done, until you leave with Ctrl-C",
      details: "Without an id: a choice of those that you may moderate. When nobody is present nothing passes, or the session ends.",
      examples: [["sallyport sessions moderate s-9qz", "it goes on while this runs"]],
    },
    () => undefined,
    async ({ args, openGate, out, ask, at }) => {
      const { client } = openGate();
      const { sessions: mine } = await client.call("sessions.list", { query: { toModerate: true } });
      const id = await chooseSession(mine, ask, args[0], { question: "Which session do you want to moderate?", now: at.now() });
      const { protocol } = await client.call("sessions.show", { params: { id } });
      await watchLive(await client.call("sessions.moderate", { params: { id }, query: { thin: protocol === "postgres" } }), out, at.stdout);
      if (!out.json) out.note(`${id} is over.`);
    },
  );
  verb(
    cli,
    sessions,
    {
      usage: "message <session> <text>",
      summary: "Show a line to the person of a live session",
      details: "It is shown with your name. Needs session.control.",
      examples: [['sallyport sessions message s-9qz "Mind the replica, it lags"', "in their terminal, or as a notice of the database"]],
    },
    () => undefined,
    async ({ args: [which = "", text = ""], openGate, out }) => {
      const { client } = openGate();
      const id = await findSessionId(client, which);
      const { shown } = await client.call("sessions.message", { params: { id }, body: { text } });
      out.result({ session: id, shown }, () => (shown ? `Shown in ${id}.` : `Nobody reads along in ${id}: it was not shown.`));
    },
  );
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
  addControls(sessions, cli);
}
