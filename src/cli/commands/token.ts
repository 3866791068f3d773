import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { TOKEN_TYPES } from "../../contract/tokens.ts";
import { formatRelative, formatTime, parseDuration } from "../duration.ts";
import { findGrantId } from "../find-id.ts";
import { resolveId } from "../short-id.ts";
import { UsageError } from "../usage-error.ts";
import { collect, family, verb } from "../verb.ts";

export function addToken(program: Command, cli: Cli): void {
  const token = family(program, "token", "What acts in somebody's name: logins, personal tokens, passwords and certificates of minutes");

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

  verb<{ user?: string; all?: true }>(
    cli,
    token,
    {
      usage: "list",
      isDefault: true,
      summary: "Your tokens, or somebody else's: logins, personal ones, and passwords and certificates for one target",
      examples: [
        ["sallyport token", "what acts in your name"],
        ["sallyport token list --user bob", "with the grant and the target of each password and certificate"],
      ],
    },
    (command) =>
      command.option("--user <name>", "of this user (needs token.revoke)").option("--all", "those that have ended or were revoked too"),
    async ({ options, openGate, out, at }) => {
      const query = options.user === undefined ? {} : { user: options.user };
      const answer = await openGate().client.call("tokens.list", { query });
      const tokens = answer.tokens.filter(({ revokedAt, expiresAt }) => options.all || (revokedAt === undefined && expiresAt > at.now()));
      out.result({ tokens }, () =>
        out.table(
          ["ID", "NAME", "TYPE", "FOR", "MADE", "EXPIRES"],
          tokens.map((each) => [
            each.id,
            each.name,
            each.type,
            each.access ? `${each.access.target} under ${each.access.grant ?? each.access.request}` : each.scopes.join(", "),
            formatRelative(each.createdAt, at.now()),
            each.revokedAt === undefined ? formatRelative(each.expiresAt, at.now()) : { text: "revoked", style: "red" },
          ]),
          "No tokens.",
        ),
      );
    },
  );

  verb<RevokeOptions>(
    cli,
    token,
    {
      usage: "revoke [token]",
      summary: "Revoke a token, or all that fit",
      details:
        "What was opened with it is cut. With --all every token of yours but the one in use, or of --user every one, as far as --type, --grant and --target narrow it.",
      examples: [
        ["sallyport token revoke tok-8wd", "it opens nothing any more"],
        ["sallyport token revoke --all --type access --grant gr-7xk", "every password and certificate under this grant"],
        ["sallyport token revoke --all --user bob", "everything that acts as bob, logins too"],
      ],
    },
    (command) =>
      command
        .option("--all", "every one that fits")
        .option("--user <name>", "of this user (needs token.revoke)")
        .addOption(new Option("--type <type>", "only these").choices(TOKEN_TYPES))
        .option("--grant <id>", "only passwords and certificates under this grant")
        .option("--target <name>", "only passwords and certificates for this target"),
    async ({ args, options, openGate, out }) => {
      const { all, user, type, grant, target } = options;
      const narrows = type !== undefined || grant !== undefined || target !== undefined;
      if (all ? args[0] !== undefined : args[0] === undefined || narrows) {
        throw new UsageError("Name one token, or say --all", "--type, --grant and --target narrow --all");
      }
      const { client } = openGate();
      const whose = user === undefined ? {} : { user };
      if (!all) {
        const known = async () => (await client.call("tokens.list", { query: whose })).tokens.map((each) => each.id);
        const id = await resolveId("tok", args[0] ?? "", known);
        await client.call("tokens.revoke", { params: { id } });
        out.result({ token: id, revoked: true }, () => `Revoked ${id}.`);
        return;
      }
      const narrowed = {
        ...(type && { type }),
        ...(grant !== undefined && { grant: await findGrantId(client, grant) }),
        ...(target !== undefined && { target }),
      };
      const { revoked } = await client.call("tokens.revoke-all", { query: { ...whose, ...narrowed } });
      out.result({ revoked }, () => (revoked.length === 0 ? "There was none." : `Revoked ${revoked.join(", ")}.`));
    },
  );
}

interface RevokeOptions {
  readonly all?: true;
  readonly user?: string;
  readonly type?: (typeof TOKEN_TYPES)[number];
  readonly grant?: string;
  readonly target?: string;
}
