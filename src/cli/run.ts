/** One invocation from argv to exit status; every error ends here as one line what and one line what next. */
import { CommanderError, type Command } from "commander";
import { ProblemError } from "../contract/problem.ts";
import { ERRORS, GateError } from "../kernel/errors.ts";
import type { Cli, Surroundings } from "./cli.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import type { LocalGate } from "./local-gate.ts";
import { widthOf } from "./output.ts";
import { buildProgram } from "./program.ts";
import { encodeJson, safeText } from "./safe-text.ts";
import { Cancelled, NothingThere, UsageError } from "./usage-error.ts";
import { wrapText } from "./wrap.ts";

/** `argv` without the interpreter and the script. */
export async function runCli(argv: readonly string[], at: Surroundings, local: LocalGate): Promise<number> {
  const cli: Cli = { at, local, exitCode: EXIT.ok };
  const program = quiet(buildProgram(cli), at);
  try {
    if (argv.length === 0) {
      at.stdout.write(program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync(argv, { from: "user" });
    return cli.exitCode;
  } catch (thrown) {
    return report(thrown, argv, at);
  }
}

/** Everywhere: no process.exit, no output but through the surroundings. Settings are copied to sub-commands only when those are made. */
function quiet(command: Command, at: Surroundings): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => at.stdout.write(text),
    writeErr: (text) => at.stderr.write(text),
    // Errors are told once, by `report`.
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(at.stdout.columns ?? 100, 120),
    getErrHelpWidth: () => Math.min(at.stderr.columns ?? 100, 120),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const each of command.commands) quiet(each, at);
  return command;
}

interface Told {
  readonly status: number;
  readonly what: string;
  readonly next?: string | undefined;
  readonly code?: string;
  readonly more?: readonly string[];
}

function report(thrown: unknown, argv: readonly string[], at: Surroundings): number {
  // `--help` and `--version` end by throwing too.
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
  // A family without a word after it: its help went to standard error.
  if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
  const told = tell(thrown);
  if (argv.includes("--json")) {
    const { status, what, next, code, more } = told;
    at.stderr.write(
      `${encodeJson({ error: what, ...(next && { next }), ...(code && { code }), ...(more && { problems: more }), exitStatus: status })}\n`,
    );
  } else {
    const lines = [`sallyport: ${told.what}`, ...(told.more ?? []).map((line) => `  ${line}`), ...(told.next ? [`  ${told.next}`] : [])];
    at.stderr.write(`${wrapText(safeText(lines.join("\n")), widthOf(at.stderr))}\n`);
  }
  if (argv.includes("--debug")) at.stderr.write(`${safeText(stackOf(thrown))}\n`);
  return told.status;
}

function tell(thrown: unknown): Told {
  if (thrown instanceof UsageError) return { status: EXIT.usage, what: thrown.message, next: thrown.next };
  if (thrown instanceof NothingThere) return { status: EXIT.notFound, what: thrown.message, code: "not-found" };
  if (thrown instanceof Cancelled) return { status: EXIT.failure, what: "Cancelled; nothing was changed" };
  if (thrown instanceof CommanderError) {
    // "error: unknown option '--fro'\n(Did you mean --from?)"
    const [what = "", ...next] = thrown.message.replace(/^error: /, "").split("\n");
    return { status: EXIT.usage, what: sentence(what), next: next.join(" ") || "See --help for what it takes" };
  }
  if (thrown instanceof ProblemError) {
    const { code, problem } = thrown;
    const { errors = [] } = problem;
    // The fields are named below, once; a problem of the configuration names its place itself.
    const what = problem.detail === undefined || errors.length > 0 ? problem.title : `${problem.title}: ${problem.detail}`;
    const rule = problem.rule === undefined ? [] : [`decided by "${problem.rule}"`];
    const more = [...errors.map(({ at, message }) => (message.includes(`${at}: `) ? message : `${at}: ${message}`)), ...rule];
    const next = problem.next?.startsWith("sallyport ") ? `Try: \`${problem.next}\`` : problem.next;
    return { status: exitCodeOf(code), what, next, code, ...(more.length > 0 && { more }) };
  }
  if (thrown instanceof GateError)
    return { status: exitCodeOf(thrown.code), what: thrown.message, next: ERRORS[thrown.code].hint, code: thrown.code };
  if (isOfAFile(thrown)) return { status: EXIT.failure, what: thrown.message, next: "Check that path, its owner and its permissions" };
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return { status: EXIT.failure, what, next: "Run it again with --debug to see where this comes from" };
}

/** What the machine's files refused; `EACCES: permission denied, open '…'` names the path. */
function isOfAFile(thrown: unknown): thrown is Error {
  return thrown instanceof Error && "syscall" in thrown && "path" in thrown;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? "" : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
