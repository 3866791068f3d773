/**
 * Words that look like others: Latin letters with some of another alphabet among them, and signs that stand for plain letters or
 * hyphens. Text in one alphabet, whichever, is nobody's trick by itself.
 */

/** A word as names, paths and commands have them. */
const WORD = /[\p{L}\p{M}\p{N}\p{Pd}\u2024\u2044\u2215\u2212][\p{L}\p{M}\p{N}\p{Pd}\u2024\u2044\u2215\u2212._]*/gu;
const LATIN = /\p{Script=Latin}/u;
/** Alphabets with letters that look like Latin ones; of Greek those only: `μs` and `Ω` are units. */
const OTHER = /[\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνοιρυ]/u;
/** Full width, letters of mathematics, other hyphens, dots and slashes: each reads as the ASCII one. */
const STANDS_FOR = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}\u2010\u2011\u2024\u2044\u2212\u2215]/u;

export interface Piece {
  readonly text: string;
  readonly isLookalike: boolean;
}

/** The text in order; pieces that are not lookalikes are as long as they can be. */
export function findLookalikes(text: string): readonly Piece[] {
  // Most of what is shown is ASCII, and may be long.
  if (!/[^\p{ASCII}]/u.test(text)) return [{ text, isLookalike: false }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const isLookalike = (LATIN.test(word) && OTHER.test(word)) || STANDS_FOR.test(word);
    if (!isLookalike) continue;
    if (index > at) pieces.push({ text: text.slice(at, index), isLookalike: false });
    pieces.push({ text: word, isLookalike });
    at = index + word.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isLookalike: false });
  return pieces;
}
