/** Keys of a replay. Untrusted only in that a terminal may send anything: what is not known does nothing. */
export type Key = "pause" | "back" | "forward" | "faster" | "slower" | "search" | "again" | "quit" | "start";

const KEYS: Readonly<Record<string, Key>> = {
  " ": "pause",
  "\u001b[D": "back",
  "\u001bOD": "back",
  "\u001b[C": "forward",
  "\u001bOC": "forward",
  "\u001b[A": "faster",
  "\u001bOA": "faster",
  "+": "faster",
  "\u001b[B": "slower",
  "\u001bOB": "slower",
  "-": "slower",
  "/": "search",
  n: "again",
  "0": "start",
  q: "quit",
  "\u0003": "quit",
  "\u0004": "quit",
};

export const KEYS_HELP = "space pause · ←/→ 5 s · ↑/↓ speed · / search · n next · 0 start · q quit";

export function parseKey(text: string): Key | undefined {
  return Object.hasOwn(KEYS, text) ? KEYS[text] : undefined;
}

/** Edits the words of a search as they are typed: `done` when entered, `undefined` when given up. */
export function editSearch(words: string, typed: string): { readonly words: string; readonly done: boolean } | undefined {
  let now = words;
  for (const character of typed) {
    if (character === "\r" || character === "\n") return { words: now, done: true };
    if (character === "\u001b" || character === "\u0003") return undefined;
    if (character === "\u007f" || character === "\b") now = now.slice(0, -1);
    else if (character >= " ") now += character;
  }
  return { words: now, done: false };
}
