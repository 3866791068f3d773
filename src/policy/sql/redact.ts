/** A statement without what somebody wrote into it: texts, numbers and comments become `?`. Pure. */
import { lex, type Lexeme } from "./lexer.ts";

/** What names look like; another, in quotes, may be a value in the wrong quotes. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_$]{0,62}$/u;

export interface Redacted {
  readonly text: string;
  /** How many were replaced. */
  readonly withheld: number;
}

export function redactLiterals(sql: string): Redacted {
  let [text, at, withheld] = ["", 0, 0];
  for (const lexeme of lex(sql)) {
    const instead = insteadOf(lexeme, sql);
    if (instead === undefined) continue;
    text += sql.slice(at, lexeme.start) + instead;
    at = lexeme.end;
    withheld += 1;
  }
  return { text: text + sql.slice(at), withheld };
}

function insteadOf({ kind, start, end }: Lexeme, sql: string): string | undefined {
  switch (kind) {
    case "text":
      return "'?'";
    case "number":
      return "?";
    case "comment":
      // What follows a comment to the end of its line stands on the next.
      return sql[start] === "-" ? "-- ?" : "/* ? */";
    case "quoted-name":
      return isPlainName(sql.slice(start + 1, end - 1)) ? undefined : '"?"';
  }
}

/** Names are recorded; one that no plain name is, is not taken for one. */
export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}
