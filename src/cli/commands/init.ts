import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { isName } from "../../kernel/ids.ts";
import type { Cli } from "../cli.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

interface Options {
  readonly config: string;
  readonly name?: string;
  readonly owner?: string;
  readonly keyFile?: string;
}

const MASTER_KEY_BYTES = 32;

export function addInit(program: Command, cli: Cli): void {
  verb<Options>(
    cli,
    program,
    {
      usage: "init",
      summary: "Write a first configuration, and the master key it names",
      details: "Nothing that exists is overwritten. The configuration allows nothing yet: its comments say what to write.",
      examples: [
        ["sallyport init", "./sallyport.yaml and ./sallyport.key; asks for the names"],
        ["sallyport init --name sallyport.example.com --owner ada --config /etc/sallyport/sallyport.yaml", "without questions"],
      ],
    },
    (command) =>
      command
        .option("-c, --config <file>", "where to write it", "sallyport.yaml")
        .option("--name <name>", "the gate's own name, for ever: it is part of its log")
        .option("--owner <name>", "the person who is set up first")
        .option("--key-file <file>", "master key; otherwise sallyport.key beside the configuration"),
    async ({ options, out, ask, at }) => {
      const configPath = resolve(at.cwd, options.config);
      const keyPath = options.keyFile === undefined ? join(dirname(configPath), "sallyport.key") : resolve(at.cwd, options.keyFile);
      if (existsSync(configPath)) throw new UsageError(`"${configPath}" exists already`, "Name another one with --config");
      const gateName =
        options.name ??
        (await ask.text("What is the gate called? (part of its log, for ever)", "--name", { placeholder: "sallyport.example.com" }));
      const owner = options.owner ?? (await ask.text("Who owns it first?", "--owner", { placeholder: at.env["USER"] ?? "ada" }));
      if (!isName(owner)) throw new UsageError(`"${owner}" cannot be a person's name here`, "Use letters, digits, '.', '_' and '-'");
      if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/.test(gateName))
        throw new UsageError(`"${gateName}" cannot be a gate's name`, "Use letters, digits, '.' and '-'");
      const { initialConfig } = await import("../../config/initial.ts");
      const text = initialConfig({ gateName, owner, masterKeyFile: keyPath });
      const freshKey = !existsSync(keyPath);
      if (freshKey) writeFileSync(keyPath, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
      writeFileSync(configPath, text, { flag: "wx" });
      out.result({ config: configPath, masterKey: keyPath, masterKeyMade: freshKey }, () =>
        [
          `Wrote ${configPath}${freshKey ? ` and ${keyPath}` : ""}.`,
          "Keep a copy of the key where no backup of the data directory goes: neither opens without the other.",
          `Next: sallyport config check ${options.config} && sallyport serve --config ${options.config}`,
        ].join("\n"),
      );
    },
  );
}
