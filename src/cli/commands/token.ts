import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { formatRelative, formatTime, parseDuration } from "../duration.ts";
import { resolveId } from "../short-id.ts";
import { collect, family, verb } from "../verb.ts";

export function addToken(program: Command, cli: Cli): void {
  const token = family(program, "token", "Personal access tokens, for scripts and dashboards");

  verb<{ name: string; scope: string[]; for: number }>(
    cli,
    token,
    {
      usage: "create",
      summary: "Make a token; its secret is shown this once",
      examples: [
        ["sallyport token create --name dashboards --scope audit.read --for 30d", "may read the log, nothing else"],
        ["SALLYPORT_TOKEN=… sallyport audit search --json", "use it"],
      ],
    },
    (command) =>
      command
        .requiredOption("--name <name>", "what it is for")
        .requiredOption("--scope <scope>", "a gate permission, `self` for your own requests and sessions, or `all` (repeatable)", collect)
        .requiredOption("--for <duration>", "how long it lives", parseDuration),
    async ({ options, openGate, out }) => {
      const body = { name: options.name, scopes: options.scope, ttlMs: options.for };
      const made = await openGate().client.call("tokens.create", { body });
      out.result(made, () => made.secret);
      out.note(`Kept nowhere else. ${made.token.id}, until ${formatTime(made.token.expiresAt)}.`);
    },
  );

  verb<{ user?: string }>(
    cli,
    token,
    {
      usage: "list",
      isDefault: true,
      summary: "Your tokens, or somebody else's",
      examples: [["sallyport token", "what acts in your name"]],
    },
    (command) => command.option("--user <name>", "of this user (needs token.revoke)"),
    async ({ options, openGate, out, at }) => {
      const query = options.user === undefined ? {} : { user: options.user };
      const answer = await openGate().client.call("tokens.list", { query });
      out.result(answer, () =>
        out.table(
          ["ID", "NAME", "TYPE", "SCOPES", "MADE", "EXPIRES"],
          answer.tokens.map((each) => [
            each.id,
            each.name,
            each.type,
            each.scopes.join(", "),
            formatRelative(each.createdAt, at.now()),
            each.revokedAt === undefined ? formatRelative(each.expiresAt, at.now()) : { text: "revoked", style: "red" },
          ]),
          "No tokens.",
        ),
      );
    },
  );

  verb(
    cli,
    token,
    { usage: "revoke <token>", summary: "Revoke a token", examples: [["sallyport token revoke tok-8wd", "it opens nothing any more"]] },
    () => undefined,
    async ({ args, openGate, out }) => {
      const { client } = openGate();
      const id = await resolveId("tok", args[0] ?? "", async () => (await client.call("tokens.list")).tokens.map((each) => each.id));
      await client.call("tokens.revoke", { params: { id } });
      out.result({ token: id, revoked: true }, () => `Revoked ${id}.`);
    },
  );
}
