/**
 * Whether a query whose server sorts rows by a masked column to find which are alike may show what comes out. Sorted rows
 * tell which value comes before which, and a value is found by bisection among rows of one's own: so the order must be
 * one that does not go by it, and nothing may be worked out row by row on the way that fails, counts or chooses
 * (`1 / x`, nextval, random after setseed, LIMIT): what happens first tells which row came first. Pure.
 */
import { type Scope } from "../scope.ts";
import { bare, list, names, text, unwrap, type Tree } from "../../tree.ts";
import type { References } from "./row-keys.ts";

/** Nobody can foresee it, unlike random() after setseed(): what is sorted by it has lost its order. */
const SHUFFLE = "gen_random_uuid";

/** Give the same whatever the order of rows: max() of equal values that are written differently, or a sum of floats, does not. */
const ORDERLESS: ReadonlySet<string> = new Set(["count", "bool_and", "bool_or", "every", "bit_and", "bit_or"]);
const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);
const TRANSPARENT: ReadonlySet<string> = new Set(
  `SelectStmt ResTarget ColumnRef String A_Star A_ArrayExpr BoolExpr NullTest BooleanTest JoinExpr RangeSubselect SortBy List RowExpr
   WindowDef WithClause CommonTableExpr Alias`
    .trim()
    .split(/\s+/),
);
/** FRAMEOPTION_DEFAULTS: all that are peers, whichever of them comes first. */
const DEFAULT_FRAME = 1058;

export interface Known {
  /** Nothing is seen of it but how many rows it has. */
  readonly isCounted: boolean;
  /** It looks for rows that are alike by GROUP BY, and by nothing else. */
  readonly isByGroups: boolean;
  readonly scope: Scope;
  readonly sorted: References;
}

export function hidesOrder(query: Tree, { isCounted, isByGroups, scope, sorted }: Known): boolean {
  if (!isOrderless({ SelectStmt: query }, scope.parent?.parent)) return false;
  if (isCounted) return true;
  // Of what is alike by other columns, the first one says how it is written (1.0 or 1.00): rows come as count(DISTINCT) has sorted them.
  if (query["groupClause"] !== undefined && !isByGroups) return false;
  return isOneRow(query) || isShuffled(query) || isSortedByKeys(query, scope, sorted);
}

/** From no row: the same wherever it is asked. */
export function isGiven(node: unknown): boolean {
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const tree = bare(next);
    if (!tree) continue;
    if ("ColumnRef" in tree || "SubLink" in tree) return false;
    waiting.push(...Object.values(tree));
  }
  return true;
}

function isOneRow(query: Tree): boolean {
  const isAggregate = (target: unknown): boolean => {
    const [type, call] = unwrap(unwrap(target)[1]["val"]);
    return type === "FuncCall" && ORDERLESS.has(names(call["funcname"]).at(-1) ?? "") && call["over"] === undefined;
  };
  const targets = list(query["targetList"]);
  return query["groupClause"] === undefined && query["distinctClause"] === undefined && targets.length > 0 && targets.every(isAggregate);
}

function isShuffled(query: Tree): boolean {
  return list(query["sortClause"]).some((item) => {
    const [type, call] = unwrap(unwrap(item)[1]["node"]);
    return type === "FuncCall" && names(call["funcname"]).at(-1) === SHUFFLE;
  });
}

/** Each row there is has a place of its own. */
function isSortedByKeys(query: Tree, { entries }: Scope, sorted: References): boolean {
  if (query["groupClause"] !== undefined || query["distinctClause"] !== undefined || entries.length === 0) return false;
  return entries.every(
    (entry) => (entry.key ?? []).length > 0 && entry.key?.every((name) => sorted.some((by) => by?.entry === entry && by.name === name)),
  );
}

/** Fails closed: every node of it is known to be the same in whatever order rows come. */
function isOrderless(query: unknown, outside: Scope | undefined): boolean {
  const waiting = [query];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const tree = bare(next);
    if (!tree || isConstant(tree)) continue;
    if (tree["lockingClause"] !== undefined || Number(tree["frameOptions"] ?? DEFAULT_FRAME) !== DEFAULT_FRAME) return false;
    const [type, node] = unwrap(tree);
    if (!Array.isArray(tree) && /^[A-Z]/.test(type) && !isKnown(type, node, outside)) return false;
    waiting.push(...Object.values(tree));
  }
  return true;
}

function isKnown(type: string, node: Tree, outside: Scope | undefined): boolean {
  switch (type) {
    case "A_Expr":
      return text(node["kind"]).includes("BETWEEN") || COMPARISONS.has(names(node["name"]).at(-1) ?? "");
    case "FuncCall":
      return [SHUFFLE, ...ORDERLESS].includes(names(node["funcname"]).at(-1) ?? "");
    case "RangeVar":
      // What a WITH outside of it works out is not seen here.
      return node["schemaname"] !== undefined || outside?.cte(text(node["relname"])) === undefined;
    default:
      return TRANSPARENT.has(type);
  }
}

/** Worked out once, or the same each time. */
function isConstant(node: unknown): boolean {
  const [type, value] = unwrap(node);
  switch (type) {
    case "A_Const":
    case "ParamRef":
    case "SQLValueFunction":
      return true;
    case "TypeCast":
      return isConstant(value["arg"]);
    case "A_Expr":
      return isConstant(value["lexpr"]) && isConstant(value["rexpr"]);
    case "FuncCall":
      return names(value["funcname"]).at(-1) === "now";
    default:
      return false;
  }
}
