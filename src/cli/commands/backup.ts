import { resolve } from "node:path";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { openLocalFolders } from "../local-folders.ts";
import { verb } from "../verb.ts";

export function addBackup(program: Command, cli: Cli): void {
  verb<{ name?: string }>(
    cli,
    program,
    {
      usage: "backup",
      summary: "Have the gate write a backup into its own backup folder",
      examples: [["sallyport backup --name before-upgrade", "prints where it is, and the head of the log it holds"]],
    },
    (command) => command.option("--name <name>", "name of the backup's folder"),
    async ({ options, openGate, out }) => {
      const body = options.name === undefined ? {} : { name: options.name };
      const made = await openGate().client.call("backup.make", { body });
      out.result(made, () => `${made.path}\n${made.size} events, root ${made.root}. Copy it off this machine.`);
    },
  );
}

export function addRestore(program: Command, cli: Cli): void {
  verb<{ config: string; dataDir?: string }>(
    cli,
    program,
    {
      usage: "restore <backup>",
      summary: "On the gate's own machine: make a data directory from a backup",
      details: "The restored gate starts locked, every grant and token ended, and says what the log lacks against its anchors.",
      examples: [
        ["sallyport restore /mnt/backups/before-upgrade --data-dir /var/lib/sallyport", "then `serve`, look at the gap, and unlock"],
      ],
    },
    (command) =>
      command.option("-c, --config <file>", "configuration", "sallyport.yaml").option("-d, --data-dir <folder>", "must be empty or absent"),
    async ({ args, options, local, out, at }) => {
      const folders = openLocalFolders(at, options);
      const restored = await local.restore({ ...folders, from: resolve(at.cwd, args[0] ?? "") });
      out.result(
        restored,
        () => `Restored into ${folders.dataDir}. It starts locked: run \`sallyport serve\`, then \`sallyport status --unlock\`.`,
      );
    },
  );
}
