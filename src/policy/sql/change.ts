/** What a statement that changes rows is about, for trying it out: which table, and where its text ends. Pure. */
import { unwrap, type Tree } from "./tree.ts";

export interface Change {
  readonly kind: "INSERT" | "UPDATE" | "DELETE" | "MERGE";
  readonly schema?: string;
  readonly table: string;
  /** What the statement calls the table. */
  readonly alias: string;
  /** It has RETURNING already. */
  readonly returns: boolean;
  /** UTF-8 bytes of its text, without the semicolon and what stands behind it; absent: to the end. */
  readonly bytes?: number;
}

const KINDS: Readonly<Record<string, Change["kind"]>> = {
  InsertStmt: "INSERT",
  UpdateStmt: "UPDATE",
  DeleteStmt: "DELETE",
  MergeStmt: "MERGE",
};

/** `undefined`: it changes no rows of one table. */
export function changeOf(statement: Tree, bytes?: number): Change | undefined {
  const [type, node] = unwrap(statement);
  const kind = KINDS[type];
  if (kind === undefined) return undefined;
  const { relation, returningClause } = node;
  const { relname, schemaname, alias } = (relation ?? {}) as Tree;
  const table = String(relname);
  const called = (alias as Tree | undefined)?.["aliasname"];
  return {
    kind,
    ...(typeof schemaname === "string" && { schema: schemaname }),
    table,
    alias: typeof called === "string" ? called : table,
    returns: returningClause !== undefined,
    ...(bytes !== undefined && { bytes }),
  };
}
