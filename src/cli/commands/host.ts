import type { Command } from "commander";
import type { z } from "zod";
import type { hostKeyView } from "../../contract/targets.ts";
import { GateError } from "../../kernel/errors.ts";
import { isName } from "../../kernel/ids.ts";
import type { Cli } from "../cli.ts";
import type { Gate } from "../client.ts";
import { hostScript, readHostKeys, targetYaml } from "../host-script.ts";
import type { Output } from "../output.ts";
import { runQuietly } from "../run-program.ts";
import { UsageError } from "../usage-error.ts";
import { collect, family, verb } from "../verb.ts";
import { printReport } from "./targets.ts";

interface AddOptions {
  readonly address?: string;
  readonly account: string;
  readonly label?: readonly string[];
  readonly apply?: string;
  readonly script?: true;
}

type HostKey = z.output<typeof hostKeyView>;

export function addHost(program: Command, cli: Cli): void {
  const host = family(program, "host", "Set hosts up for the gate");

  verb<AddOptions>(
    cli,
    host,
    {
      usage: "add <name>",
      summary: "What a host needs, as a script, and its entry for sallyport.yaml",
      details:
        "Prints a script to read and run as root on the host, or runs it over the login you have today with --apply.\n" +
        "The entry pins the host's keys: with --apply as the host itself told them, otherwise as the gate sees them, for you to compare.",
      examples: [
        ["sallyport host add web-1.prod --address web-1.internal:22 --label env=prod", "print what to do and what to add"],
        ["sallyport host add web-1.prod --address web-1.internal:22 --apply admin@web-1.internal", "do it over your present ssh login"],
        ["sallyport host add web-1.prod --script > setup.sh", "only the script, for your own tooling"],
      ],
    },
    (command) =>
      command
        .option("--address <host:port>", "where the gate finds it; otherwise NAME:22")
        .option("--account <login>", "account that the roles name", "infra")
        .option("--label <key=value>", "label of the target (repeatable)", collect)
        .option("--apply <user@host>", "run the script there over your own ssh, as root or with sudo")
        .option("--script", "print nothing but the script"),
    async ({ args, options, openGate, out }) => {
      const name = args[0] ?? "";
      if (!isName(name)) throw new UsageError(`"${name}" cannot be a target's name`, "Use letters, digits, '.', '_' and '-'");
      const address = withPort(options.address ?? name);
      const labels = labelsOf(options.label ?? []);
      const gate = openGate({ anonymous: true });
      const authorities = await gate.client.call("authorities.show");
      const script = hostScript({ gate: authorities.gate, account: options.account, accessAuthority: authorities.access.publicKey });
      if (options.script) return out.json ? out.result({ name, account: options.account, script }, () => script) : out.raw(script);
      const told = options.apply === undefined ? undefined : await apply(options.apply, script, out);
      const seen = await scan(gate, address, out);
      const hostKeys = told ?? seen.map(({ publicKey }) => publicKey.split(" ").slice(0, 2).join(" "));
      const differ =
        told !== undefined && seen.length > 0 && !seen.some(({ publicKey }) => told.includes(publicKey.split(" ").slice(0, 2).join(" ")));
      if (differ) {
        throw new GateError("target-untrusted", `the keys the gate sees at "${address}" are not those of the host the script ran on`);
      }
      const yaml = targetYaml({ name, address, labels, hostKeys });
      out.result({ name, address, account: options.account, script, yaml, hostKeys, seen, applied: told !== undefined }, () => {
        const confirm =
          told === undefined
            ? "3. Compare each fingerprint with what the script printed on the host:"
            : "Its keys, as the host itself told them:";
        return [
          ...(told === undefined ? [`1. Read this script and run it as root on ${name}:`, script] : []),
          told === undefined ? "2. Add this to sallyport.yaml:" : "Add this to sallyport.yaml:",
          yaml,
          "",
          confirm,
          ...(seen.length > 0
            ? seen.map(({ type, fingerprint }) => `   ${type} ${fingerprint}`)
            : ["   (the gate could not look; run `sallyport targets scan` later)"]),
          "",
          `Then: sallyport config check && sallyport config reload && sallyport host check ${name}`,
        ].join("\n");
      });
      return undefined;
    },
  );

  verb<{ account?: string }>(
    cli,
    host,
    {
      usage: "check <target>",
      summary: "Whether a host is set up for the gate",
      examples: [["sallyport host check web-1.prod --account infra", "exit status 7 when something is to be repaired"]],
    },
    (command) => command.option("--account <login>", "the account to try"),
    async ({ args, options, openGate, out }) => {
      const body = { target: args[0] ?? "", ...(options.account !== undefined && { account: options.account }) };
      return printReport(out, await openGate().client.call("hosts.check", { body }));
    },
  );
}

/** What the gate sees there; not being allowed to look, or not reaching it yet, is no reason to stop. */
async function scan({ client }: Gate, address: string, out: Output): Promise<readonly HostKey[]> {
  try {
    return (await client.call("hosts.scan", { body: { address } })).keys;
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    out.note(`The gate did not scan ${address}: ${error.message}`);
    return [];
  }
}

/** Over the person's own ssh, whose known_hosts vouches for the host. Its keys, as it told them. */
async function apply(login: string, script: string, out: Output): Promise<string[]> {
  // Untrusted only in form: it must not be read as an option of ssh.
  if (!/^[A-Za-z0-9_][^\s]*$/.test(login)) throw new UsageError(`"${login}" is not user@host`);
  const command = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi';
  const { status, output } = await runQuietly("ssh", ["--", login, command], script);
  for (const line of output.trimEnd().split("\n")) out.note(`  ${line}`);
  if (status !== 0) {
    throw new UsageError(
      `The script did not succeed on ${login}`,
      "If sudo wants a password there: print it with --script, and run it as root yourself",
    );
  }
  return readHostKeys(output);
}

function withPort(address: string): string {
  return /(^|[^:]):\d+$/.test(address) ? address : `${address}:22`;
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      if (!pair.includes("=") || key === "" || value === "") throw new UsageError(`"${pair}" is not a label`, "Write it as key=value");
      return [key, value];
    }),
  );
}
