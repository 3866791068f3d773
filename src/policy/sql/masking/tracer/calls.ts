/** Functions, operators and casts: PostgreSQL's own that are known, and what somebody defined. */
import { isHarmless } from "../../harmless-functions.ts";
import { EFFECT_ONLY_FUNCTIONS, EQUALITY, JOINING_OPERATOR, mayGrow, resultOf, TELL_OF_OTHERS } from "../functions.ts";
import { NARROWER, Refused, unprovenFunction } from "../refused.ts";
import { unproven } from "../relations.ts";
import { type Scope } from "../scope.ts";
import { bare, list, names, text, unwrap, type Tree } from "../../tree.ts";
import { CLEAN, derived, isMasked, isPlain, type Value } from "../values.ts";
import { isGiven } from "./row-order.ts";
import type { Walk } from "./walk.ts";

export function callOf(walk: Walk, node: Tree, scope: Scope): Value {
  const parts = names(node["funcname"]).map((part) => part ?? "");
  const name = parts.at(-1) ?? "";
  const proven = requireProven(walk, parts);
  const given = list(node["args"]).map((each) => ({ value: walk.expression(each, scope), isNumber: isNumber(each) }));
  const values = given.map(({ value }) => value);
  const others = [proven, walk.asked([walk.condition(node["agg_filter"], scope)])];
  for (const each of list(node["agg_order"])) walk.requireClean(walk.expression(unwrap(each)[1]["node"], scope), "sorted by");
  const over = bare(node["over"]);
  if (over) windowOf(walk, over, scope);
  if (node["agg_distinct"] === true) for (const value of values) walk.requireAlike(value, "counted without repetition (DISTINCT)");
  if (![...values, ...others].some(isMasked)) return CLEAN;
  // How many are not NULL is seen in what the mask leaves; how many are different, by whoever may compare them.
  if (name === "count" && [...values, ...others].every(isPlain) && !isMasked(proven)) return CLEAN;
  const result = node["func_variadic"] === true ? undefined : resultOf(name, given);
  if (result) return derived([result, ...others]);
  // What the function itself may bring in is what this gives, and was given to nobody.
  for (const value of values) walk.requireClean(value, `given to ${name}()`);
  return walk.asked([...values, ...others]);
}

function isNumber(node: unknown): boolean {
  const [type, constant] = unwrap(node);
  return type === "A_Const" && bare(constant["ival"]) !== undefined;
}

export function operatorOf(walk: Walk, node: Tree, scope: Scope): Value {
  const name = names(node["name"]).at(-1) ?? "";
  const kind = text(node["kind"]);
  const own = kind.includes("BETWEEN") ? BETWEEN.map((each) => requireOwn(walk, each)) : [requireOwnOperator(walk, node["name"])];
  const operands = [walk.expression(node["lexpr"], scope), walk.expression(node["rexpr"], scope), ...own];
  if (!operands.some(isMasked)) return CLEAN;
  const areTexts = operands.every(({ sources }) => [...sources].every((source) => source.text));
  if (kind === "AEXPR_OP" && name === JOINING_OPERATOR && areTexts && operands.every(mayGrow)) return derived(operands);
  const asksEquality = EQUALITY_KINDS.has(kind) && (name === EQUALITY || (kind === "AEXPR_IN" && name === "<>"));
  const isWithGiven = isGiven(node["lexpr"]) || isGiven(node["rexpr"]);
  for (const value of operands) {
    if (asksEquality && isWithGiven) walk.requireComparable(value, "compared");
    else if (asksEquality) walk.requireUncompared(value, "compared with what rows hold");
    else walk.requireClean(value, kind === "AEXPR_OP" ? `an operand of ${name}` : `compared (${kind.replace("AEXPR_", "").toLowerCase()})`);
  }
  return kind === "AEXPR_NULLIF" ? derived(operands) : walk.asked(operands);
}

export function castOf(walk: Walk, node: Tree, scope: Scope): Value {
  const value = walk.expression(node["arg"], scope);
  const type = bare(node["typeName"]);
  const name = names(type?.["names"]).at(-1) ?? "";
  const own = requireOwnType(walk, type);
  if (isMasked(own)) return own;
  if (!isMasked(value)) return CLEAN;
  const isText = name === "text" || name === "varchar";
  if (!isText || !mayGrow(value) || list(type?.["arrayBounds"]).length > 0) walk.requireClean(value, `cast to ${name}`);
  // A length cuts: what is left of it may be what the mask shows the end of.
  return list(type?.["typmods"]).length === 0 && value.plain ? value : derived([value]);
}

