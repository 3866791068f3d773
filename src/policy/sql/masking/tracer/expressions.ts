/** What an expression gives, and what it asks of what it is made of. */
import { EQUALITY } from "../functions.ts";
import { unknown, unprovenFunction } from "../refused.ts";
import { type Scope } from "../scope.ts";
import { bare, list, names, text, unwrap, type Tree } from "../../tree.ts";
import { CLEAN, derived, isPlain, rowOf, type Value } from "../values.ts";
import { anything } from "./anything.ts";
import { callOf, castOf, operatorOf, requireOwn, requireOwnOperator } from "./calls.ts";
import { isGiven } from "./row-order.ts";
import type { Walk } from "./walk.ts";

export function valueOf(walk: Walk, type: string, node: Tree, scope: Scope): Value {
  switch (type) {
    case "":
    case "A_Const":
    case "ParamRef":
    case "SQLValueFunction":
    case "SetToDefault":
    case "CurrentOfExpr":
    case "GroupingFunc":
    case "MergeSupportFunc":
      return CLEAN;
    case "ColumnRef":
      return columnRef(walk, node, scope);
    case "A_Indirection":
      return indirection(walk, node, scope);
    case "A_Expr":
      return operatorOf(walk, node, scope);
    case "FuncCall":
      return callOf(walk, node, scope);
    case "TypeCast":
      return castOf(walk, node, scope);
    case "CollateClause":
      return walk.expression(node["arg"], scope);
    case "SubLink":
      return subLink(walk, node, scope);
    case "CaseExpr":
      return caseOf(walk, node, scope);
    case "NullTest": {
      const value = walk.expression(node["arg"], scope);
      // A mask leaves NULL as it is, so that this is seen anyway.
      if (isPlain(value)) return CLEAN;
      walk.requireClean(value, "asked whether it is NULL after something was made of it");
      return walk.asked([value]);
    }
    case "BoolExpr":
      return walk.asked(list(node["args"]).map((each) => walk.condition(each, scope)));
    case "RowExpr":
      return rowOf(list(node["args"]).map((each, index) => ({ name: `f${index + 1}`, value: walk.expression(each, scope) })));
    case "CoalesceExpr":
      return derived(list(node["args"]).map((each) => walk.expression(each, scope)));
    case "MinMaxExpr": {
      // One of them comes out: how long it is tells which, and they may be as long as the statement likes.
      const values = list(node["args"]).map((each) => walk.expression(each, scope));
      for (const value of values) walk.requireClean(value, "compared (GREATEST, LEAST)");
      return walk.asked(values);
    }
    case "A_ArrayExpr":
      return arrayOf(
        walk,
        list(node["elements"]).map((each) => walk.expression(each, scope)),
      );
    case "List":
      return derived(list(node["items"]).map((each) => walk.expression(each, scope)));
    case "NamedArgExpr":
      return walk.expression(node["arg"], scope);
    case "MultiAssignRef": {
      const source = walk.expression(node["source"], scope);
      return source.fields?.[Number(node["colno"] ?? 1) - 1]?.value ?? derived([source]);
    }
    default: {
      const value = anything(walk, node, scope);
      walk.requireClean(value, `used in ${type}`);
      return walk.asked([value]);
    }
  }
}

function columnRef(walk: Walk, node: Tree, scope: Scope): Value {
  const parts = names(node["fields"]);
  if (parts.includes(undefined)) return wholeRow(parts, scope);
  const [name = "", ...before] = (parts as readonly string[]).toReversed();
  const [alias, schema] = before;
  const value = alias === undefined ? scope.column(name) : scope.columnOf(alias, name, schema);
  if (value === undefined || walk.relations.functions.has(name)) {
    if (value !== undefined && isNamedColumn(name, alias, scope)) return value;
    throw unknown((parts as readonly string[]).join("."));
  }
  return value;
}

/** `t.f` where f is a function that somebody defined, and t a function in FROM: it may be a call. */
function isNamedColumn(name: string, alias: string | undefined, scope: Scope): boolean {
  const columns = alias === undefined ? scope.visible : (scope.entry(alias)?.columns ?? []);
  return columns.some((column) => column.name === name) || !columns.some(({ open }) => open);
}

/** `t.*` where a value is expected: the row. */
function wholeRow(parts: readonly (string | undefined)[], scope: Scope): Value {
  const alias = parts.at(-2);
  if (alias === undefined) return rowOf(scope.visible);
  const entry = scope.entry(alias, parts.at(-3));
  if (!entry) throw unknown(alias);
  return rowOf(entry.columns);
}

function indirection(walk: Walk, node: Tree, scope: Scope): Value {
  let value = walk.expression(node["arg"], scope);
  for (const each of list(node["indirection"])) {
    const [type, step] = unwrap(each);
    if (type === "String") {
      const name = text(step["sval"]);
      const field = value.fields?.find((column) => column.name === name)?.value;
      if (field === undefined && walk.relations.functions.has(name)) throw unprovenFunction(name);
      // What is not there is NULL, which would tell what is.
      if (field === undefined) walk.requireClean(value, `taken apart (.${name})`);
      value = field ?? walk.asked([value]);
    } else {
      const subscript = anything(walk, step, scope);
      walk.requireClean(subscript, "a subscript");
      walk.requireClean(value, "taken apart by a subscript");
      value = walk.asked([value, subscript]);
    }
  }
  return value;
}

/** Arrays of different shapes cannot stand in one. */
function arrayOf(walk: Walk, values: readonly Value[]): Value {
  for (const value of values) {
    if ([...value.sources].some(({ array }) => array === true)) walk.requireClean(value, "put into an array");
  }
  return derived(values);
}

function subLink(walk: Walk, node: Tree, scope: Scope): Value {
  const columns = walk.query(node["subselect"], scope);
  const values = columns.map(({ value }) => value);
  switch (node["subLinkType"]) {
    case "EXISTS_SUBLINK":
      return CLEAN;
    case "EXPR_SUBLINK":
      return values.length === 1 && values[0] ? values[0] : rowOf(columns);
    case "ARRAY_SUBLINK":
      return arrayOf(walk, values);
    default: {
      const tested = walk.expression(node["testexpr"], scope);
      const operator = names(node["operName"]).at(-1) ?? EQUALITY;
      const own = list(node["operName"]).length > 0 ? requireOwnOperator(walk, node["operName"]) : requireOwn(walk, EQUALITY);
      for (const value of [tested, ...values]) {
        if (operator === EQUALITY && isGiven(node["testexpr"])) walk.requireComparable(value, "compared");
        else if (operator === EQUALITY) walk.requireUncompared(value, "compared with other rows");
        else walk.requireClean(value, `an operand of ${operator}`);
      }
      return walk.asked([tested, ...values, own]);
    }
  }
}

function caseOf(walk: Walk, node: Tree, scope: Scope): Value {
  const subject = bare(node["arg"]) ? walk.expression(node["arg"], scope) : undefined;
  const values: Value[] = subject ? [requireOwn(walk, EQUALITY)] : [];
  for (const each of list(node["args"])) {
    const [, when] = unwrap(each);
    const asked = subject === undefined ? [walk.condition(when["expr"], scope)] : [subject, walk.expression(when["expr"], scope)];
    const isWithGiven = isGiven(node["arg"]) || isGiven(when["expr"]);
    for (const value of asked) {
      if (isWithGiven) walk.requireComparable(value, "compared (CASE)");
      else walk.requireUncompared(value, "compared with what rows hold (CASE)");
    }
    values.push(walk.asked(asked), walk.expression(when["result"], scope));
  }
  values.push(walk.expression(node["defresult"], scope));
  return derived(values);
}
