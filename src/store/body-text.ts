import { namedTerms } from "./named-terms.ts";

/**
 * The words of an event's body: every string and number in it, keys left out, in the order of sorted keys, and the
 * tables and columns it names; so that the same body gives the same text before it is stored and after.
 */
export function bodyText(value: unknown): string {
  const words: string[] = [];
  collect(value, words);
  return [...words, ...namedTerms(value)].join("\n");
}

function collect(value: unknown, words: string[]): void {
  if (typeof value === "string") words.push(value);
  else if (typeof value === "number") words.push(String(value));
  else if (Array.isArray(value)) for (const part of value) collect(part, words);
  else if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value).sort()) collect((value as Record<string, unknown>)[key], words);
  }
}
