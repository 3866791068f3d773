import { resolve } from "node:path";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { openLocalFolders } from "../local-folders.ts";
import { verb } from "../verb.ts";

export function addServe(program: Command, cli: Cli): void {
  verb<{ config: string; dataDir?: string }>(
    cli,
    program,
    {
      usage: "serve",
      summary: "Run a gate",
      details: "SIGHUP reads the configuration again; SIGTERM and SIGINT end the sessions, close the log and stop.",
      examples: [
        ["sallyport serve", "with ./sallyport.yaml and ./sallyport-data"],
        ["sallyport serve --config /etc/sallyport/sallyport.yaml --data-dir /var/lib/sallyport", "as a service would"],
      ],
    },
    (command) =>
      command
        .option("-c, --config <file>", "configuration", "sallyport.yaml")
        .option("-d, --data-dir <folder>", "data directory (SALLYPORT_DATA); otherwise sallyport-data beside the configuration"),
    async ({ options, local, at }) => {
      await local.serve(openLocalFolders(at, options));
    },
  );
}

export function addDemo(program: Command, cli: Cli): void {
  verb<{ dataDir?: string }>(
    cli,
    program,
    {
      usage: "demo",
      summary: "A gate, a small production that misbehaves, and a path to follow; nothing listens beyond this machine",
      examples: [["sallyport demo", "follow the printed commands in a second terminal"]],
    },
    (command) => command.option("-d, --data-dir <folder>", "keep the demo's data there"),
    async ({ options, local, at }) => {
      await local.demo(options.dataDir === undefined ? {} : { dataDir: resolve(at.cwd, options.dataDir) });
    },
  );
}
