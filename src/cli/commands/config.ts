import { resolve } from "node:path";
import type { Command } from "commander";
import { waitingForStart } from "../../config/at-start.ts";
// Its parsers are loaded when a verb needs them: they would slow every other verb down.
import type { ParsedConfig } from "../../config/load.ts";
import type { Config } from "../../config/model.ts";
import { formatProblem, formatWarning, type Problem } from "../../config/problem.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { family, verb } from "../verb.ts";

export function addConfig(program: Command, cli: Cli): void {
  const config = family(program, "config", "Check, understand and reload the configuration");

  verb(
    cli,
    config,
    {
      usage: "check [file]",
      summary: "Every problem of a configuration file, with its place; needs no gate",
      examples: [["sallyport config check sallyport.yaml", "exit status 0 when it is good; run it before you commit"]],
    },
    () => undefined,
    async ({ args, out, at }) => {
      const file = args[0] ?? "sallyport.yaml";
      const { loadConfig } = await import("../../config/load.ts");
      const parsed = await loadConfig(resolve(at.cwd, file));
      if (parsed.ok) {
        const { config: good, warnings } = parsed;
        const counted = warnings.length === 0 ? "" : `, with ${warnings.length === 1 ? "a warning" : `${warnings.length} warnings`}`;
        out.result({ ok: true, hash: good.hash, warnings }, () =>
          [
            ...warnings.map((each) => out.paint("yellow", out.prose(formatWarning(each)))),
            `${file} is good (${good.hash.slice(0, 12)})${counted}.`,
          ].join("\n"),
        );
        return EXIT.ok;
      }
      const { problems } = parsed;
      out.result({ ok: false, problems }, () =>
        [
          ...problems.map((each) => out.prose(formatProblem(each))),
          problems.length === 1 ? "1 problem." : `${problems.length} problems.`,
        ].join("\n"),
      );
      return EXIT.failure;
    },
  );

  verb<{ file?: string }>(
    cli,
    config,
    {
      usage: "explain",
      summary: "Every value in effect and where it comes from: of the gate, or of a file",
      examples: [
        ["sallyport config explain", "what is in force (needs config.read)"],
        ["sallyport config explain --file sallyport.yaml", "what a file would mean"],
      ],
    },
    (command) => command.option("-f, --file <file>", "this file; needs no gate"),
    async ({ options, openGate, out, at }) => {
      const lines =
        options.file === undefined
          ? (await openGate().client.call("config.explain")).lines
          : await explainFile(resolve(at.cwd, options.file));
      out.result({ lines }, () => lines.join("\n"));
    },
  );

  verb(
    cli,
    config,
    {
      usage: "show",
      summary: "The configuration in force, secrets as references",
      examples: [["sallyport config show > in-force.yaml", "compare it with the file"]],
    },
    () => undefined,
    async ({ openGate, out }) => {
      const shown = await openGate().client.call("config.show");
      if (shown.held) out.note(`A widening by ${shown.held.by} waits for a second owner: sallyport config confirm ${shown.held.hash}`);
      out.result(shown, () => shown.text.trimEnd());
    },
  );

  verb(
    cli,
    config,
    {
      usage: "schema",
      summary: "JSON Schema of sallyport.yaml, for editors",
      examples: [["sallyport config schema > sallyport.schema.json", "then: # yaml-language-server: $schema=sallyport.schema.json"]],
    },
    () => undefined,
    async ({ out }) => {
      const { configJsonSchema } = await import("../../config/json-schema.ts");
      out.raw(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    },
  );

  verb<{ file: string }>(
    cli,
    config,
    {
      usage: "diff [before]",
      summary: "What a changed file would change, and what of it widens access",
      examples: [
        ["sallyport config diff", "./sallyport.yaml against what is in force"],
        ["sallyport config diff old.yaml --file new.yaml", "two files; exit status 0 when they mean the same, 1 when not"],
      ],
    },
    (command) => command.option("-f, --file <file>", "the new one", "sallyport.yaml"),
    async ({ args, options, openGate, out, at }) => {
      const [{ diffConfig }, { parseConfig }] = await Promise.all([import("../../config/diff.ts"), import("../../config/load.ts")]);
      const after = await requireConfig(resolve(at.cwd, options.file));
      const before =
        args[0] === undefined
          ? requireGood(parseConfig((await openGate().client.call("config.show")).text, "the gate"))
          : await requireConfig(resolve(at.cwd, args[0]));
      const diff = diffConfig(before, after);
      out.result(diff, () => changes(out, diff));
      return diff.lines.length === 0 ? EXIT.ok : EXIT.failure;
    },
  );

  verb(
    cli,
    config,
    {
      usage: "reload",
      summary: "Have the gate read its file again; sessions go on, narrowing bites them",
      examples: [["sallyport config reload", "prints what changed; a widening may wait for a second owner"]],
    },
    () => undefined,
    async ({ openGate, out }) => {
      const outcome = await openGate().client.call("config.reload");
      out.result(outcome, () => reloaded(out, outcome));
    },
  );

  verb(
    cli,
    config,
    {
      usage: "confirm <hash>",
      summary: "Confirm another owner's widening of access",
      examples: [["sallyport config confirm 3f9a…", "the hash that `config reload` printed, in full"]],
    },
    () => undefined,
    async ({ args, openGate, out }) => {
      const hash = args[0] ?? "";
      if (!/^[0-9a-f]{64}$/.test(hash))
        throw new UsageError(
          `"${hash}" is not the hash of a configuration`,
          "Give all 64 characters, so that you confirm exactly what you looked at",
        );
      const outcome = await openGate().client.call("config.confirm", { body: { hash } });
      out.result(outcome, () => reloaded(out, outcome));
    },
  );
}

interface Changes {
  readonly widening: readonly string[];
  readonly narrowing: readonly string[];
}

function changes(out: Output, { lines, widening, narrowing }: Changes & { readonly lines: readonly string[] }): string {
  if (lines.length === 0) return "No change.";
  return [
    ...lines,
    ...widening.map((line) => out.paint("yellow", `widens: ${line}`)),
    ...narrowing.map((line) => out.paint("green", `narrows: ${line}`)),
  ].join("\n");
}

function reloaded(
  out: Output,
  outcome: Changes & { readonly outcome: string; readonly hash: string; readonly diff: readonly string[] },
): string {
  const text = changes(out, { ...outcome, lines: outcome.diff });
  if (outcome.outcome !== "held") {
    const waiting = waitingForStart(outcome.diff);
    const later = waiting.length === 0 ? "" : `\nRead at the start only, so restart the gate for: ${waiting.join(", ")}`;
    return `${text}\nLoaded (${outcome.hash.slice(0, 12)}).${later}`;
  }
  return `${text}\nIt widens access, so a second owner must run: sallyport config confirm ${outcome.hash}`;
}

async function requireConfig(path: string): Promise<Config> {
  const { loadConfig } = await import("../../config/load.ts");
  return requireGood(await loadConfig(path));
}

function requireGood(parsed: ParsedConfig): Config {
  return parsed.ok ? parsed.config : refuse(parsed.problems);
}

function refuse(problems: readonly Problem[]): never {
  const [first] = problems;
  throw new GateError("bad-config", `${problems.length} problems; the first: ${first ? formatProblem(first) : ""}`);
}

async function explainFile(path: string): Promise<readonly string[]> {
  const [{ explainConfig }, { readConfigFile }] = await Promise.all([import("../../config/explain.ts"), import("../../config/load.ts")]);
  const explained = explainConfig(await readConfigFile(path), path);
  return explained.ok ? explained.lines : refuse(explained.problems);
}
