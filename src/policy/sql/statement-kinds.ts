/**
 * What a statement is by its kind: the classes of each that PostgreSQL's grammar has. Fails closed: one that no table here
 * names is `unknown`. Pure.
 */
import type { SqlClass } from "./statement.ts";
import { list, text, unwrap, type Tree } from "./tree.ts";

/** What a statement is by its kind alone; what depends on more is in `EXAMINED`. */
const BY_KIND: Readonly<Record<string, readonly SqlClass[]>> = {
  ...each("read", "SelectStmt VariableShowStmt PrepareStmt DeclareCursorStmt FetchStmt ClosePortalStmt DeallocateStmt ReturnStmt"),
  ...each("write", "InsertStmt UpdateStmt DeleteStmt MergeStmt TruncateStmt"),
  ...each(
    "ddl",
    `CreateStmt CreateTableAsStmt IndexStmt ViewStmt CreateSeqStmt AlterSeqStmt CreateSchemaStmt DropStmt RenameStmt
     AlterTableStmt AlterObjectSchemaStmt AlterObjectDependsStmt CommentStmt RefreshMatViewStmt CreateEnumStmt
     AlterEnumStmt CompositeTypeStmt CreateRangeStmt CreateDomainStmt AlterDomainStmt DefineStmt CreateStatsStmt
     AlterStatsStmt CreateConversionStmt AlterCollationStmt AlterTSDictionaryStmt AlterTSConfigurationStmt
     ReplicaIdentityStmt`,
  ),
  // What gives rights away, runs as somebody else later, or reaches beyond the database.
  ...each(
    "dcl",
    `GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt
     ReassignOwnedStmt DropOwnedStmt AlterOwnerStmt SecLabelStmt CreatePolicyStmt AlterPolicyStmt CreateFunctionStmt
     AlterFunctionStmt CreateTrigStmt RuleStmt CreateEventTrigStmt AlterEventTrigStmt CreateExtensionStmt
     AlterExtensionStmt AlterExtensionContentsStmt CreatePLangStmt CreateTransformStmt CreateAmStmt CreateFdwStmt
     AlterTypeStmt CreateCastStmt AlterOperatorStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt
     AlterFdwStmt CreateForeignServerStmt AlterForeignServerStmt CreateForeignTableStmt ImportForeignSchemaStmt
     CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt CreatePublicationStmt AlterPublicationStmt
     CreateSubscriptionStmt AlterSubscriptionStmt DropSubscriptionStmt CreatedbStmt AlterDatabaseStmt
     AlterDatabaseSetStmt AlterDatabaseRefreshCollStmt DropdbStmt CreateTableSpaceStmt DropTableSpaceStmt
     AlterTableSpaceOptionsStmt AlterTableMoveAllStmt AlterSystemStmt LoadStmt`,
  ),
  ...each("opaque", "DoStmt CallStmt ExecuteStmt"),
  ...each("session", "DiscardStmt ListenStmt UnlistenStmt NotifyStmt"),
  ...each("transaction", "ConstraintsSetStmt"),
  ...each("utility", "VacuumStmt ClusterStmt ReindexStmt CheckPointStmt"),
};

/** AccessShareLock of PostgreSQL's lockdefs.h. */
export const ACCESS_SHARE = 1;

