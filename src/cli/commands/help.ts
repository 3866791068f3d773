import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { EXIT_MEANING } from "../exit-codes.ts";
import { ERRORS, type ErrorCode } from "../../kernel/errors.ts";
import { exitCodeOf } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";

export function addHelp(program: Command, cli: Cli): void {
  verb(
    cli,
    program,
    {
      usage: "help [topic...]",
      summary: "Help for a verb, the exit statuses, the environment, or a refusal's code",
      examples: [
        ["sallyport help exit-codes", "what a script can rely on"],
        ["sallyport help environment", "the variables it reads"],
        ["sallyport help no-grant", "what a code means, and what to do"],
      ],
    },
    () => undefined,
    ({ rest, out }) => {
      const [topic] = rest;
      if (topic === "exit-codes") {
        const meanings = EXIT_MEANING.map(([status, meaning]) => ({ status, meaning }));
        out.result(meanings, () =>
          out.table(
            ["STATUS", "MEANING"],
            meanings.map(({ status, meaning }) => [status, meaning]),
          ),
        );
      } else if (topic === "environment") {
        out.result(Object.fromEntries(VARIABLES), () => out.table(["VARIABLE", "MEANING"], VARIABLES));
      } else if (topic !== undefined && Object.hasOwn(ERRORS, topic)) {
        const code = topic as ErrorCode;
        const { text, hint } = ERRORS[code];
        out.result({ code, text, hint, exitStatus: exitCodeOf(code) }, () =>
          out.facts([
            ["code", code],
            ["means", text],
            ["next", hint],
            ["exit status", exitCodeOf(code)],
          ]),
        );
      } else out.raw(`${find(program, rest).helpInformation()}\n`);
    },
  );
}

const VARIABLES = [
  ["SALLYPORT_PROFILE", "profile to use, as --profile"],
  ["SALLYPORT_URL", "address of the gate, as --url"],
  ["SALLYPORT_TOKEN", "token to use instead of the profile's"],
  ["SALLYPORT_HOME", "folder of the profiles, instead of ~/.config/sallyport"],
  ["SALLYPORT_DATA", "data directory of a gate on this machine, as --data-dir"],
  ["SALLYPORT_NODE", "the Node to run with, 24 or newer"],
  ["NO_COLOR", "no colours, as --no-color"],
] as const;

function find(program: Command, path: readonly string[]): Command {
  let command = program;
  for (const word of path) {
    const next = command.commands.find((each) => each.name() === word);
    if (!next) throw new UsageError(`There is no help on "${path.join(" ")}"`, "Name a verb, a code, exit-codes or environment");
    command = next;
  }
  return command;
}