/** A type whose use runs code that somebody defined: a cast, a constraint of a domain. */
export function requireOwnType(walk: Walk, typeName: unknown): Value {
  const name = names(bare(typeName)?.["names"]).at(-1) ?? "";
  if (!walk.relations.castTypes.has(name)) return CLEAN;
  const refused = new Refused(`a value of the type ${name} runs code that somebody defined, which may read anything`, NARROWER);
  if (walk.isView) return unproven(name, refused.message);
  throw refused;
}

/** What the operator itself may bring in, as a function may. `operator`: String nodes. */
export function requireOwnOperator(walk: Walk, operator: unknown): Value {
  const parts = names(operator);
  return requireOwn(walk, parts.at(-1) ?? "", parts.at(-2));
}

/** An operator that a form implies is looked for like any other. */
export function requireOwn(walk: Walk, name: string, schema?: string): Value {
  if (!walk.relations.operators.has(name) || schema === "pg_catalog" || (walk.isView && schema === undefined)) return CLEAN;
  const refused = new Refused(
    `the operator ${name} that somebody defined may read anything`,
    `OPERATOR(pg_catalog.${name}) is PostgreSQL's own`,
  );
  if (walk.isView) return unproven(name, refused.message);
  throw refused;
}

export function windowOf(walk: Walk, node: Tree, scope: Scope): void {
  for (const each of list(node["partitionClause"])) walk.requireAlike(walk.expression(each, scope), "divided by (PARTITION BY)");
  for (const each of list(node["orderClause"])) walk.requireClean(walk.expression(unwrap(each)[1]["node"], scope), "sorted by");
  walk.condition(node["startOffset"], scope);
  walk.condition(node["endOffset"], scope);
}

/** What the function itself may bring in. In a view it is the view's column that is not known, for whoever asks for it. */
function requireProven(walk: Walk, parts: readonly string[]): Value {
  const refused = whyUnproven(walk, parts);
  if (refused !== undefined || CHOSEN_BY_SESSION.has(parts.at(-1) ?? "")) walk.isChosen = true;
  if (refused === undefined) return CLEAN;
  if (walk.isView) return unproven(parts.join("."), refused.message);
  throw refused;
}

function whyUnproven(walk: Walk, parts: readonly string[]): Refused | undefined {
  const name = parts.at(-1) ?? "";
  if (walk.vouched.has(parts.join("."))) return undefined;
  const isOwn = parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog");
  // In a definition every name that is not PostgreSQL's own has its schema.
  const isShadowed = parts.length === 1 && !walk.isView && walk.relations.functions.has(name);
  // Its types come with the row, or as a value, and not in the text.
  const makesAny = walk.relations.castTypes.size > 0 && MAKES_VALUES.test(name);
  const isKnown = !makesAny && (isHarmless(parts) || (isOwn && EFFECT_ONLY_FUNCTIONS.has(name))) && !TELL_OF_OTHERS.has(name);
  if (isKnown && !isShadowed) return undefined;
  if (isKnown)
    return new Refused(`${name}() may be a function of that name that somebody defined`, `pg_catalog.${name}() is PostgreSQL's own`);
  return unprovenFunction(parts.join("."));
}

/** They say what the session has set. */
const CHOSEN_BY_SESSION: ReadonlySet<string> = new Set(["current_setting", "current_query", "currval", "lastval"]);
const MAKES_VALUES = /^(?:jsonb?_populate_record(?:set)?|pg_input_is_valid|pg_input_error_info)$/;
/** Comparisons that ask for equality, and what they are written as. */
const EQUALITY_KINDS: ReadonlySet<string> = new Set([
  "AEXPR_OP",
  "AEXPR_OP_ANY",
  "AEXPR_IN",
  "AEXPR_NULLIF",
  "AEXPR_DISTINCT",
  "AEXPR_NOT_DISTINCT",
]);
/** What [NOT] BETWEEN [SYMMETRIC] stands for (transformAExprBetween in parse_expr.c). */
const BETWEEN = [">=", "<=", "<", ">"];
