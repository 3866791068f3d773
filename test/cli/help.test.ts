/** The help of every verb is reviewed as a diff of golden/help.txt, and its examples are held against the verbs they show. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, describe, expect, test } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { buildProgram, leavesOf } from "../../src/cli/program.ts";
import { runCliWith } from "../kit/cli.ts";

const home = mkdtempSync(join(tmpdir(), "sallyport-help-"));
afterAll(() => rmSync(home, { recursive: true }));

const program = buildProgram({ at: { version: "0", env: {}, home }, local: {}, exitCode: 0 } as unknown as Cli);
const leaves = leavesOf(program);

test("help of every verb", async () => {
  const parts = [`$ sallyport --help\n${(await runCliWith(["--help"], { home })).stdout}`];
  for (const { path } of leaves) {
    const { status, stdout, stderr } = await runCliWith([...path, "--help"], { home });
    expect([path, status, stderr]).toEqual([path, 0, ""]);
    parts.push(`$ sallyport ${path.join(" ")} --help\n${stdout}`);
  }
  await expect(parts.join("\n")).toMatchFileSnapshot("golden/help.txt");
});

describe.each(leaves.map(({ path, command }) => ({ name: path.join(" "), path, command })))("$name", ({ path, command }) => {
  const help = (): string => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    return text;
  };
  // What a pipe or a second command has is not ours.
  const lines = [...help().matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = ""]) => line.split(/ (?:&&|\||>) /)[0] ?? "");

  test("has an example of itself", () => {
    const verb = path.at(-1) === "list" || path.length === 1 ? (path[0] ?? "") : path.join(" ");
    expect(lines.some((line) => line.includes(`sallyport ${verb}`))).toBe(true);
  });

  test("its examples use verbs and options that exist", () => {
    for (const line of lines) {
      const words = line.slice(line.indexOf("sallyport ") + "sallyport ".length).split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/);
      const shown = follow(program, words);
      // Behind their targets, `ssh` takes a command with options of its own, and `psql` options of its own.
      const target = { ssh: "web-1.prod", psql: "orders-db" }[shown.name()];
      if (target !== undefined) words.length = words.indexOf(target);
      const options = words.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.replace(/=.*/, ""));
      for (const option of options) {
        const known = shown.options.some(
          ({ short, long }) => option === short || option === long || option === long?.replace("--no-", "--"),
        );
        expect([line, option, known]).toEqual([line, option, true]);
      }
    }
  });

  test("takes --json, --profile and --url", () => {
    for (const option of ["--json", "--profile", "--url", "--debug"])
      expect(command.options.some(({ long }) => long === option)).toBe(true);
  });
});

function follow(from: Command, words: readonly string[]): Command {
  let at = from;
  for (const word of words) {
    const next = at.commands.find((each) => each.name() === word);
    if (!next) break;
    at = next;
  }
  return at.commands.find((each) => each.name() === "list") ?? at;
}
