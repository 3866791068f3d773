/** FROM: what rows come from, and under which names (parse_clause.c, parse_relation.c). */
import { EQUALITY } from "../functions.ts";
import { Scope, aliased, type Entry } from "../scope.ts";
import { bare, list, names, text, unwrap, type Tree } from "../../tree.ts";
import { outputName } from "../output-name.ts";
import { CLEAN, derived, either, open, type Column, type Value } from "../values.ts";
import { anything } from "./anything.ts";
import { requireOwn } from "./calls.ts";
import type { Walk } from "./walk.ts";

export function addFrom(walk: Walk, item: unknown, scope: Scope, outer: Scope): void {
  const { entries, visible } = walk.deeper(() => fromItem(walk, item, scope, outer));
  scope.add(entries, visible);
}

/** `scope`: what stands before it, for LATERAL. */
function fromItem(walk: Walk, item: unknown, scope: Scope, outer: Scope): { entries: readonly Entry[]; visible: readonly Column[] } {
  const [type, node] = unwrap(item);
  switch (type) {
    case "RangeVar":
      return one(rangeVar(walk, node, outer));
    case "RangeSubselect": {
      const columns = walk.query(node["subquery"], node["lateral"] === true ? scope : outer);
      return one(aliased(node, "", columns));
    }
    case "RangeFunction":
      return one(rangeFunction(walk, node, scope));
    case "RangeTableSample": {
      for (const each of [...list(node["args"]), node["repeatable"]]) walk.condition(each, scope);
      return fromItem(walk, node["relation"], scope, outer);
    }
    case "JoinExpr":
      return join(walk, node, scope, outer);
    default: {
      // XMLTABLE, JSON_TABLE, and what comes after them: how many rows they have tells of what they read.
      const value = anything(walk, node, scope);
      walk.requireClean(value, `read as a table (${type})`);
      return one(aliased(node, "", [open(derived([value]))]));
    }
  }
}

function rangeVar(walk: Walk, node: Tree, scope: Scope): Entry {
  const name = text(node["relname"]);
  const schema = node["schemaname"] === undefined ? undefined : text(node["schemaname"]);
  const cte = schema === undefined ? scope.cte(name) : undefined;
  if (cte) return aliased(node, name, cte);
  const columns = walk.relation(node);
  const entry = aliased(node, name, columns, schema);
  // An alias may have other names for its columns.
  const key = walk.relations
    .keyOf(name, schema)
    ?.map((each) => entry.columns[columns.findIndex((column) => column.name === each)]?.name ?? "");
  return key ? { ...entry, key } : entry;
}

function rangeFunction(walk: Walk, node: Tree, scope: Scope): Entry {
  const called: unknown[] = [];
  let value: Value = CLEAN;
  let firstName = "";
  for (const each of list(node["functions"])) {
    const [call, definitions] = list(unwrap(each)[1]["items"]);
    const given = walk.expression(call, scope);
    walk.requireClean(given, "given to a function in FROM");
    value = derived([value, given]);
    firstName ||= outputName(call);
    called.push(...list(unwrap(definitions)[1]["items"]));
  }
  const alias = bare(node["alias"]);
  const name = text(alias?.["aliasname"]) || firstName;
  const defined = [...called, ...list(node["coldeflist"])].map((each) => text(unwrap(each)[1]["colname"]));
  const columns = [...defined, ...names(alias?.["colnames"]), name].map((each) => ({ name: each ?? "", value }));
  return { alias: name, columns: [...columns, open(value)] };
}

function join(walk: Walk, node: Tree, scope: Scope, outer: Scope): { entries: readonly Entry[]; visible: readonly Column[] } {
  const left = walk.deeper(() => fromItem(walk, node["larg"], scope, outer));
  const inner = new Scope(scope);
  inner.add(left.entries, left.visible);
  const right = walk.deeper(() => fromItem(walk, node["rarg"], inner, outer));
  const shared = node["isNatural"] === true ? sharedNames(walk, left.visible, right.visible) : names(node["usingClause"]);
  if (shared.length > 0) requireOwn(walk, EQUALITY);
  const merged = shared.map((each): Column => {
    const [a, b] = [left, right].map(({ visible }) => visible.find(({ name }) => name === each)?.value ?? CLEAN);
    for (const value of [a, b]) if (value) walk.requireUncompared(value, "joined by");
    return { name: each ?? "", value: a && b ? either(a, b) : CLEAN };
  });
  const rest = [...left.visible, ...right.visible].filter(({ name, open }) => open === true || !shared.includes(name));
  const entries = [...left.entries, ...right.entries];
  const both = new Scope(scope);
  both.add(entries, [...left.visible, ...right.visible]);
  walk.condition(node["quals"], both);
  const visible = [...merged, ...rest];
  const using = bare(node["join_using_alias"]);
  if (using) entries.push({ alias: text(using["aliasname"]), columns: merged });
  if (!bare(node["alias"])) return { entries, visible };
  return one(aliased(node, "", visible));
}

function sharedNames(walk: Walk, left: readonly Column[], right: readonly Column[]): readonly string[] {
  walk.refuseOpen([...left, ...right], "NATURAL JOIN");
  const others = new Set(right.map(({ name }) => name));
  return left.filter(({ name }) => others.has(name)).map(({ name }) => name);
}

function one(entry: Entry): { entries: readonly Entry[]; visible: readonly Column[] } {
  return { entries: [entry], visible: entry.columns };
}
