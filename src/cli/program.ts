/** Every verb, in the order `sallyport --help` shows them. */
import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { addApprove } from "./commands/approve.ts";
import { addAudit } from "./commands/audit.ts";
import { addBackup, addRestore } from "./commands/backup.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConfig } from "./commands/config.ts";
import { addConsole } from "./commands/console.ts";
import { addConnect } from "./commands/connect.ts";
import { addDeny } from "./commands/deny.ts";
import { addFactors } from "./commands/factors.ts";
import { addExtend } from "./commands/extend.ts";
import { addGrants } from "./commands/grants.ts";
import { addHelp } from "./commands/help.ts";
import { addHolds } from "./commands/holds.ts";
import { addHost } from "./commands/host.ts";
import { addInit } from "./commands/init.ts";
import { addKill } from "./commands/kill.ts";
import { addLocks } from "./commands/locks.ts";
import { addLogin } from "./commands/login.ts";
import { addLogout } from "./commands/logout.ts";
import { addProfiles } from "./commands/profiles.ts";
import { addPsql } from "./commands/psql.ts";
import { addScan } from "./commands/scan.ts";
import { addReplay } from "./commands/replay.ts";
import { addRequest } from "./commands/request.ts";
import { addRequests } from "./commands/requests.ts";
import { addRevoke } from "./commands/revoke.ts";
import { addDemo, addServe } from "./commands/serve.ts";
import { addSessions } from "./commands/sessions.ts";
import { addSsh } from "./commands/ssh.ts";
import { addSshConfig } from "./commands/ssh-config.ts";
import { addStepUp } from "./commands/step-up.ts";
import { addStatus } from "./commands/status.ts";
import { addTargets } from "./commands/targets.ts";
import { addToken } from "./commands/token.ts";
import { addUser } from "./commands/user.ts";
import { addWhy } from "./commands/why.ts";

type Add = (program: Command, cli: Cli) => void;

const GROUPS: readonly (readonly [heading: string, verbs: readonly Add[]])[] = [
  [
    "Getting in:",
    [
      addLogin,
      addStepUp,
      addFactors,
      addConsole,
      addStatus,
      addTargets,
      addRequest,
      addSsh,
      addPsql,
      addConnect,
      addSshConfig,
      addExtend,
      addRevoke,
      addLogout,
      addProfiles,
    ],
  ],
  ["Deciding:", [addRequests, addApprove, addDeny, addHolds, addGrants, addWhy]],
  ["Watching:", [addSessions, addReplay, addKill, addLocks, addAudit]],
  ["Keeping:", [addUser, addToken, addConfig, addHost, addScan, addBackup]],
  ["On the gate's machine:", [addDemo, addInit, addServe, addRestore]],
  ["About this program:", [addHelp, addCompletion]],
];

export function buildProgram(cli: Cli): Command {
  const program = new Command("sallyport");
  program
    .description("The one gate through which engineers reach production: asked for, approved, scoped, recorded, and gone by itself.")
    .version(cli.at.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    // `sallyport ssh host ls --json`: what follows a verb's arguments is the verb's.
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", "\nEach verb has examples: sallyport VERB --help. Exit statuses: sallyport help exit-codes.");
  for (const [heading, verbs] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of verbs) add(program, cli);
  }
  return program;
}

/** Every verb with its full name, leaves only: `audit verify`. */
export function leavesOf(
  program: Command,
  before: readonly string[] = [],
): { readonly path: readonly string[]; readonly command: Command }[] {
  return program.commands.flatMap((command) => {
    const path = [...before, command.name()];
    return command.commands.length > 0 ? leavesOf(command, path) : [{ path, command }];
  });
}
