/** How every verb is made: the same options, help with examples, and one place where an invocation is put together. */
import { type Command, Option } from "commander";
import type { Cli, Surroundings } from "./cli.ts";
import { openGate, type Gate, type GateOptions } from "./client.ts";
import type { LocalGate } from "./local-gate.ts";
import { Output } from "./output.ts";
import { showFactor, steppingUp } from "./step-up.ts";
import { Prompts } from "./prompts.ts";

export interface VerbSpec {
  /** As commander writes it: `approve [id]`. */
  readonly usage: string;
  /** What its family does without a word after it. */
  readonly isDefault?: true;
  readonly summary: string;
  /** A paragraph for `--help`. */
  readonly details?: string;
  /** At least one: a command line as it would be typed, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

/** What a verb's action gets. */
export interface Run<Options> {
  readonly args: readonly (string | undefined)[];
  /** What follows for a variadic argument. */
  readonly rest: readonly string[];
  readonly options: Options;
  readonly out: Output;
  readonly ask: Prompts;
  readonly at: Surroundings;
  readonly local: LocalGate;
  readonly openGate: (more?: GateOptions) => Gate;
}

interface Common {
  readonly json?: true;
  readonly profile?: string;
  readonly url?: string;
  readonly color: boolean;
}

/** Adds a verb to `parent`. The action's number, if it gives one, is the exit status. */
export function verb<Options = object>(
  cli: Cli,
  parent: Command,
  spec: VerbSpec,
  define: (command: Command) => unknown,
  action: (run: Run<Options>) => Promise<number | void> | number | void,
): Command {
  const command = parent
    .command(spec.usage, { isDefault: spec.isDefault ?? false })
    .summary(spec.summary)
    .description(describeVerb(spec))
    .addHelpText("after", examplesOf(spec));
  if (spec.isDefault) parent.addHelpText("after", `\nWithout a command it is \`${command.name()}\`, and takes its options.`);
  define(command);
  command
    .addOption(new Option("--json", "print JSON").helpGroup("Everywhere:"))
    .addOption(new Option("--profile <name>", "gate and person to act as (SALLYPORT_PROFILE)").helpGroup("Everywhere:"))
    .addOption(new Option("--url <url>", "address of the gate (SALLYPORT_URL)").helpGroup("Everywhere:"))
    .addOption(new Option("--no-color", "no colours").helpGroup("Everywhere:"))
    .addOption(new Option("--debug", "show where an error comes from").helpGroup("Everywhere:"));
  return command.action(async () => {
    const options = command.opts<Options & Common>();
    const out = new Output(cli.at, { json: options.json === true, colour: options.color });
    const ask = new Prompts(cli.at, out.json);
    const last = command.processedArgs.at(-1);
    const status = await action({
      args: command.processedArgs.map((each) => (Array.isArray(each) ? undefined : each)),
      rest: Array.isArray(last) ? last : [],
      options,
      out,
      ask,
      at: cli.at,
      local: cli.local,
      openGate: (more) => {
        const gate = openGate(cli.at, { ...given(options), ...more });
        return { ...gate, client: steppingUp(gate.client, (problem) => showFactor(gate.client, { ask, out, at: cli.at }, problem.stepUp)) };
      },
    });
    if (typeof status === "number") cli.exitCode = status;
  });
}

/** For an option that may be given several times. Never variadic: that would swallow the arguments after it. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A word that only holds other verbs: `targets`, `audit`. */
export function family(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(`${summary}.`).helpCommand(false);
}

function given({ profile, url }: Common): GateOptions {
  return { ...(profile !== undefined && { profile }), ...(url !== undefined && { url }) };
}

function describeVerb({ summary, details }: VerbSpec): string {
  return details === undefined ? `${summary}.` : `${summary}.\n\n${details}`;
}

function examplesOf({ examples }: VerbSpec): string {
  return `\nExamples:\n${examples.map(([line, meaning]) => `  $ ${line}\n      ${meaning}`).join("\n")}`;
}
