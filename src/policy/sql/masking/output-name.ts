import { bare, list, names, text, unwrap } from "../tree.ts";

/** What PostgreSQL calls an output column that has no AS (FigureColname in its parse_target.c). */
export function outputName(value: unknown): string {
  const [type, node] = unwrap(value);
  switch (type) {
    case "ColumnRef":
      return names(node["fields"]).findLast((name) => name !== undefined) ?? "";
    case "A_Indirection":
      return names(node["indirection"]).findLast((name) => name !== undefined) ?? outputName(node["arg"]);
    case "FuncCall":
      return names(node["funcname"]).at(-1) ?? "";
    case "A_Expr":
      return node["kind"] === "AEXPR_NULLIF" ? "nullif" : NAMELESS;
    case "TypeCast": {
      const inner = outputName(node["arg"]);
      return inner === NAMELESS || inner === "case" ? (names(bare(node["typeName"])?.["names"]).at(-1) ?? inner) : inner;
    }
    case "CollateClause":
      return outputName(node["arg"]);
    case "SubLink":
      if (node["subLinkType"] === "EXISTS_SUBLINK") return "exists";
      if (node["subLinkType"] === "ARRAY_SUBLINK") return "array";
      return node["subLinkType"] === "EXPR_SUBLINK" ? firstOutput(node["subselect"]) : NAMELESS;
    case "CaseExpr": {
      const otherwise = outputName(node["defresult"]);
      return otherwise === NAMELESS ? "case" : otherwise;
    }
    case "MinMaxExpr":
      return node["op"] === "IS_LEAST" ? "least" : "greatest";
    case "SQLValueFunction":
      return text(node["op"]).replace("SVFOP_", "").replace(/_N$/, "").toLowerCase();
    case "XmlExpr":
      return text(node["op"]).replace("IS_", "").toLowerCase();
    default:
      return NAMES[type] ?? NAMELESS;
  }
}

const NAMELESS = "?column?";
const NAMES: Readonly<Record<string, string>> = {
  A_ArrayExpr: "array",
  RowExpr: "row",
  CoalesceExpr: "coalesce",
  GroupingFunc: "grouping",
  MergeSupportFunc: "merge_action",
  XmlSerialize: "xmlserialize",
  JsonParseExpr: "json",
  JsonScalarExpr: "json_scalar",
  JsonSerializeExpr: "json_serialize",
  JsonObjectConstructor: "json_object",
  JsonArrayConstructor: "json_array",
  JsonArrayQueryConstructor: "json_array",
  JsonObjectAgg: "json_objectagg",
  JsonArrayAgg: "json_arrayagg",
};

function firstOutput(query: unknown): string {
  let [, node] = unwrap(query);
  for (let left = bare(node["larg"]); left; left = bare(node["larg"])) node = left;
  if (Array.isArray(node["valuesLists"])) return "column1";
  const [, target] = unwrap(list(node["targetList"])[0]);
  return text(target["name"]) || outputName(target["val"]);
}
