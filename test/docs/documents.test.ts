/** What the documents say is held against what there is: links, names behind links, configurations, keys and defaults, commands. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { Cli } from "../../src/cli/cli.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { parseConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { GATE_PERMISSIONS } from "../../src/policy/permissions.ts";
import { EXAMPLE } from "../kit/example-config.ts";

const DOCUMENTS = [...globSync("*.md"), ...globSync("docs/**/*.md")].sort();
const text = (path: string): string => readFileSync(path, "utf8");

test("there are the documents a newcomer looks for", () => {
  expect(DOCUMENTS).toEqual(
    expect.arrayContaining(["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md", "docs/configuration.md"]),
  );
});

test("those made from the code are not stale", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/write-docs.ts", "--check"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

/** `[shown](target#anchor)`, outside of code. */
interface Link {
  readonly shown: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf(document: string): Link[] {
  const prose = text(document).replaceAll(/^```.*?^```/gms, "");
  return [...prose.matchAll(/\[([^\]]+)\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    .map(([, shown = "", target = "", anchor]) => ({ shown, target, anchor }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .map(({ shown, target, anchor }) => ({ shown, anchor, path: target === "" ? document : join(dirname(document), target) }));
}

/** As GitHub makes them. */
function anchorsOf(document: string): string[] {
  const headings = [...text(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(DOCUMENTS)("%s", (document) => {
  const links = linksOf(document);

  test("every link leads to a file, and every anchor to a heading", () => {
    const broken = links.filter(
      ({ path, anchor }) => !existsSync(path) || (anchor !== undefined && path.endsWith(".md") && !anchorsOf(path).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });

  test("a name shown as code is in the file it leads to", () => {
    const lost = links.filter(({ shown, path }) => {
      const name = /^`(?:\w+\.)?(\w+)`$/.exec(shown)?.[1];
      return name !== undefined && path.endsWith(".ts") && !new RegExp(`\\b${name}\\b`).test(text(path));
    });
    expect(lost).toEqual([]);
  });

  test("every file it names in code is there", () => {
    const prose = text(document).replaceAll(/^```.*?^```/gms, "");
    const named = [...prose.matchAll(/`((?:src|test|scripts|docs|bench|bin)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("its configurations are good", () => {
    for (const [, block = ""] of text(document).matchAll(/^```yaml\n(.*?)^```/gms)) {
      const parsed = parseConfig(block.startsWith("version:") ? block : completed(block), document);
      expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
    }
  });

  test("its commands use verbs and options that exist", () => {
    const program = buildProgram({ at: { version: "0", env: {}, home: "/" }, local: {}, exitCode: 0 } as unknown as Cli);
    const commands = commandsOf(text(document));
    const wrong = commands.filter((line) => !isKnown(program, line.split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/)));
    expect(wrong).toEqual([]);
  });
});

/** A part of a configuration, laid over one that is whole. */
function completed(part: string): string {
  const [whole, over] = [parse(EXAMPLE) as Record<string, unknown>, parse(part) as Record<string, unknown>];
  for (const [key, value] of Object.entries(over)) {
    const before = whole[key];
    whole[key] = Array.isArray(value) || typeof value !== "object" ? value : { ...(before as object), ...value };
  }
  return stringify(whole);
}

/** Lines of shell blocks that run sallyport, without what a pipe or a second command adds. */
function commandsOf(document: string): string[] {
  const blocks = [...document.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.replaceAll("\\\n", " ").split(/\n| && /))
    .map((line) => /^(?:\$ )?(?:\w+=\S+ )*(?:\.\/|sudo -u \S+ (?:\S*\/)?)?sallyport\b(.*)/.exec(line)?.[1] ?? "")
    .map((rest) => (rest.split(/ [|>#]/)[0] ?? "").trim())
    .filter((rest) => rest !== "");
}

function isKnown(program: Command, words: readonly string[]): boolean {
  let shown = program;
  for (const word of words) shown = shown.commands.find((each) => each.name() === word || each.aliases().includes(word)) ?? shown;
  if (shown === program) return words.every((word) => ["--version", "--help"].includes(word));
  if (shown.name() === "ssh") return true;
  shown = shown.commands.find((each) => each.name() === "list") ?? shown;
  return words
    .filter((word) => /^--?[a-zA-Z]/.test(word))
    .map((word) => word.replace(/=.*/, ""))
    .every((option) => option === "--help" || shown.options.some(({ short, long }) => option === short || option === long));
}

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
}

/** `gate.limits.handshake`, `rules[].who[]`, `roles.*.ssh.account`: every place where a value is written, with its default. */
function* keysOf(schema: Schema, path = ""): Generator<readonly [path: string, fallback: unknown]> {
  const { properties, items, additionalProperties: more } = schema;
  if (properties) {
    for (const [key, inner] of Object.entries(properties)) yield* keysOf(inner, path === "" ? key : `${path}.${key}`);
  } else if (more) yield* keysOf({ ...more, default: schema.default }, `${path}.*`);
  else if (items?.properties) yield* keysOf(items, `${path}[]`);
  else yield [path, schema.default];
}

test("docs/configuration.md has every key, with its default", () => {
  const rows = new Map<string, string>();
  for (const line of text("docs/configuration.md").split("\n")) {
    const [, keys = "", fallback = ""] = line.split("|").map((cell) => cell.trim());
    for (const [, key = ""] of keys.matchAll(/`([^`]+)`/g)) rows.set(key.replace(/\[\]$/, ""), fallback.replaceAll("`", ""));
  }
  const wrong = [...keysOf(configJsonSchema() as Schema)].filter(([path, fallback]) => {
    const said = rows.get(path.replace(/\[\]$/, "")) ?? rows.get(`${path}[]`);
    if (said === undefined) return true;
    if (fallback === undefined) return false;
    return said !== (typeof fallback === "string" ? fallback : JSON.stringify(fallback));
  });
  expect(wrong).toEqual([]);
});

test("docs/configuration.md has every permission", () => {
  const document = text("docs/configuration.md");
  expect(Object.entries(GATE_PERMISSIONS).filter(([name, says]) => !new RegExp(`\`${name}\` +\\| ${says} `).test(document))).toEqual([]);
});
