/** SELECT, VALUES and what UNION and its like make of them (parse_clause.c, parse_target.c). */
import { Scope } from "../scope.ts";
import { bare, list, names, unwrap, type Tree } from "../../tree.ts";
import { CLEAN, derived, either, open, type Column, type Value } from "../values.ts";
import { windowOf, requireOwnOperator } from "./calls.ts";
import { addFrom } from "./from.ts";
import { targets } from "./targets.ts";
import { withNames } from "./with-clause.ts";
import type { Walk } from "./walk.ts";

export function select(walk: Walk, query: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, query["withClause"], parent);
  const larg = bare(query["larg"]);
  if (larg) return setOperation(walk, query, larg, outer);
  if (Array.isArray(query["valuesLists"])) return valuesRows(walk, query, outer);
  const scope = new Scope(outer);
  for (const item of list(query["fromClause"])) addFrom(walk, item, scope, outer);
  const outputs = targets(walk, query["targetList"], scope);
  walk.condition(query["whereClause"], scope);
  for (const item of list(query["groupClause"])) groupBy(walk, item, scope, outputs);
  walk.condition(query["havingClause"], scope);
  for (const window of list(query["windowClause"])) windowOf(walk, unwrap(window)[1], scope);
  for (const item of list(query["distinctClause"])) {
    const [type] = unwrap(item);
    if (type === "") for (const { value } of outputs) walk.requireComparable(value, "asked for without repetition (DISTINCT)");
    else walk.requireComparable(sortItem(walk, item, scope, outputs), "asked for without repetition (DISTINCT ON)");
  }
  tail(walk, query, scope, outputs);
  return outputs;
}

function tail(walk: Walk, query: Tree, scope: Scope, outputs: readonly Column[]): void {
  for (const item of list(query["sortClause"])) {
    const [, sort] = unwrap(item);
    walk.requireClean(sortItem(walk, sort["node"], scope, outputs), "sorted by");
    requireOwnOperator(walk, sort["useOp"]);
  }
  walk.condition(query["limitOffset"], scope);
  walk.condition(query["limitCount"], scope);
}

/** A place among the outputs, the name of one, or an expression. */
function sortItem(walk: Walk, node: unknown, scope: Scope, outputs: readonly Column[]): Value {
  const [type, item] = unwrap(node);
  const place = type === "A_Const" ? bare(item["ival"]) : undefined;
  if (place) return outputAt(outputs, Number(place["ival"] ?? 0) - 1);
  const name = type === "ColumnRef" && list(item["fields"]).length === 1 ? names(item["fields"])[0] : undefined;
  const named = outputs.filter((output) => output.name === name && !output.open);
  return named.length > 0 ? derivedOrOnly(named) : walk.expression(node, scope);
}

function outputAt(outputs: readonly Column[], index: number): Value {
  // `*` of unknown width stands before it: it may be any of them.
  if (outputs.some(({ open }) => open)) return derived(outputs.map(({ value }) => value));
  return outputs[index]?.value ?? CLEAN;
}

function groupBy(walk: Walk, node: unknown, scope: Scope, outputs: readonly Column[]): void {
  const [type, item] = unwrap(node);
  if (type === "GroupingSet") return list(item["content"]).forEach((each) => groupBy(walk, each, scope, outputs));
  if (type === "RowExpr") return list(item["args"]).forEach((each) => groupBy(walk, each, scope, outputs));
  const place = type === "A_Const" ? bare(item["ival"]) : undefined;
  const single = type === "ColumnRef" && list(item["fields"]).length === 1 ? (names(item["fields"])[0] ?? "") : undefined;
  let value: Value;
  if (place) value = outputAt(outputs, Number(place["ival"] ?? 0) - 1);
  else if (single !== undefined && !scope.visible.some(({ name }) => name === single)) value = sortItem(walk, node, scope, outputs);
  else value = walk.expression(node, scope);
  walk.requireComparable(value, "grouped by");
}

function setOperation(walk: Walk, query: Tree, larg: Tree, outer: Scope): readonly Column[] {
  const left = walk.query({ SelectStmt: larg }, outer);
  const right = walk.query({ SelectStmt: bare(query["rarg"]) ?? {} }, outer);
  const outputs = branches(walk, left, right, "a set operation");
  // All but UNION ALL compare rows with each other.
  if (query["op"] !== "SETOP_UNION" || query["all"] !== true) {
    for (const { value } of [...left, ...right]) walk.requireComparable(value, "compared by a set operation");
  }
  const scope = new Scope(outer);
  scope.add([], outputs);
  tail(walk, query, scope, outputs);
  return outputs;
}

function branches(walk: Walk, left: readonly Column[], right: readonly Column[], what: string): readonly Column[] {
  if ([...left, ...right].some(({ open }) => open)) {
    walk.refuseOpen([...left, ...right], what);
    return [open(derived([...left, ...right].map(({ value }) => value)))];
  }
  return left.map(({ name, value }, index) => ({ name, value: either(value, right[index]?.value ?? CLEAN) }));
}

function valuesRows(walk: Walk, query: Tree, outer: Scope): readonly Column[] {
  const rows = list(query["valuesLists"]).map((row) => list(unwrap(row)[1]["items"]).map((item) => walk.expression(item, outer)));
  const [first = [], ...others] = rows;
  const outputs = first.map((value, index) => ({
    name: `column${index + 1}`,
    value: others.reduce((all, row) => either(all, row[index] ?? CLEAN), value),
  }));
  tail(walk, query, outer, outputs);
  return outputs;
}

function derivedOrOnly(columns: readonly Column[]): Value {
  const [only, second] = columns;
  return only && !second ? only.value : derived(columns.map(({ value }) => value));
}
