import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import type { Cli } from "../cli.ts";
import { formatRelative } from "../duration.ts";
import { resolveId } from "../short-id.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";

/** Of what a terminal shows of it; the app keeps it. */
const KINDS = { passkey: "passkey", totp: "authenticator app", recovery: "recovery codes" } as const;

export function addFactors(program: Command, cli: Cli): void {
  const factors = family(program, "factors", "Your second factors: passkeys, authenticator apps, recovery codes");

  verb(
    cli,
    factors,
    {
      usage: "list",
      isDefault: true,
      summary: "Your second factors",
      examples: [["sallyport factors", "what you could show"]],
    },
    () => undefined,
    async ({ openGate, out, at }) => {
      const answer = await openGate().client.call("factors.list");
      out.result(answer, () =>
        out.table(
          ["ID", "KIND", "NAME", "ADDED", "USED"],
          answer.factors.map(({ id, kind, name, left, addedAt, usedAt }) => [
            id,
            KINDS[kind],
            left === undefined ? name : `${name}, ${left} left`,
            formatRelative(addedAt, at.now()),
            usedAt === undefined ? "never" : formatRelative(usedAt, at.now()),
          ]),
          "No second factors. Set one up: sallyport factors add",
        ),
      );
    },
  );

  verb<{ name?: string }>(
    cli,
    factors,
    {
      usage: "add",
      summary: "Set up an authenticator app",
      details:
        "Shows a QR code for the app, and asks for the code that the app shows then. Passkeys are made in the console: sallyport console.",
      examples: [
        ["sallyport factors add", "scan, type the six digits"],
        ["sallyport factors add --name 'work telephone'", "with a name, where there are several"],
      ],
    },
    (command) => command.option("--name <name>", "what you call it", "authenticator app"),
    async ({ options: { name = "authenticator app" }, openGate, out, ask }) => {
      const { client } = openGate();
      if (!ask.possible) throw new UsageError("A terminal is needed", "The code that the app shows is asked for");
      const { secret, uri } = await client.call("factors.start-totp");
      out.note("Scan this with your authenticator app, or type the secret into it. It is shown this once:");
      out.note(`\n${renderUnicodeCompact(uri)}\n\n  ${secret.match(/.{1,4}/g)?.join(" ") ?? secret}\n`);
      const code = await ask.text("The six digits that the app shows now", "The code");
      const factor = await client.call("factors.add-totp", { body: { name, code: code.replaceAll(/\s/g, "") } });
      out.result(factor, () => `Set up as "${factor.name}". Make recovery codes for the day you lose it: sallyport factors recovery-codes`);
    },
  );

  verb(
    cli,
    factors,
    {
      usage: "recovery-codes",
      summary: "Ten new recovery codes, each good once, in place of those you have",
      examples: [["sallyport factors recovery-codes", "write them down; they are shown this once"]],
    },
    () => undefined,
    async ({ openGate, out }) => {
      const { codes } = await openGate().client.call("factors.make-recovery-codes");
      out.result(
        { codes },
        () => `Each is good once, in place of a second factor. They are shown this once:\n\n${codes.map((code) => `  ${code}`).join("\n")}`,
      );
    },
  );

  verb(
    cli,
    factors,
    {
      usage: "remove <id>",
      summary: "Remove a second factor",
      examples: [["sallyport factors remove fac-7k2m9q4x1c", "an app on a telephone you no longer have"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const { client } = openGate();
      const id = await resolveId("fac", args[0] ?? "", async () => (await client.call("factors.list")).factors.map((factor) => factor.id));
      await client.call("factors.remove", { params: { id } });
      out.result({ removed: id }, () => `Removed ${id}.`);
    },
  );
}
