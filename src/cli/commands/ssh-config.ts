import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ensureIdentity } from "../identity.ts";
import { knownHostsLine, parseSshGate, sshConfigText, withInclude, withoutInclude } from "../ssh-settings.ts";
import { verb } from "../verb.ts";

interface Options {
  readonly install?: true;
  readonly uninstall?: true;
  readonly sshDir?: string;
}

export function addSshConfig(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "ssh-config",
      summary: "What ssh needs so that `ssh web-1.prod`, scp, sftp and rsync go through the gate",
      details:
        "With --install it goes into ~/.ssh/sallyport/, and one Include line at the top of ~/.ssh/config (kept as config.before-sallyport).",
      examples: [
        ["sallyport ssh-config --install", "then: ssh web-1.prod"],
        ["sallyport ssh-config > gate.conf && ssh -F gate.conf web-1.prod", "without touching ~/.ssh"],
      ],
    },
    (command) =>
      command
        .option("--install", "write the files")
        .option("--uninstall", "take them out again")
        .option("--ssh-dir <folder>", "instead of ~/.ssh"),
    async ({ options, openGate, out, at }) => {
      const gate = openGate(options.uninstall ? { anonymous: true } : {});
      const sshDir = options.sshDir === undefined ? join(at.home, ".ssh") : resolve(at.cwd, options.sshDir);
      const installed = join(sshDir, "sallyport");
      const [confFile, installedKnown] = [join(installed, `${gate.profileName}.conf`), join(installed, `${gate.profileName}.known_hosts`)];
      if (options.uninstall) {
        for (const file of [confFile, installedKnown]) rmSync(file, { force: true });
        const changed = rewriteConfig(sshDir, withoutInclude);
        out.result({ removed: [confFile, installedKnown], configChanged: changed }, () => "Removed.");
        return;
      }
      const answer = await gate.client.call("ssh-config.show");
      const ssh = parseSshGate(answer);
      const identity = await ensureIdentity(gate, at.now());
      const folder = gate.profiles.folderOf(gate.profileName);
      const knownHosts = options.install ? installedKnown : join(folder, "known_hosts");
      const targets = answer.targets.map(({ name }) => name);
      const text = sshConfigText(ssh, targets, gate.profileName, { ...identity, knownHosts });
      mkdirSync(options.install ? installed : folder, { recursive: true, mode: 0o700 });
      writeFileSync(knownHosts, knownHostsLine(ssh), { mode: 0o600 });
      if (!options.install) {
        out.result({ config: text, knownHosts: knownHostsLine(ssh), targets }, () => text.trimEnd());
        return;
      }
      writeFileSync(confFile, text, { mode: 0o600 });
      const changed = rewriteConfig(sshDir, withInclude);
      out.result({ installed: [confFile, installedKnown], configChanged: changed, targets }, () =>
        [
          `Installed for ${targets.length} target${targets.length === 1 ? "" : "s"}.`,
          ...(targets[0] === undefined ? [] : [`Try: ssh ${targets[0]}`]),
        ].join("\n"),
      );
    },
  );
}

/** Changes ~/.ssh/config as a whole or not at all; the first version is kept. False: there was nothing to change. */
function rewriteConfig(sshDir: string, change: (config: string) => string): boolean {
  const named = join(sshDir, "config");
  // People keep it in a repository and link to it: the link stays.
  const path = existsSync(named) ? realpathSync(named) : named;
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const after = change(before);
  if (after === before) return false;
  const backup = join(sshDir, "config.before-sallyport");
  if (before !== "" && !existsSync(backup)) copyFileSync(path, backup);
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, after, { mode: 0o600 });
  if (before !== "") chmodSync(temporary, statSync(path).mode & 0o777);
  renameSync(temporary, path);
  return true;
}
