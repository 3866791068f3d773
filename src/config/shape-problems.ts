import * as z from "zod";
import { nearest } from "../kernel/nearest.ts";
import { describeFound, formatPath, type Path, type Problem } from "./problem.ts";
import { configSchema } from "./schema.ts";
import type { YamlText } from "./yaml.ts";

const WORDS: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  string: "a text",
  number: "a number",
};

/** What zod found wrong, in this product's words, each at its place in the text. */
export function shapeProblems(error: z.ZodError, yaml: YamlText, source: string): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== "symbol");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, yaml, source));
    if (issue.code === "invalid_key") {
      const key = String(path.at(-1));
      const expected = issue.issues[0]?.message ?? "a name";
      return [problem(path, { ...yaml.placeOfKey(path.slice(0, -1), key), expected, found: JSON.stringify(key.slice(0, 80)) }, source)];
    }
    const value = valueAt(yaml.value, path);
    const expected = value === undefined && path.length > 0 ? expectedThere(issue, path) : inWords(issue);
    const known = optionsAt(path);
    const suggestion = typeof value === "string" && known ? nearest(value, known) : undefined;
    return [
      problem(
        path,
        { ...yaml.placeOf(path), expected, found: describeFound(value, path), ...(suggestion !== undefined && { suggestion }) },
        source,
      ),
    ];
  });
}

function problem(path: Path, rest: Omit<Problem, "source" | "path">, source: string): Problem {
  return { source, path: formatPath(path), ...rest };
}

function unknownKey(path: Path, key: string, yaml: YamlText, source: string): Problem {
  const schema = schemaAt(path);
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const suggestion = nearest(key, known);
  return problem(
    [...path, key],
    {
      ...yaml.placeOfKey(path, key),
      expected: `one of ${known.join(", ")}`,
      found: `the unknown key ${JSON.stringify(key.slice(0, 80))}`,
      ...(suggestion !== undefined && { suggestion }),
    },
    source,
  );
}

/** Messages given in the schema say what is expected; the library's own begin with `Invalid`, `Too` or `Unrecognized`. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid")) return WORDS[issue.expected] ?? issue.expected;
  return issue.message;
}

function expectedThere(issue: z.core.$ZodIssue, path: Path): string {
  return `${String(path.at(-1))}, ${inWords(issue)}`;
}

function optionsAt(path: Path): readonly string[] | undefined {
  const schema = schemaAt(path);
  return schema instanceof z.ZodEnum ? schema.options.map(String) : undefined;
}

/** The part of the schema that a path of the file is checked by. */
function schemaAt(path: Path): unknown {
  let schema: unknown = configSchema;
  for (const step of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodObject) schema = (schema.shape as Record<string, unknown>)[String(step)];
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else return undefined;
  }
  return unwrapped(schema);
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}

export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}
