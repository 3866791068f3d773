/**
 * Subject alternative names (RFC 5280 §4.2.1.6) as OpenSSL reads them and Node writes them: `URI:spiffe://a/b, DNS:"a\u002cb"`. A
 * value with anything in it that could be taken for the end of it is written as JSON.
 */
import type { X509Certificate } from "node:crypto";

export interface AlternativeName {
  /** `URI`, `DNS`, `IP Address`… */
  readonly type: string;
  readonly value: string;
}

const ONE = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, (?=.)|$)/y;

/** `undefined`: what is there cannot be read, so that nobody is named by a part of it. */
export function alternativeNamesOf({
  subjectAltName = "",
}: Pick<X509Certificate, "subjectAltName">): readonly AlternativeName[] | undefined {
  const names: AlternativeName[] = [];
  ONE.lastIndex = 0;
  while (ONE.lastIndex < subjectAltName.length) {
    const [, type, written] = ONE.exec(subjectAltName) ?? [];
    if (type === undefined || written === undefined) return undefined;
    const value = written.startsWith('"') ? unquoted(written) : written;
    if (value === undefined) return undefined;
    names.push({ type, value });
  }
  return names;
}

function unquoted(written: string): string | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