/** Statements that are one thing or another by what stands in them. */
const EXAMINED: Readonly<Record<string, (node: Tree) => readonly SqlClass[]>> = {
  TransactionStmt: ({ kind }) => (/PREPARE/.test(String(kind)) ? ["utility"] : ["transaction"]),
  VariableSetStmt: ({ name, kind }) => {
    if (kind === "VAR_SET_MULTI") return ["transaction"];
    return name === "role" || name === "session_authorization" ? ["dcl"] : ["session"];
  },
  CopyStmt: ({ is_from: isFrom, is_program: isProgram, filename }) => {
    // The server's own files and programs are no matter of tables.
    if (isProgram === true || filename !== undefined) return ["copy", "dcl"];
    return ["copy", isFrom === true ? "write" : "read"];
  },
  ExplainStmt: () => ["read"],
  // What a SELECT takes by itself.
  LockStmt: ({ mode }) => (mode === ACCESS_SHARE ? ["read"] : ["utility"]),
  // Making them is dcl, so that unmaking, renaming and moving them is too.
  DropStmt: ({ removeType }) => ofObject(removeType),
  RenameStmt: ({ renameType }) => ofObject(renameType),
  AlterObjectSchemaStmt: ({ objectType }) => ofObject(objectType),
  AlterTableStmt: ({ cmds }) => (changesRights(cmds) ? ["ddl", "dcl"] : ["ddl"]),
  // They put a function that is there already behind a name that looks harmless.
  DefineStmt: ({ kind, definition }) => (definition !== undefined && MADE_OF_FUNCTIONS.test(String(kind)) ? ["dcl"] : ofObject(kind)),
  CreateRangeStmt: ({ params }) => (callsFunctions(params) ? ["ddl", "dcl"] : ["ddl"]),
  CreateSchemaStmt: ({ authrole }) => (authrole === undefined ? ["ddl"] : ["ddl", "dcl"]),
};

/** Objects that hold data or shape it. Others are rights, code, or beyond the database. */
const OF_DATA =
  /^OBJECT_(?:TABLE|VIEW|MATVIEW|INDEX|SEQUENCE|TYPE|DOMAIN|SCHEMA|COLUMN|ATTRIBUTE|TABCONSTRAINT|DOMCONSTRAINT|COLLATION|CONVERSION|STATISTIC_EXT|TS\w+)$/;

const MADE_OF_FUNCTIONS = /^OBJECT_(?:TYPE|TSPARSER|TSTEMPLATE)$/;

function ofObject(kind: unknown): readonly SqlClass[] {
  return OF_DATA.test(String(kind)) ? ["ddl"] : ["dcl"];
}

/** Options of a range that are functions. */
function callsFunctions(options: unknown): boolean {
  return list(options).some((option) => !RANGE_OPTIONS.has(text(unwrap(option)[1]["defname"])));
}

const RANGE_OPTIONS: ReadonlySet<string> = new Set(["subtype", "subtype_opclass", "collation", "multirange_type_name"]);

/** Owner, row-level security, triggers and rules of a table. */
function changesRights(commands: unknown): boolean {
  // Fails closed: what does not say what it is may be any of them.
  return list(commands).some((command) => /Owner|RowSecurity|Trig|Rule/.test(text(unwrap(command)[1]["subtype"]) || "Owner"));
}

export function isStatement(type: string): boolean {
  const first = type.charCodeAt(0);
  return first >= 65 && first <= 90 && type.endsWith("Stmt") && type !== "RawStmt";
}

/** Its relations are what is defined, changed or dropped. */
export function isDefinition(type: string): boolean {
  // Fields of the grammar are called like members of every object: `constructor`.
  const classes = isStatement(type) ? BY_KIND[type] : undefined;
  return classes !== undefined && (classes.includes("ddl") || classes.includes("dcl") || classes.includes("utility"));
}

export function classesOf(type: string, node: Tree): readonly SqlClass[] {
  return EXAMINED[type]?.(node) ?? BY_KIND[type] ?? ["unknown"];
}

/** EXPLAIN runs nothing; what it cannot plan without running it is not planned either. */
export function plannedOnly(type: string): readonly SqlClass[] {
  const classes = BY_KIND[type] ?? ["unknown"];
  return classes.every((each) => each === "read" || each === "write" || each === "ddl") ? ["read"] : classes;
}

function each(name: SqlClass, kinds: string): Record<string, readonly SqlClass[]> {
  return Object.fromEntries(kinds.split(/\s+/).map((kind) => [kind, [name]]));
}
