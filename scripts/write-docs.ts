/**
 * Writes the documents that follow from the code, so that they cannot say something else: docs/errors.md from the error
 * registry, docs/cli.md from the command line's own help, and the table of layers in ARCHITECTURE.md.
 * With `--check`, run by `npm run check`, it writes nothing and fails when one of them is stale.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Cli } from "../src/cli/cli.ts";
import { EXIT_MEANING, exitCodeOf } from "../src/cli/exit-codes.ts";
import { buildProgram, leavesOf } from "../src/cli/program.ts";
import { ERRORS, type ErrorCode } from "../src/kernel/errors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const HELP_WIDTH = 100;
const NOTICE = "<!-- Written by scripts/write-docs.ts: change the source, then run `npm run docs`. -->";

/** Columns padded to one width, as the formatter wants them. */
function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function errorsDocument(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const { status, text, hint } = ERRORS[code];
    return [`\`${code}\``, text, hint, String(status), String(exitCodeOf(code))];
  });
  return `${NOTICE}

# Refusals and failures

Every refusal and every failure carries one of these codes, in each client's own form: \`ssh\`, \`scp\` and \`sftp\` print
\`sallyport: <what>: <detail> [<code>]\` and a line that says what to do next; the API answers with a problem document
(RFC 9457) whose \`code\` member is the code; the command line prints both lines and ends with the exit status.
\`sallyport help <code>\` prints a row of this table.

${table([["code", "what it says", "what to do", "HTTP", "exit"], ...rows])}

## Exit statuses

${table([["status", "meaning"], ...EXIT_MEANING.map(([status, meaning]) => [String(status), meaning])])}

\`sallyport ssh\` ends with the status of \`ssh\`.
`;
}

/** The options every verb has are shown once. */
const EVERYWHERE = /\nEverywhere:\n((?: .*\n)+)/;

function commandLineDocument(): string {
  const program = buildProgram({ at: { version: "0", env: {}, home: "/" }, local: {}, exitCode: 0 } as unknown as Cli);
  const helps = leavesOf(program).map(({ path, command }) => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => HELP_WIDTH }).outputHelp();
    return { name: path.join(" "), text };
  });
  const everywhere = EVERYWHERE.exec(helps[0]?.text ?? "")?.[1] ?? "";
  const sections = helps.map(({ name, text }) => `## sallyport ${name}\n\n\`\`\`text\n${text.replace(EVERYWHERE, "").trim()}\n\`\`\``);
  return `${NOTICE}

# The command line

What \`sallyport VERB --help\` says, for every verb. In a checkout the program is \`./sallyport\`.
Exit statuses are in [errors.md](errors.md); \`sallyport help environment\` lists the variables it reads.

These options every verb has:

\`\`\`text
${everywhere.replaceAll(/^ {2}/gm, "").trimEnd()}
\`\`\`

${sections.join("\n\n")}
`;
}

function architectureDocument(): string {
  const { stdout } = spawnSync(process.execPath, ["scripts/check-layers.ts", "--print"], { cwd: root, encoding: "utf8" });
  const rows = stdout
    .trim()
    .split("\n")
    .filter((line) => !/^[| -]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
  const text = readFileSync(`${root}ARCHITECTURE.md`, "utf8");
  const [start, end] = ["<!-- layers: written by scripts/write-docs.ts -->\n", "\n<!-- end of layers -->"];
  const [before, after] = [text.indexOf(start), text.indexOf(end)];
  if (before < 0 || after < 0) throw new Error("ARCHITECTURE.md has lost the marks round its table of layers");
  return `${text.slice(0, before + start.length)}\n${table(rows)}\n${text.slice(after)}`;
}

const documents: Readonly<Record<string, () => string>> = {
  "docs/errors.md": errorsDocument,
  "docs/cli.md": commandLineDocument,
  "ARCHITECTURE.md": architectureDocument,
};

for (const [path, make] of Object.entries(documents)) {
  const wanted = make();
  if (!process.argv.includes("--check")) writeFileSync(root + path, wanted);
  else if (readFileSync(root + path, "utf8") !== wanted) {
    console.error(`${path} is stale: run \`npm run docs\``);
    process.exitCode = 1;
  }
}
