/** INSERT, UPDATE, DELETE and MERGE: what is masked may be written to where it comes from, and nowhere else. */
import { NARROWER, refusal, Refused } from "../refused.ts";
import { Scope, aliased, type Entry } from "../scope.ts";
import { bare, list, text, unwrap, type Tree } from "../../tree.ts";
import { isMasked, type Column, type Value } from "../values.ts";
import { anything } from "./anything.ts";
import { addFrom } from "./from.ts";
import { targets } from "./targets.ts";
import { withNames } from "./with-clause.ts";
import type { Walk } from "./walk.ts";

export function insertInto(walk: Walk, node: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, node["withClause"], parent);
  const target = targetOf(walk, node["relation"], "INSERT");
  if (bare(node["selectStmt"])) {
    const columns = walk.query(node["selectStmt"], outer);
    const into = list(node["cols"]).map((each) => text(unwrap(each)[1]["name"]));
    walk.refuseOpen(columns, "INSERT");
    columns.forEach(({ value }, index) => {
      const column = into[index] ?? target.columns[index]?.name;
      requireStays(walk, value, target, column);
      if (!valuesAt(node["selectStmt"], index).every(isNothing)) requireNoQuestion(target, column);
    });
  }
  const scope = ofTarget(target, outer);
  const conflict = bare(node["onConflictClause"]);
  if (conflict) {
    const updated = new Scope(scope);
    updated.add([{ alias: "excluded", columns: target.columns }], []);
    for (const each of list(bare(conflict["infer"])?.["indexElems"]))
      walk.requireClean(walk.expression(unwrap(each)[1]["expr"], scope), "an index");
    walk.condition(bare(conflict["infer"])?.["whereClause"], scope);
    assign(walk, conflict["targetList"], updated, target);
    walk.condition(conflict["whereClause"], updated);
  }
  return returning(walk, node["returningClause"], scope, target);
}

export function updateOf(walk: Walk, node: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, node["withClause"], parent);
  const target = targetOf(walk, node["relation"], "UPDATE");
  const scope = ofTarget(target, outer);
  for (const item of list(node["fromClause"])) addFrom(walk, item, scope, outer);
  assign(walk, node["targetList"], scope, target);
  walk.condition(node["whereClause"], scope);
  return returning(walk, node["returningClause"], scope, target);
}

export function deleteOf(walk: Walk, node: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, node["withClause"], parent);
  const target = targetOf(walk, node["relation"], "DELETE");
  const scope = ofTarget(target, outer);
  for (const item of list(node["usingClause"])) addFrom(walk, item, scope, outer);
  walk.condition(node["whereClause"], scope);
  return returning(walk, node["returningClause"], scope, target);
}

export function mergeInto(walk: Walk, node: Tree, parent?: Scope): readonly Column[] {
  const outer = withNames(walk, node["withClause"], parent);
  const target = targetOf(walk, node["relation"], "MERGE");
  const scope = new Scope(outer);
  addFrom(walk, node["sourceRelation"], scope, outer);
  scope.add([target], target.columns);
  walk.condition(node["joinCondition"], scope);
  for (const each of list(node["mergeWhenClauses"])) {
    const [, when] = unwrap(each);
    walk.condition(when["condition"], scope);
    if (when["commandType"] === "CMD_INSERT") {
      const into = list(when["targetList"]).map((column) => text(unwrap(column)[1]["name"]));
      list(when["values"]).forEach((value, index) => {
        const column = into[index] ?? target.columns[index]?.name;
        requireStays(walk, walk.expression(value, scope), target, column);
        if (!isNothing(value)) requireNoQuestion(target, column);
      });
    } else assign(walk, when["targetList"], scope, target);
  }
  return returning(walk, node["returningClause"], scope, target);
}

function targetOf(walk: Walk, node: unknown, change: string): Entry {
  const range = bare(node) ?? {};
  const name = text(range["relname"]);
  const schema = range["schemaname"] === undefined ? undefined : text(range["schemaname"]);
  const columns = walk.relation(range);
  const rule = walk.relations.answeringRule(name, schema, change);
  if (rule !== undefined) throw new Refused(`the rule ${rule} answers ${change} with rows of its own`, `a table without such a rule`);
  return aliased(range, name, columns, schema);
}

function ofTarget(target: Entry, outer: Scope): Scope {
  const scope = new Scope(outer);
  scope.add([target], target.columns);
  return scope;
}

function assign(walk: Walk, targets: unknown, scope: Scope, target: Entry): void {
  for (const each of list(targets)) {
    const [, assigned] = unwrap(each);
    for (const index of list(assigned["indirection"])) walk.requireClean(anything(walk, index, scope), "a subscript");
    requireStays(walk, walk.expression(assigned["val"], scope), target, text(assigned["name"]));
    if (!isNothing(assigned["val"])) requireNoQuestion(target, text(assigned["name"]));
  }
}

/** What VALUES has for a column, row by row; the query itself where it is no VALUES. */
function valuesAt(query: unknown, index: number): readonly unknown[] {
  const [, { valuesLists }] = unwrap(query);
  if (!Array.isArray(valuesLists)) return [query];
  return valuesLists.map((row) => list(unwrap(row)[1]["items"])[index]);
}

/** DEFAULT and NULL. */
function isNothing(value: unknown): boolean {
  const [type, node] = unwrap(value);
  return type === "SetToDefault" || (type === "A_Const" && node["isnull"] === true);
}

/** A guess that is written and then refused, or not, has been answered. */
export function requireNoQuestion({ columns }: Pick<Entry, "columns">, column: string | undefined): void {
  const into = columns.find(({ name }) => name === column);
  if (into?.checks) throw new Refused(`writing to ${into.name} runs code that somebody defined, which may read anything`, NARROWER);
  for (const source of into?.value.sources ?? []) {
    if (source.unproven !== undefined) throw refusal(source, "written");
    if (source.matched && source.compare !== "equality") throw refusal(source, "written, as it would be compared with other rows");
  }
}

/** What is masked may be written to where it comes from, and nowhere else. */
function requireStays(walk: Walk, value: Value, target: Entry, column: string | undefined): void {
  if (!isMasked(value)) return;
  const into = target.columns.find(({ name }) => name === column)?.value;
  if (value.plain && into?.plain === true && [...value.sources].every((source) => into.sources.has(source))) return;
  walk.requireClean(value, "written elsewhere");
}

function returning(walk: Walk, clause: unknown, scope: Scope, target: Entry): readonly Column[] {
  const node = bare(clause);
  if (!node) return [];
  const inner = new Scope(scope);
  const aliases = list(node["options"]).map((option) => text(unwrap(option)[1]["value"]));
  inner.add(
    ["old", "new", ...aliases].map((alias) => ({ alias, columns: target.columns })),
    scope.visible,
  );
  return targets(walk, node["exprs"], inner);
}
