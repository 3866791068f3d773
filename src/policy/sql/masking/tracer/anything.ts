import { bare } from "../../tree.ts";
import { CLEAN, derived, type Value } from "../values.ts";
import type { Scope } from "../scope.ts";
import type { Walk } from "./walk.ts";

/** A node of which only the parts are known. */
export function anything(walk: Walk, node: unknown, scope: Scope): Value {
  if (Array.isArray(node)) return derived(node.map((each) => anything(walk, each, scope)));
  const tree = bare(node);
  if (!tree) return CLEAN;
  return derived(
    Object.entries(tree).map(([type, child]) => {
      const inner = bare(child);
      if (!inner) return CLEAN;
      const isNode = !Array.isArray(child) && type.charCodeAt(0) >= 65 && type.charCodeAt(0) <= 90;
      if (isNode && KNOWN_EXPRESSIONS.has(type)) return walk.expression({ [type]: child }, scope);
      if (isNode && type === "SelectStmt") return derived(walk.query({ [type]: child }, scope).map(({ value }) => value));
      return walk.deeper(() => anything(walk, child, scope));
    }),
  );
}

const KNOWN_EXPRESSIONS: ReadonlySet<string> = new Set([
  "ColumnRef",
  "A_Indirection",
  "A_Expr",
  "FuncCall",
  "TypeCast",
  "CollateClause",
  "SubLink",
  "CaseExpr",
  "NullTest",
  "BoolExpr",
  "RowExpr",
  "CoalesceExpr",
  "MinMaxExpr",
  "A_ArrayExpr",
  "NamedArgExpr",
]);
