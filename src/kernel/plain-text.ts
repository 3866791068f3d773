/**
 * Untrusted: a reason, a detail, a line of output may quote what others wrote. Where somebody reads it, it must not act on
 * their terminal, nor (bidirectional controls) read differently from what it is.
 */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "?");
}

/** As `plainText`, with its lines and tabs as they are. */
export function plainLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\n\t]+/g, plainText);
}

/** On one line: every run of white space is one space. */
export function plainLine(text: string): string {
  return plainText(text.replaceAll(/\s+/g, " ").trim());
}
