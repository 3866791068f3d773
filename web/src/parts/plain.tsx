/**
 * Text that others wrote: names, reasons, commands, statements, paths. It is data: what could deceive whoever reads it (turning
 * the direction, hiding, controlling a terminal) is shown as what it is, words that look like others are marked, and its direction
 * ends with it.
 */
import type { ReactNode } from "react";
import { findLookalikes } from "./lookalikes.ts";
import style from "./plain.module.css";

/**
 * Controls but tab and line feed; what turns the direction (Unicode TR 9); what is not shown, but the joiners and variation
 * selectors, which scripts and emoji need; line and paragraph separator; halves of characters.
 */
const DECEPTIVE =
  /[[\p{Cc}--[\t\n]][\p{Default_Ignorable_Code_Point}--[\p{Join_Control}\p{Variation_Selector}]]\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\ufff9-\ufffb]/gv;

/** Marked one by one; a text that is full of them would be a page that stands still. */
const MOST_MARKED = 500;

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** For places that take only text: titles, labels for screen readers. */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(DECEPTIVE, (character) => `⟨${codeOf(character)}⟩`);
}

/** `find`: words to mark, ignoring case. */
export function Plain({ text: given, find }: { readonly text: string; readonly find?: readonly string[] | undefined }): ReactNode {
  const text = given.replaceAll("\r\n", "\n");
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(DECEPTIVE)) {
    if (match.index > at) parts.push(<Found key={at} text={text.slice(at, match.index)} find={find} />);
    const code = codeOf(match[0]);
    parts.push(
      <span key={`${match.index}c`} className={style["code"]} title="A character that is not shown">
        {code}
      </span>,
    );
    at = match.index + match[0].length;
    if (parts.length >= 2 * MOST_MARKED) break;
  }
  if (at < text.length) parts.push(<Found key={at} text={plainText(text.slice(at))} find={find} />);
  return <bdi>{parts}</bdi>;
}

interface FoundProps {
  readonly text: string;
  readonly find?: readonly string[] | undefined;
}

function Found({ text, find }: FoundProps): ReactNode {
  return findLookalikes(text).map((piece, index) =>
    piece.isLookalike ? (
      <span key={index} className={style["lookalike"]} title="Letters that look like others">
        <Marked text={piece.text} find={find} />
      </span>
    ) : (
      <Marked key={index} text={piece.text} find={find} />
    ),
  );
}

function Marked({ text, find }: FoundProps): ReactNode {
  const words = find?.filter((word) => word !== "") ?? [];
  if (words.length === 0) return text;
  const any = new RegExp(`(${words.map((word) => RegExp.escape(word)).join("|")})`, "gi");
  return text.split(any).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}
