/**
 * Whether a text asks the gate what a statement would change, in place of running it: by a comment `sallyport: preview`
 * before everything else, or by `select sallyport.preview($$update …$$)` as the whole text.
 *
 * Read as PostgreSQL's scanner and grammar read it: the words inside of a text are no request. Fails closed: a comment
 * that speaks to the gate and is not understood, or stands elsewhere, must not let the statement run instead. Pure.
 */
import { lex } from "./lexer.ts";
import { namesOf, type Tree } from "./tree.ts";

export type CommentRequest = "preview" | { readonly refused: string } | undefined;

/** So that most texts need not be looked at twice. */
const MAYBE = /sallyport\s*:/i;
const TO_THE_GATE = /^(?:--|\/\*)\s*sallyport\s*:\s*(.*?)\s*(?:\*\/)?$/is;
/** Of the server's scanner: other spaces are part of names. */
const SPACE = /^[ \t\n\r\f\v]*$/;

export function requestInComment(sql: string): CommentRequest {
  if (!MAYBE.test(sql)) return undefined;
  let isFirst = true;
  let end = 0;
  let asked: CommentRequest;
  for (const { kind, start, end: after } of lex(sql)) {
    isFirst &&= kind === "comment" && SPACE.test(sql.slice(end, start));
    end = after;
    const [, word] = (kind === "comment" && TO_THE_GATE.exec(sql.slice(start, after))) || [];
    if (word === undefined) continue;
    if (word.toLowerCase() !== "preview") return { refused: "the gate knows no such comment; it knows: sallyport: preview" };
    if (!isFirst) return { refused: "a comment for the gate has to stand before the statement" };
    asked = "preview";
  }
  return asked;
}

/** The name, as it is among a statement's functions. */
export const PREVIEW_FUNCTION = "sallyport.preview";

/** The text in `select sallyport.preview('…')`, where the statement is nothing more. */
export function requestInCall(statement: Tree): string | undefined {
  const { targetList, limitOption: _limit, op, ...more } = inside(statement, "SelectStmt");
  if (!Array.isArray(targetList) || targetList.length !== 1 || op !== "SETOP_NONE" || Object.keys(more).length > 0) return undefined;
  const { val } = inside(targetList[0], "ResTarget");
  const { funcname, args, funcformat: _format, location: _location, ...clauses } = inside(val, "FuncCall");
  const [schema, name, ...rest] = namesOf(funcname);
  if (schema !== "sallyport" || name !== "preview" || rest.length > 0 || Object.keys(clauses).length > 0) return undefined;
  if (!Array.isArray(args) || args.length !== 1) return undefined;
  const { sval } = inside(args[0], "A_Const") as { readonly sval?: { readonly sval?: string } };
  return sval && (sval.sval ?? "");
}

/** Of a node, where it is of this type. */
function inside(node: unknown, type: string): Tree {
  return (node as Readonly<Record<string, Tree>> | undefined)?.[type] ?? {};
}
