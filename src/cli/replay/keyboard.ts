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

/** What arrived at once, key by key: fast typing, and a paste, come as one piece. */
export function splitKeys(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- what arrow keys send
  return text.match(/\u001b[[O][0-9;]*[A-Za-z~]|[^]/gu) ?? [];
}

export function parseKey(text: string): Key | undefined {
  return Object.hasOwn(KEYS, text) ? KEYS[text] : undefined;
}

/** The words of a search after one more key: `done` when entered, `undefined` when given up. */
export function editSearch(words: string, key: string): { readonly words: string; readonly done: boolean } | undefined {
  if (key === "\r" || key === "\n") return { words, done: true };
  if (key.startsWith("\u001b") || key === "\u0003") return undefined;
  if (key === "\u007f" || key === "\b") return { words: words.slice(0, -1), done: false };
  return { words: key >= " " ? words + key : words, done: false };
}
