/** SELECT, VALUES and what UNION and its like make of them (parse_clause.c, parse_target.c). */
import { Scope } from "../scope.ts";
import { bare, list, names, unwrap, type Tree } from "../../tree.ts";
import { CLEAN, derived, either, open, type Column, type Value } from "../values.ts";
import { ordering } from "../refused.ts";
import { windowOf, requireOwnOperator } from "./calls.ts";
import { addFrom } from "./from.ts";
import { isOrdered, isToldApart, outputReferences, reference, type Reference, type References } from "./row-keys.ts";
import { hidesOrder } from "./row-order.ts";
import { targets } from "./targets.ts";
import { withNames } from "./with-clause.ts";
import type { Walk } from "./walk.ts";

export function select(walk: Walk, query: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, query["withClause"], parent);
  const larg = bare(query["larg"]);
  if (larg) return setOperation(walk, query, larg, outer);
  if (Array.isArray(query["valuesLists"])) return valuesRows(walk, query, outer);
  const scope = new Scope(outer);
  walk.alike = [];
  walk.counted = countedBy(query) ?? walk.counted;
  for (const item of list(query["fromClause"])) addFrom(walk, item, scope, outer);
  const outputs = targets(walk, query["targetList"], scope);
  walk.condition(query["whereClause"], scope);
  groupBy(walk, query, scope, outputs);
  walk.condition(query["havingClause"], scope);
  for (const window of list(query["windowClause"])) windowOf(walk, unwrap(window)[1], scope);
  distinct(walk, query, scope, outputs);
  tail(walk, query, scope, outputs);
  requireOrderHidden(walk, query, scope, sortedBy(query, scope, outputs));
  return outputs;
}

