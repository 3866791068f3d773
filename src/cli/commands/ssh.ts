import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { Gate } from "../client.ts";
import { formatDuration } from "../duration.ts";
import { ensureGrant, grantOptions, type GrantOptions } from "../ensure-grant.ts";
import { ensureIdentity } from "../identity.ts";
import { writePrivate } from "../profile.ts";
import { installLine, isInstalled, runInForeground } from "../run-program.ts";
import { knownHostsLine, parseSshGate, sshArguments, type SshGate } from "../ssh-settings.ts";
import { UsageError } from "../usage-error.ts";
import { collect, verb, type Run } from "../verb.ts";
import { join } from "node:path";

interface Options extends GrantOptions {
  readonly t?: true;
  readonly T?: true;
  readonly o?: readonly string[];
  readonly builtin?: true;
}

const BUILT_IN_CERTIFICATE_MS = 300_000;

export function addSsh(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "ssh <target> [command...]",
      summary: "Connect with your own ssh; asks for access first when you hold none",
      details:
        "Options come before the target; what follows it is the command. The exit status is ssh's. `sallyport ssh-config --install` makes plain `ssh`, `scp` and `rsync` work too.\n" +
        "On a machine without ssh a small client of its own stands in: a shell or a command, no files.",
      examples: [
        ["sallyport ssh web-1.prod", "a shell; without a grant it asks why, and waits for the approval"],
        ['sallyport ssh --reason "Checkout answers 500" --for 30m web-1.prod', "ask for half an hour, then connect"],
        ["sallyport ssh web-1.prod journalctl -u checkout -n 50", "one command"],
      ],
    },
    (command) =>
      grantOptions(command.passThroughOptions())
        .option("-t", "force a terminal, as ssh -t")
        .option("-T", "no terminal, as ssh -T")
        .option("-o <option>", "an option of ssh (repeatable)", collect)
        .option("--builtin", "with the client that comes with this program, even where ssh is"),
    async (run) => {
      const { args, rest, options, openGate, out, at } = run;
      const target = args[0] ?? "";
      const gate = openGate();
      const { grant, several } = await ensureGrant(run, gate, { target, kind: "ssh" });
      const ssh = parseSshGate(await gate.client.call("ssh-config.show"));
      const login = several || options.grant !== undefined ? `${target}%${grant.id}` : target;
      out.note(`${grant.role} on ${target}, ${formatDuration(grant.remainingMs)} left (${grant.id})`);
      if (options.builtin || !isInstalled("ssh", at.env)) {
        if (!options.builtin) out.note(`ssh is not installed here, so the built-in client connects. ${installLine("ssh")}`);
        return await connectBuiltIn(run, gate, ssh, login);
      }
      const folder = gate.profiles.folderOf(gate.profileName);
      const identity = await ensureIdentity(gate, at.now());
      writePrivate(folder, "known_hosts", knownHostsLine(ssh));
      return await runInForeground("ssh", [
        ...sshArguments(ssh, login, { ...identity, knownHosts: join(folder, "known_hosts") }),
        ...(options.t ? ["-t"] : []),
        ...(options.T ? ["-T"] : []),
        ...(options.o ?? []).flatMap((each) => ["-o", each]),
        "--",
        ssh.sshHost,
        ...rest,
      ]);
    },
  );
}

async function connectBuiltIn({ options, rest, at, local }: Run<Options>, gate: Gate, ssh: SshGate, login: string): Promise<number> {
  if (options.o !== undefined) throw new UsageError("-o is for ssh, and the built-in client is not ssh", installLine("ssh"));
  const isTerminal = at.stdin.isTTY === true && at.stdout.isTTY === true;
  return await local.connect({
    host: ssh.sshHost,
    port: ssh.sshPort,
    hostAuthority: ssh.hostAuthority,
    login,
    // Ends soon: it is for this one login.
    certify: async (publicKey) =>
      (await gate.client.call("certificates.login", { body: { publicKey, ttlMs: BUILT_IN_CERTIFICATE_MS } })).certificate,
    ...(rest.length > 0 && { command: rest.join(" ") }),
    terminal: options.t ?? (options.T ? false : isTerminal && rest.length === 0),
    at,
  });
}
