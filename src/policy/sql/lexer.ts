/**
 * PostgreSQL's lexical structure as far as it takes to tell what somebody wrote from what they wrote it with: texts,
 * numbers, quoted names and comments (§4.1). Pure, linear, and at home with texts that are no SQL.
 *
 * Untrusted: the text. Fails closed: what never ends reaches to the end of the text. It reads as the server does where
 * `standard_conforming_strings` is on, which is pinned. It is held against PostgreSQL's own scanner in its test.
 */
export type LexemeKind = "text" | "number" | "quoted-name" | "comment";

/** From `start` to before `end`, in UTF-16 units. */
export interface Lexeme {
  readonly kind: LexemeKind;
  readonly start: number;
  readonly end: number;
}

/** Whatever does not begin one of these stands for itself. */
const NAME = /[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_$\u0080-\uFFFF]*/y;
const NUMBER = /(?:0[xXoObB][0-9A-Fa-f_]+|(?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?)/y;
const PARAMETER = /\$[0-9]+/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_\u0080-\uFFFF]*)?\$/y;
/** Two texts with a line's end between them are one, and the second is read like the first. */
const GOES_ON = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

export function lex(sql: string): readonly Lexeme[] {
  const found: Lexeme[] = [];
  const add = (kind: LexemeKind, start: number, end: number): number => {
    found.push({ kind, start, end });
    return end;
  };
  for (let at = 0; at < sql.length;) {
    const char = sql[at];
    const next = sql[at + 1];
    if (char === "'") at = add("text", at, endOfText(sql, at, false));
    else if (char === '"') at = add("quoted-name", at, endOfQuoted(sql, at, '"'));
    else if (char === "-" && next === "-") at = add("comment", at, endOfLine(sql, at));
    else if (char === "/" && next === "*") at = add("comment", at, endOfComment(sql, at));
    else if (char === "$") {
      const tag = match(DOLLAR_TAG, sql, at);
      if (tag !== "") {
        const close = sql.indexOf(tag, at + tag.length);
        at = add("text", at, close < 0 ? sql.length : close + tag.length);
      } else at += match(PARAMETER, sql, at).length || 1;
    } else if (char === "." && next === ".") at += 2;
    else if (isDigit(char) || (char === "." && isDigit(next))) at = add("number", at, at + match(NUMBER, sql, at).length);
    else {
      const name = match(NAME, sql, at);
      const after = at + name.length;
      // E'…', B'…', X'…' and N'…'; U&'…' and U&"…".
      if (/^[eEbBxXnN]$/.test(name) && sql[after] === "'") at = add("text", at, endOfText(sql, after, /[eE]/.test(name)));
      else if (/^[uU]$/.test(name) && sql.startsWith("&'", after)) at = add("text", at, endOfText(sql, after + 1, false));
      else if (/^[uU]$/.test(name) && sql.startsWith('&"', after)) at = add("quoted-name", at, endOfQuoted(sql, after + 1, '"'));
      else at = after > at ? after : at + 1;
    }
  }
  return found;
}

/** `at` is that of the quote. In `E'…'` a backslash takes the next character along. */
function endOfText(sql: string, at: number, hasEscapes: boolean): number {
  for (let from = at; ;) {
    const end = hasEscapes ? endOfEscaped(sql, from) : endOfQuoted(sql, from, "'");
    const more = match(GOES_ON, sql, end);
    if (more === "") return end;
    from = end + more.length - 1;
  }
}

/** A quote that is doubled is a quote inside. */
function endOfQuoted(sql: string, at: number, quote: string): number {
  for (let from = at + 1; ;) {
    const close = sql.indexOf(quote, from);
    if (close < 0) return sql.length;
    if (sql[close + 1] !== quote) return close + 1;
    from = close + 2;
  }
}

function endOfEscaped(sql: string, at: number): number {
  for (let from = at + 1; from < sql.length; from += 1) {
    if (sql[from] === "\\") from += 1;
    else if (sql[from] === "'") {
      if (sql[from + 1] !== "'") return from + 1;
      from += 1;
    }
  }
  return sql.length;
}

function endOfLine(sql: string, at: number): number {
  let end = at;
  while (end < sql.length && sql[end] !== "\n" && sql[end] !== "\r") end += 1;
  return end;
}

/** They nest. */
function endOfComment(sql: string, at: number): number {
  let depth = 0;
  for (let from = at; from < sql.length; from += 1) {
    if (sql.startsWith("/*", from)) {
      depth += 1;
      from += 1;
    } else if (sql.startsWith("*/", from)) {
      depth -= 1;
      from += 1;
      if (depth === 0) return from + 1;
    }
  }
  return sql.length;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

function match(form: RegExp, text: string, at: number): string {
  form.lastIndex = at;
  return form.exec(text)?.[0] ?? "";
}
