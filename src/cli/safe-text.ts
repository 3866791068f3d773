/**
 * Untrusted: a reason, a command line, a path, a host's answer. On a terminal such text must not move the cursor, set the title,
 * answer queries, or (bidirectional controls) read differently from what it is. Each such character is shown instead.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const ACTING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Newlines stay; `safeLine` shows them too. */
export function safeText(text: string): string {
  return text.replaceAll(ACTING, show);
}

export function safeLine(text: string): string {
  return safeText(text).replaceAll("\n", "\\n");
}

function show(character: string): string {
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** JSON on one line or indented, ASCII-safe where a terminal would act (JSON.stringify leaves DEL, C1 and bidirectional controls as they are). */
export function encodeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, timesAsIso, indent) ?? "null";
  return text.replaceAll(ACTING_IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const ACTING_IN_JSON = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Names of fields that hold milliseconds since the epoch in the gate's answers. */
const TIME_FIELD = /^(at|time|start|end|since|until|lastTime|validBefore|[a-z]+At)$/;

/** The API counts milliseconds; people and their scripts read ISO 8601. */
function timesAsIso(key: string, value: unknown): unknown {
  return typeof value === "number" && value > 1e11 && value < 8.64e15 && TIME_FIELD.test(key) ? new Date(value).toISOString() : value;
}