/** Once all is known by which it looks for rows that are alike. */
function requireOrderHidden(walk: Walk, query: Tree, scope: Scope, sorted: References): void {
  const [first] = walk.alike ?? [];
  const isByGroups = walk.alike?.every(({ how }) => how === GROUPED) === true;
  if (first && !hidesOrder(query, { isCounted: walk.counted === query, isByGroups, scope, sorted }))
    throw ordering(first.source, first.how, "group");
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

function distinct(walk: Walk, query: Tree, scope: Scope, outputs: readonly Column[]): void {
  const [first, ...others] = list(query["distinctClause"]);
  if (first === undefined) return;
  if (unwrap(first)[0] !== "") {
    for (const item of [first, ...others])
      walk.requireAlike(sortItem(walk, item, scope, outputs), "asked for without repetition (DISTINCT ON)");
    return;
  }
  const shown = outputReferences(query["targetList"], scope);
  // To find what is equal the server sorts by every column, or hashes it, and gives the rows as they then come: of GROUP BY
  // it leaves out what stands beside a key (remove_useless_groupby_columns), of DISTINCT nothing.
  const sorted = sortedBy(query, scope, outputs);
  const compared = walk.counted === query || isOrdered(shown, sorted) ? shown : [];
  outputs.forEach(({ value }, index) =>
    requireDistinguished(walk, value, compared[index], compared, "asked for without repetition (DISTINCT)"),
  );
}

/**
 * The query whose rows are counted, and nothing else: their order is seen by nobody. With a LIMIT it would be read as far as
 * it takes, along an index of what is masked: how far is seen by how long it takes, and in EXPLAIN.
 */
function countedBy(query: Tree): Tree | undefined {
  const targets = list(query["targetList"]).map((each) => unwrap(each)[1]["val"]);
  const [item, ...otherItems] = list(query["fromClause"]);
  const [type, from] = unwrap(item);
  if (!targets.some(isMadeOfCount) || !targets.every((each) => isConstant(each) || isMadeOfCount(each))) return undefined;
  if (otherItems.length > 0 || type !== "RangeSubselect") return undefined;
  if (COUNTS_OTHERWISE.some((clause) => query[clause] !== undefined)) return undefined;
  const [, counted] = unwrap(from["subquery"]);
  return counted["limitCount"] === undefined && counted["limitOffset"] === undefined ? counted : undefined;
}

/** count(*), or that beside constants: `count(*) > 0`. */
function isMadeOfCount(node: unknown): boolean {
  const [type, value] = unwrap(node);
  if (type === "A_Expr") {
    const sides = [value["lexpr"], value["rexpr"]];
    return sides.some(isMadeOfCount) && sides.every((side) => isConstant(side) || isMadeOfCount(side));
  }
  const isCount = type === "FuncCall" && names(value["funcname"]).join(".") === "count" && list(value["args"]).every(isConstant);
  return isCount && value["over"] === undefined && value["agg_filter"] === undefined;
}

function isConstant(node: unknown): boolean {
  return unwrap(node)[0] === "A_Const";
}

/** Each of these looks at the rows one by one. */
const COUNTS_OTHERWISE = ["whereClause", "groupClause", "windowClause", "havingClause"];

function sortedBy(query: Tree, scope: Scope, outputs: readonly Column[]): References {
  const shown = outputReferences(query["targetList"], scope);
  return list(query["sortClause"]).map((item) => sortReference(unwrap(item)[1]["node"], scope, outputs, shown));
}

/** A column unchanged: by its place among the outputs, the name of one, or its own. */
function sortReference(node: unknown, scope: Scope, outputs: readonly Column[], shown: References): Reference | undefined {
  const [type, item] = unwrap(node);
  const place = type === "A_Const" ? bare(item["ival"]) : undefined;
  if (place) return shown[Number(place["ival"] ?? 0) - 1];
  const single = type === "ColumnRef" && list(item["fields"]).length === 1 ? names(item["fields"])[0] : undefined;
  const index = single === undefined ? -1 : outputs.findIndex(({ name }) => name === single);
  return index >= 0 ? shown[index] : reference(node, scope);
}

const GROUPED = "grouped by";

function groupBy(walk: Walk, query: Tree, scope: Scope, outputs: readonly Column[]): void {
  const items = list(query["groupClause"]);
  // Of GROUPING SETS, some leave out what others have.
  const isPlain = !items.some((item) => unwrap(item)[0] === "GroupingSet");
  const shown = isPlain ? outputReferences(query["targetList"], scope) : [];
  const found = items.flatMap((item) => groupItems(walk, item, scope, outputs, shown));
  const compared = isPlain ? found.map((item) => item.reference) : [];
  for (const item of found) requireDistinguished(walk, item.value, item.reference, compared, GROUPED);
}

/** A column beside the key of its row makes no difference that the key does not make. */
function requireDistinguished(walk: Walk, value: Value, of: Reference | undefined, compared: References, how: string): void {
  if (isToldApart(of, compared)) walk.requireProven(value, how);
  else walk.requireAlike(value, how);
}

interface GroupItem {
  readonly value: Value;
  readonly reference: Reference | undefined;
}

/** `shown`: what the outputs are. */
function groupItems(walk: Walk, node: unknown, scope: Scope, outputs: readonly Column[], shown: References): readonly GroupItem[] {
  const [type, item] = unwrap(node);
  const inner = type === "GroupingSet" ? item["content"] : type === "RowExpr" ? item["args"] : undefined;
  if (inner !== undefined) return list(inner).flatMap((each) => groupItems(walk, each, scope, outputs, shown));
  const place = type === "A_Const" ? bare(item["ival"]) : undefined;
  if (place) {
    const index = Number(place["ival"] ?? 0) - 1;
    return [{ value: outputAt(outputs, index), reference: shown[index] }];
  }
  const single = type === "ColumnRef" && list(item["fields"]).length === 1 ? (names(item["fields"])[0] ?? "") : undefined;
  if (single === undefined || scope.visible.some(({ name }) => name === single))
    return [{ value: walk.expression(node, scope), reference: reference(node, scope) }];
  const index = outputs.findIndex(({ name }) => name === single);
  return [{ value: sortItem(walk, node, scope, outputs), reference: shown[index] }];
}

function setOperation(walk: Walk, query: Tree, larg: Tree, outer: Scope): readonly Column[] {
  const left = walk.query({ SelectStmt: larg }, outer);
  const right = walk.query({ SelectStmt: bare(query["rarg"]) ?? {} }, outer);
  const outputs = branches(walk, left, right, "a set operation");
  const scope = new Scope(outer);
  scope.add([], outputs);
  walk.alike = [];
  // All but UNION ALL compare rows with each other; EXCEPT and INTERSECT may end with the shorter of both.
  const isUnion = query["op"] === "SETOP_UNION";
  for (const { value } of isUnion && query["all"] === true ? [] : [...left, ...right]) {
    if (isUnion) walk.requireAlike(value, "compared by a set operation");
    else walk.requireUncompared(value, "compared by a set operation");
  }
  tail(walk, query, scope, outputs);
  requireOrderHidden(walk, query, scope, []);
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
