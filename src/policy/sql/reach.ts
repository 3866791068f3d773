/**
 * What statements do to relations that their text does not have as relations: names in lists of DROP and COMMENT, new
 * names, and what nobody can name. Pure.
 *
 * Fails closed: a definition of which it is not known that its relations are all that it changes may change any.
 */
import { list, namesOf, type Tree } from "./tree.ts";
import type { SqlRelation } from "./statement.ts";

/** Of PostgreSQL's own: they show values of other tables, by columns that are statistics. */
export const SAMPLES: ReadonlySet<string> = new Set([
  "pg_statistic",
  "pg_statistic_ext_data",
  "pg_stats",
  "pg_stats_ext",
  "pg_stats_ext_exprs",
]);

/** Statements whose relations in the text are all that they define or change, CASCADE aside. */
const NAMES_ALL: ReadonlySet<string> = new Set(
  `CreateStmt CreateTableAsStmt IndexStmt ViewStmt CreateSeqStmt AlterSeqStmt AlterTableStmt RefreshMatViewStmt
   CompositeTypeStmt`.split(/\s+/),
);

/** Other definitions: what they change has a name that is no relation's, or none. */
const DEFINES = /^(?:Create|Alter|Drop|Rename|Comment|Define|Import)/;

const OF_RELATION = /^OBJECT_(?:TABLE|VIEW|MATVIEW|INDEX|SEQUENCE|FOREIGN_TABLE)$/;
/** They belong to the relation that is named with them. */
const OF_PART = /^OBJECT_(?:COLUMN|ATTRIBUTE|TABCONSTRAINT)$/;

/** Whether a statement changes more than the relations that are found in it and those of `definedBy`. */
export function reachesBeyond(type: string, node: Tree): boolean {
  if (NAMES_ALL.has(type) || !DEFINES.test(type)) return false;
  switch (type) {
    case "DropStmt":
      return !OF_RELATION.test(String(node["removeType"]));
    case "CommentStmt":
      return !OF_RELATION.test(String(node["objtype"])) && node["objtype"] !== "OBJECT_COLUMN";
    case "RenameStmt":
      return node["relation"] === undefined || !(OF_RELATION.test(String(node["renameType"])) || OF_PART.test(String(node["renameType"])));
    case "AlterObjectSchemaStmt":
      return node["relation"] === undefined;
    default:
      return true;
  }
}

/** Relations that a definition has as lists of names, or as the new name or schema of one. */
export function definedBy(type: string, node: Tree): readonly SqlRelation[] {
  switch (type) {
    case "DropStmt":
      return OF_RELATION.test(String(node["removeType"])) ? list(node["objects"]).flatMap((each) => relationOf(namesIn(each))) : [];
    case "CommentStmt":
      if (node["objtype"] === "OBJECT_COLUMN") return relationOf(namesIn(node["object"]).slice(0, -1));
      return OF_RELATION.test(String(node["objtype"])) ? relationOf(namesIn(node["object"])) : [];
    case "RenameStmt":
      return OF_RELATION.test(String(node["renameType"])) ? moved(node["relation"], { name: node["newname"] }) : [];
    case "AlterObjectSchemaStmt":
      return moved(node["relation"], { schema: node["newschema"] });
    default:
      return [];
  }
}

/** Where a relation goes to. */
function moved(relation: unknown, to: { readonly name?: unknown; readonly schema?: unknown }): readonly SqlRelation[] {
  const { relname, schemaname } = (relation ?? {}) as Tree;
  const [schema, name] = [to.schema ?? schemaname, to.name ?? relname];
  if (typeof name !== "string") return [];
  return relationOf(typeof schema === "string" ? [schema, name] : [name]);
}

/** `database.schema.name`, or less. */
function relationOf(names: readonly string[]): readonly SqlRelation[] {
  const [schema, name] = [names.at(-2), names.at(-1)];
  if (name === undefined) return [];
  return [schema === undefined ? { name, access: "write" } : { name: `${schema}.${name}`, schema, access: "write" }];
}

function namesIn(object: unknown): readonly string[] {
  const { List } = (object ?? {}) as { readonly List?: { readonly items?: unknown } };
  return namesOf(List?.items);
}
