import { isAlias, isMap, isNode, isScalar, LineCounter, parseAllDocuments, visit, type Document, type Node } from "yaml";
import type { Path, Problem } from "./problem.ts";
import { formatPath } from "./problem.ts";

const MAX_BYTES = 1024 * 1024;
/** Reading stops to be useful after this many mistakes of syntax. */
const MAX_SYNTAX_PROBLEMS = 20;

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values, and where in the text each value stands. */
export interface YamlText {
  readonly value: unknown;
  /** Where the value stands, or its nearest parent where it is absent. */
  placeOf(path: Path): Place;
  /** Where the key of an entry stands. */
  placeOfKey(path: Path, key: string): Place;
  has(path: Path): boolean;
}

/**
 * Untrusted. YAML 1.2 core, one document, and less than YAML allows: no anchors, aliases, tags, merge keys,
 * duplicate keys or keys that are not texts, so that what is read is what is written, once.
 */
export function readYaml(text: string, source: string): { ok: true; yaml: YamlText } | { ok: false; problems: Problem[] } {
  const whole = (expected: string, found: string): Problem => ({ source, path: "", line: 1, column: 1, expected, found });
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) return { ok: false, problems: [whole("at most 1 MiB", `${bytes} bytes`)] };

  const lines = new LineCounter();
  const documents = parseDocuments(text, lines);
  if (documents === undefined) return { ok: false, problems: [whole("a few levels", "nesting without end")] };
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = [];
  const report = (offset: number, path: Path, expected: string): void => {
    problems.push({ source, path: formatPath(path), ...place(offset), expected });
  };
  const [document] = documents;
  if (!document) return { ok: false, problems: [whole("a configuration", "an empty file")] };
  if (documents.length > 1) report(documents[1]?.range?.[0] ?? 0, [], "one document in the file");
  for (const { code, pos } of [...document.errors, ...document.warnings]) report(pos[0], [], SYNTAX[code] ?? `valid YAML (${code})`);
  refuseTricks(document, report);
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_SYNTAX_PROBLEMS) };

  const offsetOf = (path: Path): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return document.contents?.range?.[0] ?? 0;
  };
  return {
    ok: true,
    yaml: {
      value: document.toJS({ maxAliasCount: 0 }) as unknown,
      placeOf: (path) => place(offsetOf(path)),
      placeOfKey(path, key) {
        const parent = path.length === 0 ? document.contents : document.getIn(path, true);
        const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
        return place(isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(path));
      },
      has: (path) => document.hasIn(path),
    },
  };
}

/** The library's own messages may quote the text, which may hold a secret: these do not. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "each key once",
  BAD_INDENT: "entries of one mapping or list at the same indentation",
  TAB_AS_INDENT: "spaces, not tabs, as indentation",
  MISSING_CHAR: "a closing quote or bracket, or a colon after the key",
  BLOCK_AS_IMPLICIT_KEY: "one `key: value` on a line",
  MULTILINE_IMPLICIT_KEY: "a key on one line",
  TAG_RESOLVE_FAILED: "no tags",
};

function refuseTricks(document: Document, report: (offset: number, path: Path, expected: string) => void): void {
  visit(document, {
    Node(_key, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node)) report(offset, [], "no aliases (write the value out)");
      else if (node.anchor !== undefined) report(offset, [], "no anchors (write the value out)");
      if (node.tag !== undefined && !node.tag.startsWith("tag:yaml.org,2002:")) report(offset, [], "no tags");
    },
    Pair(_key, pair) {
      const key = pair.key as Node | null;
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string" || name === "__proto__" || name === "<<")
        report(key?.range?.[0] ?? 0, [], "a name as key (quote numbers)");
    },
  });
}

/** `undefined` when the nesting is deeper than the parser's recursion: that is no configuration. */
function parseDocuments(text: string, lineCounter: LineCounter): readonly Document[] | undefined {
  try {
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, schema: "core", version: "1.2", merge: false });
    return Array.isArray(parsed) ? parsed : [];
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}
