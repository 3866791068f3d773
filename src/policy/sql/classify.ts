/**
 * From the syntax tree that PostgreSQL's own parser makes to what a statement does. Pure.
 *
 * Every node of the tree is looked at, wherever it stands: a DELETE inside of WITH is a DELETE. Fails closed: a statement
 * that no table here names is `unknown`, a function that is not known is a function to ask for.
 * Without recursion: a tree may be thousands of levels deep.
 */
import { HARMLESS_FUNCTIONS } from "./harmless-functions.ts";
import { SQL_CLASSES, type SqlClass, type SqlRelation, type StatementFacts } from "./statement.ts";

/** A node as libpg_query writes it: its type is the only key. */
type Tree = Readonly<Record<string, unknown>>;

/** What a statement is by its kind alone; what depends on more is in `EXAMINED`. */
const BY_KIND: Readonly<Record<string, readonly SqlClass[]>> = {
  ...each("read", "SelectStmt VariableShowStmt PrepareStmt DeclareCursorStmt FetchStmt ClosePortalStmt DeallocateStmt"),
  ...each("write", "InsertStmt UpdateStmt DeleteStmt MergeStmt TruncateStmt"),
  ...each(
    "ddl",
    `CreateStmt CreateTableAsStmt IndexStmt ViewStmt CreateSeqStmt AlterSeqStmt CreateSchemaStmt DropStmt RenameStmt
     AlterTableStmt AlterObjectSchemaStmt AlterObjectDependsStmt CommentStmt RefreshMatViewStmt CreateEnumStmt
     AlterEnumStmt CompositeTypeStmt CreateRangeStmt CreateDomainStmt AlterDomainStmt DefineStmt AlterTypeStmt
     CreateStatsStmt AlterStatsStmt CreateCastStmt CreateConversionStmt AlterCollationStmt AlterTSDictionaryStmt
     AlterTSConfigurationStmt AlterOperatorStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt`,
  ),
  // What gives rights away, runs as somebody else later, or reaches beyond the database.
  ...each(
    "dcl",
    `GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt
     DropRoleStmt ReassignOwnedStmt DropOwnedStmt AlterOwnerStmt SecLabelStmt CreatePolicyStmt AlterPolicyStmt
     CreateFunctionStmt AlterFunctionStmt CreateTrigStmt RuleStmt CreateEventTrigStmt AlterEventTrigStmt
     CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreatePLangStmt CreateTransformStmt
     CreateAmStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt AlterForeignServerStmt
     CreateForeignTableStmt ImportForeignSchemaStmt CreateUserMappingStmt AlterUserMappingStmt
     DropUserMappingStmt CreatePublicationStmt AlterPublicationStmt CreateSubscriptionStmt AlterSubscriptionStmt
     DropSubscriptionStmt CreatedbStmt AlterDatabaseStmt AlterDatabaseSetStmt AlterDatabaseRefreshCollStmt
     DropdbStmt CreateTableSpaceStmt DropTableSpaceStmt AlterTableSpaceOptionsStmt AlterTableMoveAllStmt
     AlterSystemStmt LoadStmt`,
  ),
  ...each("opaque", "DoStmt CallStmt ExecuteStmt"),
  ...each("session", "DiscardStmt ListenStmt UnlistenStmt NotifyStmt"),
  ...each("transaction", "ConstraintsSetStmt"),
  ...each("utility", "VacuumStmt ClusterStmt ReindexStmt CheckPointStmt LockStmt"),
};

/** Statements that are one thing or another by what stands in them. */
const EXAMINED: Readonly<Record<string, (node: Tree) => readonly SqlClass[]>> = {
  TransactionStmt: ({ kind }) => (/PREPARE/.test(String(kind)) ? ["utility"] : ["transaction"]),
  VariableSetStmt: ({ name, kind }) => {
    if (kind === "VAR_SET_MULTI") return name === "TRANSACTION SNAPSHOT" ? ["utility"] : ["transaction"];
    return name === "role" || name === "session_authorization" ? ["dcl"] : ["session"];
  },
  CopyStmt: ({ is_from: isFrom, is_program: isProgram, filename }) => {
    // The server's own files and programs are no matter of tables.
    if (isProgram === true || filename !== undefined) return ["copy", "dcl"];
    return ["copy", isFrom === true ? "write" : "read"];
  },
  ExplainStmt: () => ["read"],
};

/** Nodes whose `relation` is written to. */
const WRITES_RELATION = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "IntoClause"]);
/** Settings that make our parser read a text differently from the server. */
export const PINNED_SETTINGS: ReadonlySet<string> = new Set(["client_encoding", "names", "standard_conforming_strings"]);

