import { plainLine } from "../kernel/plain-text.ts";

const SNIPPET = 240;
/** What stands before the first word that was looked for. */
const BEFORE = 60;
/** Looked at for making one line of it; a statement may be as long as 64 MiB. */
const LOOKED_AT = 65_536;

/** Untrusted: of a text, the part around the first of these words, on one line of plain text. */
export function snippetOf(text: string, words: readonly string[]): string {
  const looked = text.slice(0, LOOKED_AT);
  const lower = looked.toLowerCase();
  const places = words.map((word) => lower.indexOf(word.toLowerCase())).filter((at) => at >= 0);
  const first = places.length === 0 ? 0 : Math.min(...places);
  const from = Math.max(0, first - BEFORE);
  const cut = looked.slice(from, from + SNIPPET);
  return `${from > 0 ? "…" : ""}${plainLine(cut)}${from + SNIPPET < text.length ? "…" : ""}`;
}
