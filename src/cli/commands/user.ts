import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { formatRelative, formatTime } from "../duration.ts";
import { openLocalFolders } from "../local-folders.ts";
import { resolveId } from "../short-id.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";

export function addUser(program: Command, cli: Cli): void {
  const user = family(program, "user", "People, services and agents, and their SSH keys");

  verb(
    cli,
    user,
    { usage: "list", isDefault: true, summary: "Every user", examples: [["sallyport user", "names, groups, whether they can log in"]] },
    () => undefined,
    async ({ openGate, out, at }) => {
      const answer = await openGate().client.call("users.list");
      out.result(answer, () =>
        out.table(
          ["NAME", "TYPE", "GROUPS", "PASSWORD", "PROVIDERS", "SINCE", "DISABLED"],
          answer.users.map((each) => [
            each.name,
            each.type,
            each.groups.join(", "),
            each.hasPassword ? "yes" : "no",
            (each.identities ?? []).map(({ provider }) => provider).join(", "),
            formatRelative(each.createdAt, at.now()),
            each.disabled && { text: each.disabled.reason, style: "red" },
          ]),
        ),
      );
    },
  );

  verb<{ type?: "human" | "service" | "agent"; reset: boolean }>(
    cli,
    user,
    {
      usage: "create <name>",
      summary: "Create a user, and a one-time secret for the first password",
      details: "Groups come from the configuration; a user in none may do nothing.",
      examples: [
        ["sallyport user create bob", "give Bob the printed secret"],
        ["sallyport user create deploy --type service", "no password is meant for it"],
      ],
    },
    (command) =>
      command
        .alias("add")
        .option("--type <type>", "human, service or agent", "human")
        .option("--no-reset", "no secret for a first password"),
    async ({ args, options, openGate, out }) => {
      const { client, url } = openGate();
      const created = await client.call("users.create", { body: { name: args[0] ?? "", ...(options.type && { type: options.type }) } });
      const wanted = options.reset && created.type === "human";
      const reset = wanted ? await client.call("users.reset", { params: { name: created.name } }) : undefined;
      out.result({ user: created, ...(reset && { reset }) }, () =>
        [`Created ${created.name}.`, ...(reset ? [handOver(created.name, reset, url)] : [])].join("\n"),
      );
    },
  );

  verb<{ reason?: string }>(
    cli,
    user,
    {
      usage: "disable <name>",
      summary: "Disable a user: logins, tokens, grants and live sessions end",
      examples: [['sallyport user disable bob --reason "Left the company"', "at once, everywhere"]],
    },
    (command) => command.option("-r, --reason <text>", "why"),
    async ({ args, options, openGate, out, ask }) => {
      const { client } = openGate();
      const name = args[0] ?? "";
      const reason = options.reason ?? (await ask.text("Why?", "--reason"));
      await client.call("users.disable", { params: { name }, body: { reason } });
      out.result({ user: name, disabled: true }, () => `Disabled ${name}.`);
    },
  );

  verb(
    cli,
    user,
    {
      usage: "enable <name>",
      summary: "Enable a user again; what ended stays ended",
      examples: [["sallyport user enable bob", "let Bob log in again"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const name = args[0] ?? "";
      await openGate().client.call("users.enable", { params: { name } });
      out.result({ user: name, disabled: false }, () => `Enabled ${name}.`);
    },
  );

  verb(
    cli,
    user,
    {
      usage: "reset-password <name>",
      summary: "Issue a one-time secret with which somebody sets a new password",
      examples: [["sallyport user reset-password bob", "give Bob the printed secret"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const name = args[0] ?? "";
      const { client, url } = openGate();
      const reset = await client.call("users.reset", { params: { name } });
      out.result({ user: name, ...reset }, () => handOver(name, reset, url));
    },
  );

  verb(
    cli,
    user,
    {
      usage: "reset-factors <name>",
      summary: "Remove all second factors of somebody who has lost theirs, and end their logins",
      details: "Prints a code, good once and for an hour: only with it does their next login set up a new factor.",
      examples: [["sallyport user reset-factors bob", "give Bob the printed code, on a way you know is his"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const name = args[0] ?? "";
      const reset = await openGate().client.call("users.reset-factors", { params: { name } });
      out.result({ user: name, ...reset }, () => handOverCode(name, reset));
    },
  );

  verb(
    cli,
    user,
    {
      usage: "show <name>",
      summary: "One user: groups, ways in, and who they are at identity providers",
      examples: [["sallyport user show bob", "which identities are linked, and since when"]],
    },
    () => undefined,
    async ({ args, openGate, out, at }) => {
      const [name = ""] = args;
      const found = (await openGate().client.call("users.list")).users.find((each) => each.name === name);
      if (!found) throw new GateError("not-found", `user "${name}"`);
      const { identities = [] } = found;
      out.result(found, () =>
        [
          `${found.name}, ${found.type}, since ${formatTime(found.createdAt)}`,
          `Groups: ${found.groups.join(", ") || "none"}`,
          `Password: ${found.hasPassword ? "yes" : "no"}`,
          ...(found.disabled ? [`Disabled: ${found.disabled.reason}`] : []),
          out.table(
            ["PROVIDER", "SUBJECT", "LINKED", "ENDED"],
            identities.map((each) => [
              each.provider,
              each.subject,
              formatRelative(each.linkedAt, at.now()),
              each.ended && { text: each.ended.reason, style: "red" },
            ]),
            "No identity at a provider.",
          ),
        ].join("\n"),
      );
    },
  );

  verb<{ provider: string; subject: string }>(
    cli,
    user,
    {
      usage: "link <name>",
      summary: "Link a user to who they are at an identity provider",
      details:
        "From then on whoever the provider says that is logs in as this user. The provider's number for somebody (`sub`) is in the audit log, in the `login.failed` of a login that found nobody.",
      examples: [["sallyport user link bob --provider corp --subject 8f1a2b", "Bob logs in by the provider corp"]],
    },
    (command) =>
      command
        .requiredOption("--provider <name>", "the identity provider, as the configuration calls it")
        .requiredOption("--subject <number>", "the provider's number for them"),
    async ({ args, options: { provider, subject }, openGate, out }) => {
      const name = args[0] ?? "";
      const linked = await openGate().client.call("identities.link", { params: { name }, body: { provider, subject } });
      out.result({ user: name, ...linked }, () => `Linked ${name} to ${subject} at ${provider}.`);
    },
  );

  verb<{ provider: string }>(
    cli,
    user,
    {
      usage: "unlink <name>",
      summary: "Take the link to an identity away: logins by it end, and the groups it gave",
      examples: [["sallyport user unlink bob --provider corp", "Bob no longer comes by the provider corp"]],
    },
    (command) => command.requiredOption("--provider <name>", "the identity provider, as the configuration calls it"),
    async ({ args, options: { provider }, openGate, out }) => {
      const name = args[0] ?? "";
      await openGate().client.call("identities.unlink", { params: { name, provider } });
      out.result({ user: name, provider, unlinked: true }, () => `Unlinked ${name} from ${provider}.`);
    },
  );

  verb<{ config: string; dataDir?: string }>(
    cli,
    user,
    {
      usage: "recover <owner>",
      summary: "On the gate's own machine, with the gate stopped: a one-time secret for an owner who is locked out",
      examples: [["sallyport user recover ada --config /etc/sallyport/sallyport.yaml", "stop the gate first; the recovery is in the log"]],
    },
    (command) =>
      command.option("-c, --config <file>", "configuration", "sallyport.yaml").option("-d, --data-dir <folder>", "data directory"),
    async ({ args, options, at, local, out }) => {
      const name = args[0] ?? "";
      const reset = await local.recover({ ...openLocalFolders(at, options), user: name });
      const { factorCode: code, expiresAt } = reset;
      out.result({ user: name, ...reset }, () =>
        [handOver(name, reset), ...(code === undefined ? [] : [handOverCode(name, { code, expiresAt })])].join("\n"),
      );
    },
  );

  verb(
    cli,
    user,
    { usage: "keys <name>", summary: "The SSH keys of a user", examples: [["sallyport user keys bob", "which keys Bob may log in with"]] },
    () => undefined,
    async ({ args, openGate, out, at }) => {
      const answer = await openGate().client.call("keys.list", { params: { name: args[0] ?? "" } });
      out.result(answer, () =>
        out.table(
          ["ID", "FINGERPRINT", "COMMENT", "ADDED"],
          answer.keys.map((key) => [key.id, key.fingerprint, key.comment, formatRelative(key.addedAt, at.now())]),
          "No keys.",
        ),
      );
    },
  );

  verb(
    cli,
    user,
    {
      usage: "add-key <name> <file>",
      summary: "Add an SSH public key",
      examples: [["sallyport user add-key bob ~/.ssh/id_ed25519.pub", "Bob may log in with it"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const [name = "", file = ""] = args;
      const key = await openGate().client.call("keys.add", { params: { name }, body: { publicKey: readPublicKey(file) } });
      out.result(key, () => `Added ${key.fingerprint} (${key.id}).`);
    },
  );

  verb(
    cli,
    user,
    {
      usage: "remove-key <name> <key>",
      summary: "Remove an SSH public key",
      examples: [["sallyport user remove-key bob key-5tr", "it opens nothing any more"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const [name = "", key = ""] = args;
      const { client } = openGate();
      const id = await resolveId("key", key, async () =>
        (await client.call("keys.list", { params: { name } })).keys.map((each) => each.id),
      );
      await client.call("keys.remove", { params: { name, key: id } });
      out.result({ user: name, key: id, removed: true }, () => `Removed ${id}.`);
    },
  );
}

/** The secret is for the prompt, not for the command line: other users of that machine can read command lines. */
function handOver(name: string, { secret, expiresAt }: { readonly secret: string; readonly expiresAt: number }, url?: string): string {
  const at = url === undefined ? "" : ` --url ${url}`;
  return `Until ${formatTime(expiresAt)}, ${name} sets a password with:\n  sallyport login${at} --user ${name} --reset\nIt asks for this secret: ${secret}`;
}

function handOverCode(name: string, { code, expiresAt }: { readonly code: string; readonly expiresAt: number }): string {
  return `Until ${formatTime(expiresAt)}, ${name} shows this code once in place of a second factor (\`sallyport step-up\`), and sets up a new one: ${code}`;
}

/** Refuses a private key, which people do name by mistake. */
export function readPublicKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    throw new UsageError(`"${file}" cannot be read`, "Name a public key file, as in ~/.ssh/id_ed25519.pub");
  }
  if (text.includes("PRIVATE KEY")) throw new UsageError(`"${file}" is a private key`, `Name the public one: ${file}.pub`);
  return text;
}
