/**
 * LIMIT for SELECTs that have none: put behind each, and then read again. Pure.
 *
 * A text is only taken when the parser reads the new one as the old one with nothing but those limits in it, so that no
 * comment, quote or clause can make something else of it. What cannot be limited so is left as it is.
 */
import type { LimitedSql } from "./statement.ts";
import type { Tree } from "./tree.ts";

/** What the parser makes of a text; places and lengths are bytes of its UTF-8. */
export interface SqlTree {
  readonly stmts?: readonly {
    readonly stmt?: Tree;
    readonly stmt_location?: number;
    readonly stmt_len?: number;
  }[];
}

/** `isPlain`: of each statement, whether it does nothing but read. `undefined`: no statement was limited. */
export function withLimits(
  sql: string,
  most: number,
  tree: SqlTree,
  isPlain: readonly boolean[],
  parse: (sql: string) => SqlTree,
): LimitedSql | undefined {
  const stmts = tree.stmts ?? [];
  const limited = stmts.map(({ stmt }, at) => isPlain[at] === true && isUnlimited(stmt?.["SelectStmt"] as Tree | undefined));
  if (!limited.includes(true)) return undefined;
  const bytes = Buffer.from(sql);
  const parts: Buffer[] = [];
  let from = 0;
  for (const [at, { stmt_location: start = 0, stmt_len: length = 0 }] of stmts.entries()) {
    const end = length === 0 ? bytes.length : start + length;
    parts.push(bytes.subarray(from, end));
    // On a line of its own: the statement may end in a comment.
    if (limited[at] === true) parts.push(Buffer.from(`\nLIMIT ${most}`));
    from = end;
  }
  parts.push(bytes.subarray(from));
  const text = Buffer.concat(parts).toString();
  const again = parse(text).stmts ?? [];
  const same =
    again.length === stmts.length &&
    stmts.every(({ stmt }, at) => shape(stmt) === shape(limited[at] === true ? unlimited(again[at]?.stmt, most, stmt) : again[at]?.stmt));
  return same ? { sql: text, most } : undefined;
}

function isUnlimited(select: Tree | undefined): boolean {
  return select !== undefined && !("limitCount" in select) && !("lockingClause" in select) && !("intoClause" in select);
}

/** The new statement with its limit taken out again; `undefined` where it has not exactly that limit. */
function unlimited(again: Tree | undefined, most: number, before: Tree | undefined): Tree | undefined {
  const { limitCount, limitOption, ...rest } = (again?.["SelectStmt"] ?? {}) as Tree;
  const isIt = limitOption === "LIMIT_OPTION_COUNT" && shape(limitCount) === JSON.stringify({ A_Const: { ival: { ival: most } } });
  if (!isIt) return undefined;
  const { limitOption: option } = (before?.["SelectStmt"] ?? {}) as Tree;
  return { SelectStmt: { ...rest, limitOption: option } };
}

/** Without places, and in one order of keys. */
function shape(node: unknown): string {
  return (
    JSON.stringify(node, (key, value: unknown) => {
      if (key === "location" || key === "list_start" || key === "list_end") return undefined;
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ""
  );
}
