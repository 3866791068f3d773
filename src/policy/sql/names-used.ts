/**
 * What a statement does with the names of its connection: prepared statements, and portals, which SQL calls cursors.
 * Both are the protocol's too: EXECUTE runs what a Parse has named, and Execute what DECLARE has opened. Pure.
 */
import { runsWhatItExplains } from "./explain.ts";
import type { NameUse } from "./statement.ts";
import { unwrap, type Tree } from "./tree.ts";

/** CURSOR_OPT_HOLD of PostgreSQL's parsenodes.h: WITH HOLD. */
const HOLD = 0x20;

export function namesUsed(statement: Tree): readonly NameUse[] {
  const [kind, node] = unwrap(statement);
  const made = nameOf(node["name"] ?? node["portalname"]);
  switch (kind) {
    case "PrepareStmt":
      return [{ does: "make", of: "statement", ...made }];
    case "DeclareCursorStmt":
      return [{ does: "make", of: "portal", ...made, ...((Number(node["options"]) & HOLD) !== 0 && { outlives: true as const }) }];
    case "DeallocateStmt":
      return [{ does: "end", of: "statement", ...made }];
    case "ClosePortalStmt":
      return [{ does: "end", of: "portal", ...made }];
    case "DiscardStmt":
      return node["target"] === "DISCARD_ALL"
        ? [
            { does: "end", of: "statement" },
            { does: "end", of: "portal" },
          ]
        : [];
    case "FetchStmt":
      return [{ does: "run", of: "portal", ...made }];
    default:
      return executed(kind, node);
  }
}

/** EXECUTE, also where CREATE TABLE AS and EXPLAIN have it. */
function executed(kind: string, node: Tree): readonly NameUse[] {
  let planned = false;
  let [type, inner] = [kind, node];
  while (type === "ExplainStmt" || type === "CreateTableAsStmt") {
    planned ||= type === "ExplainStmt" && !runsWhatItExplains(inner);
    [type, inner] = unwrap(inner["query"]);
  }
  return type === "ExecuteStmt" ? [{ does: planned ? "plan" : "run", of: "statement", ...nameOf(inner["name"]) }] : [];
}

function nameOf(name: unknown): { name?: string } {
  return typeof name === "string" ? { name } : {};
}
