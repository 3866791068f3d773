import type { ReactNode } from "react";
import style from "./plain.module.css";

/** Characters that act or deceive where they are shown: controls, formats (bidirectional ones among them), halves of characters. */
const ODD = /([\p{Cc}\p{Cf}\p{Cs}\u2028\u2029])/u;

/**
 * Untrusted: what somebody else wrote. It cannot turn the text around it, and what would not be seen is shown as its number.
 * `lines`: line feeds and tabs stay, for statements.
 */
export function Plain({ text, lines = false }: { readonly text: string; readonly lines?: boolean }): ReactNode {
  const pieces = text.split(ODD).map((piece, index) => {
    const odd = index % 2 === 1 && !(lines && (piece === "\n" || piece === "\t"));
    return odd ? <Odd key={index} character={piece} /> : piece;
  });
  return <bdi>{pieces}</bdi>;
}

function Odd({ character }: { readonly character: string }): ReactNode {
  const number = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return <span className={style["odd"]}>{number}</span>;
}

/** The same where only text can be: titles of windows, notifications, labels. */
export function plainText(text: string): string {
  return text
    .split(ODD)
    .map((piece, index) => (index % 2 === 1 ? "\u{FFFD}" : piece))
    .join("");
}
