/** One text: parsed, classified, and followed where it is masked, on the thread that calls. Whose that may be, SqlParser decides. */
import { hasSqlDetails, parseSync } from "libpg-query";
import { classify } from "./classify.ts";
import { withLimits, type SqlTree } from "./limit.ts";
import type { Tracing } from "./masking/trace.ts";
import { requestInCall } from "./preview-request.ts";
import { speaksOfSecret } from "./secrets.ts";
import type { ParsedSql, StatementFacts } from "./statement.ts";
import type { Tree } from "./tree.ts";
import { trialOf } from "./trial.ts";

/** Not the text's fault but the parser's, which must not be used again. */
export interface Failed {
  readonly failed: string;
}

/** The parser's own troubles, though it tells them like a mistake in the text. */
const TROUBLE = /memory|stack depth|invalid memory|unrecognized node|unexpected end of stack/i;

interface Parsed {
  readonly statement: Tree;
  /** Up to the semicolon, in bytes; absent: to the end of the text. */
  readonly bytes?: number;
}

function statementsOf({ stmts = [] }: SqlTree): readonly Parsed[] {
  return stmts.map(({ stmt = {}, stmt_location: from = 0, stmt_len: length }) =>
    length === undefined ? { statement: stmt } : { statement: stmt, bytes: from + length },
  );
}

/** The first statement's tree. Throws what the parser throws. */
export function treeOf(sql: string): Tree | undefined {
  return statementsOf(parseSync(sql))[0]?.statement;
}

function factsOf({ statement, bytes }: Parsed, speaksOfSecret: boolean): StatementFacts {
  const trial = trialOf(statement, bytes);
  const previewOf = requestInCall(statement);
  return { ...classify(statement, speaksOfSecret), ...(trial && { trial }), ...(previewOf !== undefined && { previewOf }) };
}

/** Throws before the parser is loaded. `limit`: for SELECTs that have none. */
export function readSql(sql: string, { tracing, limit }: { readonly tracing?: Tracing; readonly limit?: number }): ParsedSql | Failed {
  // libpg-query takes an empty text for a mistake of its caller's.
  if (sql.trim() === "") return { ok: true, statements: [], ...(tracing && { traced: [] }) };
  try {
    const tree = parseSync(sql) as SqlTree;
    const parsed = statementsOf(tree);
    const traced = tracing && parsed.map(({ statement }) => tracing.trace(statement));
    // Comments are in no tree.
    const speaks = speaksOfSecret(sql);
    const statements = parsed.map((each) => factsOf(each, speaks));
    const isPlain = statements.map(({ classes }) => classes.every((each) => each === "read"));
    const limited = limit === undefined ? undefined : withLimits(sql, limit, tree, isPlain, parseSync);
    return { ok: true, statements, ...(traced && { traced }), ...(limited !== undefined && { limited }) };
  } catch (error) {
    if (!hasSqlDetails(error) || TROUBLE.test(error.message)) return { failed: error instanceof Error ? error.name : "failed" };
    const { message, cursorPosition } = error.sqlDetails ?? { message: error.message, cursorPosition: -1 };
    const position = cursorPosition >= 0 ? { position: cursorPosition + 1 } : {};
    return { ok: false, why: "syntax", message, ...position };
  }
}
