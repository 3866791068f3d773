import { expect, test } from "vitest";
import { HOSTILE_PATHS } from "../../../test/kit/hostile-paths.ts";
import { parseReturnPath } from "./return-path.ts";

const GATE = "https://gate.example";
/** Written with every one of these in front, behind and in between: what a browser, a proxy or a router might make of it. */
const PIECES = [
  "/",
  "//",
  "\\",
  ".",
  "..",
  "%2f",
  "%5c",
  "%2e",
  "%09",
  "%252f",
  "\t",
  "\n",
  ";",
  "@",
  ":",
  "x",
  "evil.example",
  "?",
  "#",
  "v1",
  "V1",
];

function* combinations(): Generator<string> {
  for (const a of PIECES) for (const b of PIECES) for (const c of PIECES) for (const d of PIECES) yield `/${a}${b}${c}${d}`;
}

/** Where whoever follows it ends up. */
function leads(path: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname } = new URL(path, GATE);
  return { origin, path: pathname };
}

const taken = HOSTILE_PATHS.flatMap((text): [string, string][] => {
  const path = parseReturnPath(text);
  return path === undefined ? [] : [[text, path]];
});

test("what leads elsewhere is refused, and not made harmless", () => {
  const elsewhere = HOSTILE_PATHS.filter((text) => /^(?:\/|\\|%2f|%5c){2}/i.test(text.trim()) || /^[a-z]+:/i.test(text));
  expect(elsewhere.length).toBeGreaterThan(15);
  expect(taken.filter(([text]) => elsewhere.includes(text))).toEqual([]);
});

// Some are odd names of pages and nothing more.
test.each(taken)("%j stays at the gate, however often it is read", (_, path) => {
  expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  expect(leads(path).origin).toBe(GATE);
  expect(leads(decodeURIComponent(leads(path).path)).origin).toBe(GATE);
});

test("of everything that slashes, dots and their spellings can be put together to, what is taken stays at the gate and out of its API", () => {
  let pages = 0;
  for (const text of combinations()) {
    const path = parseReturnPath(text);
    if (path === undefined) continue;
    pages += 1;
    const once = leads(path);
    // A router may decode it once more, and a browser resolve what comes of it.
    const twice = leads(decodeURIComponent(once.path));
    const stays = [once, twice].every(({ origin, path: each }) => origin === GATE && !/^\/(?:[/\\]|v1(?:\/|$))/i.test(each));
    if (!stays) throw new Error(`${JSON.stringify(text)} is taken as ${JSON.stringify(path)}`);
  }
  expect(pages).toBeGreaterThan(1_000);
});

test.each(["/", "/requests/req-0000000000?tab=why#top", "/terminal/web-1.prod", "/sessions?words=a%20b"])("%s is a page", (path) => {
  expect(parseReturnPath(path)).toBe(path);
});
