/** What a query or a RETURNING gives back, column by column (parse_target.c). */
import { unknown } from "../refused.ts";
import { type Scope } from "../scope.ts";
import { isStar, list, names, text, unwrap, type Tree } from "../../tree.ts";
import { outputName } from "../output-name.ts";
import { derived, open, type Column } from "../values.ts";
import type { Walk } from "./walk.ts";

export function targets(walk: Walk, targets: unknown, scope: Scope): readonly Column[] {
  return list(targets).flatMap((each): readonly Column[] => {
    const [, target] = unwrap(each);
    const [type, value] = unwrap(target["val"]);
    if (type === "ColumnRef" && isStar(list(value["fields"]).at(-1))) return star(value, scope);
    if (type === "A_Indirection" && isStar(list(value["indirection"]).at(-1))) {
      const row = walk.expression(value["arg"], scope);
      if (row.fields) return row.fields;
      walk.requireClean(row, "taken apart (*)");
      return [open(derived([row]))];
    }
    return [{ name: text(target["name"]) || outputName(target["val"]), value: walk.expression(target["val"], scope) }];
  });
}

function star(reference: Tree, scope: Scope): readonly Column[] {
  const parts = names(reference["fields"]).slice(0, -1);
  if (parts.length === 0) return scope.visible;
  const entry = scope.entry(parts.at(-1) ?? "", parts.at(-2));
  if (!entry) throw unknown(parts.join("."));
  return entry.columns;
}