export function classify(statement: Tree): StatementFacts {
  const classes = new Set<SqlClass>();
  const relations = new Map<string, SqlRelation>();
  const functions = new Set<string>();
  const settings = new Set<string>();
  const [kind = "nothing"] = Object.keys(statement);
  /** `writes`: relations below are written to; `planned`: it is only planned, and not run. */
  const waiting: { readonly value: unknown; readonly writes: boolean; readonly planned: boolean }[] = [
    { value: statement, writes: false, planned: false },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, writes, planned } = next;
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) waiting.push({ value: item, writes, planned });
      continue;
    }
    if (typeof value !== "object" || value === null) continue;
    for (const [type, node] of Object.entries(value as Tree)) {
      if (typeof node !== "object" || node === null) continue;
      const tree = node as Tree;
      const inside = { writes: isDefinition(type) || (writes && !type.endsWith("Stmt")), planned };
      if (isStatement(type)) {
        const found = planned ? plannedOnly(type) : classesOf(type, tree);
        for (const each of found) classes.add(each);
      }
      if (type === "ExplainStmt" && !runs(tree)) inside.planned = true;
      // Known by what they have: where the grammar leaves no choice, a node stands there without its type.
      if (Array.isArray(tree["funcname"]) && !isStatement(type)) addFunction(tree, functions, classes);
      else if (type === "VariableSetStmt") settings.add(typeof tree["name"] === "string" ? tree["name"].toLowerCase() : "");
      else if (type === "lockingClause" && !planned) classes.add("write");
      else if (type === "intoClause" && !planned) classes.add("ddl");
      if (typeof tree["relname"] === "string") addRelation(tree, writes && !planned, relations);
      for (const [field, child] of Object.entries(tree)) {
        const isTarget = field === "relation" && (WRITES_RELATION.has(type) || (type === "CopyStmt" && tree["is_from"] === true));
        const isInto = type === "intoClause" || type === "into" || field === "into" || field === "intoClause";
        const isTruncated = type === "TruncateStmt";
        waiting.push({ value: { [field]: child }, writes: inside.writes || isTarget || isInto || isTruncated, planned: inside.planned });
      }
    }
  }
  return {
    kind,
    classes: SQL_CLASSES.filter((each) => classes.has(each)),
    relations: [...relations.values()],
    functions: [...functions].sort(),
    settings: [...settings].sort(),
  };
}

function isStatement(type: string): boolean {
  return /^[A-Z]\w*Stmt$/.test(type) && type !== "RawStmt";
}

/** Its relations are what is defined, changed or dropped. */
function isDefinition(type: string): boolean {
  const classes = BY_KIND[type];
  return classes !== undefined && (classes.includes("ddl") || classes.includes("dcl") || classes.includes("utility"));
}

function classesOf(type: string, node: Tree): readonly SqlClass[] {
  return EXAMINED[type]?.(node) ?? BY_KIND[type] ?? ["unknown"];
}

/** EXPLAIN runs nothing; what it cannot plan without running it is not planned either. */
function plannedOnly(type: string): readonly SqlClass[] {
  const classes = BY_KIND[type] ?? ["unknown"];
  return classes.every((each) => each === "read" || each === "write" || each === "ddl") ? ["read"] : classes;
}

/** EXPLAIN (ANALYZE): `off`, `false` and `0` alone mean that it does not run. */
function runs(explain: Tree): boolean {
  const options = (explain["options"] ?? []) as readonly { readonly DefElem?: { readonly defname?: string; readonly arg?: unknown } }[];
  return options.some(({ DefElem }) => {
    if (DefElem?.defname?.toLowerCase() !== "analyze") return false;
    return !/"(?:sval|fval)":"(?:off|false)"|"ival":\{\}|"ival":0\b|"Integer":\{\}|"boolval":\{\}/i.test(
      JSON.stringify(DefElem.arg ?? null),
    );
  });
}

function addFunction(call: Tree, functions: Set<string>, classes: Set<SqlClass>): void {
  const parts = namesOf(call["funcname"]);
  const name = parts.at(-1) ?? "";
  const isOwn = parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog");
  if (isOwn && HARMLESS_FUNCTIONS.has(name)) return;
  functions.add(parts.join("."));
  classes.add("function");
}

function addRelation(node: Tree, isWritten: boolean, relations: Map<string, SqlRelation>): void {
  const { schemaname, relname } = node;
  if (typeof relname !== "string") return;
  const name = typeof schemaname === "string" ? `${schemaname}.${relname}` : relname;
  if (isWritten || !relations.has(name)) relations.set(name, { name, access: isWritten ? "write" : "read" });
}

function namesOf(list: unknown): readonly string[] {
  return ((list ?? []) as readonly { readonly String?: { readonly sval?: string } }[]).map(({ String: text }) => text?.sval ?? "");
}

function each(name: SqlClass, kinds: string): Record<string, readonly SqlClass[]> {
  return Object.fromEntries(kinds.split(/\s+/).map((kind) => [kind, [name]]));
}
