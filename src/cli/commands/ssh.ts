import type { Command } from "commander";
import { GateError } from "../../kernel/errors.ts";
import { awaitDecision } from "../approval-wait.ts";
import type { Cli } from "../cli.ts";
import type { Gate } from "../client.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { findGrantId } from "../find-id.ts";
import { ensureIdentity } from "../identity.ts";
import type { Output } from "../output.ts";
import { writePrivate } from "../profile.ts";
import type { Prompts } from "../prompts.ts";
import { installLine, isInstalled, runInForeground } from "../run-program.ts";
import { knownHostsLine, parseSshGate, sshArguments, type SshGate } from "../ssh-settings.ts";
import { UsageError } from "../usage-error.ts";
import { collect, verb, type Run } from "../verb.ts";
import type { GrantView } from "../views.ts";
import { join } from "node:path";

interface Options {
  readonly grant?: string;
  readonly role?: string;
  readonly for?: number;
  readonly reason?: string;
  readonly ticket?: string;
  readonly breakGlass?: true;
  readonly request: boolean;
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
      command
        .passThroughOptions()
        .option("--grant <id>", "under this grant, where you hold several")
        .option("--role <role>", "role to ask for")
        .option("--for <duration>", "how long to ask for", parseDuration)
        .option("-r, --reason <text>", "why, for the request")
        .option("--ticket <id>", "ticket or incident, for the request")
        .option("--break-glass", "ask for access now, and a review after")
        .option("--no-request", "only connect; never ask for access")
        .option("-t", "force a terminal, as ssh -t")
        .option("-T", "no terminal, as ssh -T")
        .option("-o <option>", "an option of ssh (repeatable)", collect)
        .option("--builtin", "with the client that comes with this program, even where ssh is"),
    async (run) => {
      const { args, rest, options, openGate, out, at } = run;
      const target = args[0] ?? "";
      const gate = openGate();
      const { grant, several } = await ensureGrant(run, gate, target);
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

/** The grant to connect under: the only one, the one named, or a new one. `several`: the login must name it. */
async function ensureGrant(
  { options, out, ask }: Run<Options>,
  gate: Gate,
  target: string,
): Promise<{ grant: GrantView; several: boolean }> {
  const { client } = gate;
  const { grants } = await client.call("status.show");
  const fitting = grants.filter(({ state, scope }) => state === "active" && scope.some((each) => each.target === target));
  if (options.grant !== undefined) {
    const id = await findGrantId(client, options.grant);
    const named = fitting.find((grant) => grant.id === id);
    if (!named) throw new GateError("no-grant", `"${target}" is not covered by ${id}`);
    return { grant: named, several: true };
  }
  const [only, second] = fitting;
  if (only && !second) return { grant: only, several: false };
  if (only) {
    if (!ask.possible)
      throw new UsageError(`Several grants cover "${target}"`, `Name one: --grant ${fitting.map(({ id }) => id).join(" | ")}`);
    const choices = fitting.map(({ id, role, remainingMs, reason }) => ({
      value: id,
      label: `${role}, ${formatDuration(remainingMs)} left`,
      hint: reason,
    }));
    const chosen = await ask.select("Under which grant?", "--grant", choices);
    return { grant: fitting.find(({ id }) => id === chosen) ?? only, several: true };
  }
  if (!options.request) throw new GateError("no-grant", `"${target}"`);
  return { grant: await requestGrant(gate, target, options, out, ask), several: false };
}

async function requestGrant(gate: Gate, target: string, options: Options, out: Output, ask: Prompts): Promise<GrantView> {
  const { client } = gate;
  const role = options.role ?? (await chooseRole(gate, target, ask));
  out.note(`You hold no grant on ${target}. Asking for "${role}".`);
  const body = {
    role,
    targets: [target],
    reason: options.reason ?? (await ask.text("Why? Approvers and auditors read it.", "--reason")),
    ...(options.for !== undefined && { durationMs: options.for }),
    ...(options.ticket !== undefined && { ticket: options.ticket }),
    ...(options.breakGlass && { breakGlass: true }),
  };
  const { request, grant } = await client.call("requests.create", { body });
  if (grant) return grant;
  out.note(`${request.id} waits for ${request.demands.join("; ")}. Ctrl-C stops waiting, not the request.`);
  const decided = await awaitDecision(client, request.id);
  if (decided.state !== "approved" || decided.grant === undefined) {
    const by = decided.closedBy === undefined ? "" : ` by ${decided.closedBy}`;
    throw new GateError(
      "no-grant",
      `${decided.id} was ${decided.state}${by}${decided.closedReason === undefined ? "" : `: ${decided.closedReason}`}`,
    );
  }
  return await client.call("grants.show", { params: { id: decided.grant } });
}

async function chooseRole({ client }: Gate, target: string, ask: Prompts): Promise<string> {
  const { roles } = await client.call("targets.show", { params: { name: target } });
  const [only, second] = roles;
  if (!only) throw new GateError("no-rule", `"${target}"`);
  if (!second) return only.role;
  const choices = roles.map((each) => ({
    value: each.role,
    label: each.role,
    hint: `${each.approval ?? "no approval"}, at most ${formatDuration(each.maxDurationMs)}`,
  }));
  return await ask.select(`Which role on ${target}?`, "--role", choices);
}
