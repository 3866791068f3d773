/**
 * `SELECT set_config(name, …) FROM pg_settings WHERE name = '…'`: how PostgreSQL's own dump changes a setting that older
 * servers do not have. Which one it is stands in the condition, and no row that says otherwise reaches the call. Pure.
 *
 * Known is the condition, not what it holds for: who may make tables can make one of that name, with an equality of its
 * own. So such a statement is watched as code is, until the target has said which settings changed.
 */
import { bare, list, namesOf, type Tree } from "./tree.ts";

/** What such a SELECT may have; anything else (WITH, UNION, GROUP BY, a second table) could be about other rows. */
const PARTS = new Set(["targetList", "fromClause", "whereClause", "limitOption", "op"]);
const PARTS_OF_RELATION = new Set(["relname", "schemaname", "inh", "relpersistence", "alias", "location"]);

/** Of a whole statement: its calls of set_config whose setting the condition names, with that name in lower case. */
export function conditionalSettings(statement: Tree): ReadonlyMap<object, string> {
  const select = bare(statement["SelectStmt"]);
  if (!select || !Object.keys(select).every((part) => PARTS.has(part)) || select["op"] !== "SETOP_NONE") return new Map();
  const column = columnOf(select["fromClause"]);
  const setting = column && settingOf(select["whereClause"], column);
  if (column === undefined || setting === undefined) return new Map();
  const calls = list(select["targetList"]).flatMap((each) => {
    const call = bare(bare(bare(bare(each)?.["ResTarget"])?.["val"])?.["FuncCall"]);
    const first = bare(list(call?.["args"])[0]);
    return call && first && isColumn(first, column) ? [call] : [];
  });
  return new Map(calls.map((call) => [call, setting.toLowerCase()]));
}

/** How `name` of pg_settings, the only table, can be written: by what it may be called there. */
function columnOf(from: unknown): { readonly table: string } | undefined {
  const [only, ...others] = list(from);
  const relation = bare(bare(only)?.["RangeVar"]);
  if (!relation || others.length > 0 || !Object.keys(relation).every((part) => PARTS_OF_RELATION.has(part))) return undefined;
  if (relation["relname"] !== "pg_settings" || ![undefined, "pg_catalog"].includes(relation["schemaname"] as string | undefined)) {
    return undefined;
  }
  const alias = bare(relation["alias"]);
  // New names for its columns: `name` would be another one.
  if (alias?.["colnames"] !== undefined) return undefined;
  const called = alias?.["aliasname"];
  return { table: typeof called === "string" ? called : "pg_settings" };
}

/** Of a condition that holds only where the column is one constant; in an AND it is enough that one part says so. */
function settingOf(condition: unknown, column: { readonly table: string }): string | undefined {
  const node = bare(condition);
  const both = bare(node?.["BoolExpr"]);
  if (both?.["boolop"] === "AND_EXPR") {
    for (const part of list(both["args"])) {
      const found = equated(bare(part) ?? {}, column);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return node && equated(node, column);
}

function equated(node: Tree, column: { readonly table: string }): string | undefined {
  const comparison = bare(node["A_Expr"]);
  if (comparison?.["kind"] !== "AEXPR_OP" || !["=", "pg_catalog.="].includes(namesOf(comparison["name"]).join("."))) return undefined;
  const [left, right] = [bare(comparison["lexpr"]), bare(comparison["rexpr"])];
  if (!left || !right) return undefined;
  if (isColumn(left, column)) return textOf(right);
  return isColumn(right, column) ? textOf(left) : undefined;
}

function isColumn(node: Tree, { table }: { readonly table: string }): boolean {
  const fields = list(bare(node["ColumnRef"])?.["fields"]);
  const words = namesOf(fields);
  if (words.length !== fields.length) return false;
  return words.length === 1 ? words[0] === "name" : words.length === 2 && words[0] === table && words[1] === "name";
}

function textOf(node: Tree): string | undefined {
  const text = bare(bare(node["A_Const"])?.["sval"])?.["sval"];
  return typeof text === "string" ? text : undefined;
}
