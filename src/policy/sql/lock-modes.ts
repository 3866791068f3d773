/**
 * Which lock a statement takes on what it names, by what it is. From PostgreSQL's documentation: §13.3 "Explicit Locking",
 * the page of each command, and for ALTER TABLE its page too (AlterTableGetLockLevel in tablecmds.c). Pure.
 *
 * For people who decide without a trial: what else it locks (what inherits, refers, or goes with CASCADE) only a trial
 * shows. Errs to the stronger lock where the text alone does not tell.
 */
import { optionsOf } from "./options.ts";
import { namesOf, unwrap, type Tree } from "./tree.ts";

/** From weak to strong, as §13.3.1 has them. */
export const LOCK_MODES = [
  "AccessShare",
  "RowShare",
  "RowExclusive",
  "ShareUpdateExclusive",
  "Share",
  "ShareRowExclusive",
  "Exclusive",
  "AccessExclusive",
] as const;
type Mode = (typeof LOCK_MODES)[number];

/** `AccessExclusive on accounts`, in the order of the text. */
export function lockModes(statement: Tree): readonly string[] {
  const [kind, node] = unwrap(statement);
  const taken = TAKEN[kind]?.(node) ?? [];
  return [...new Set(taken.map(({ mode, on }) => `${mode} on ${on}`))];
}

interface Taken {
  readonly mode: Mode;
  readonly on: string;
}

const TAKEN: Readonly<Record<string, (node: Tree) => readonly Taken[]>> = {
  InsertStmt: on("RowExclusive"),
  UpdateStmt: on("RowExclusive"),
  DeleteStmt: on("RowExclusive"),
  MergeStmt: on("RowExclusive"),
  CopyStmt: (node) => on(node["is_from"] === true ? "RowExclusive" : "AccessShare")(node),
  CreateStmt: ({ inhRelations, partbound, tableElts }) => [
    ...rangesOf(inhRelations).flatMap((each) => lockOf(partbound === undefined ? "ShareUpdateExclusive" : "AccessExclusive", each)),
    ...constraintsOf(tableElts).flatMap(({ pktable }) => lockOf("ShareRowExclusive", pktable)),
  ],
  TruncateStmt: onEach("AccessExclusive"),
  LockStmt: (node) => onEach(LOCK_MODES[Number(node["mode"]) - 1] ?? "AccessExclusive")(node),
  IndexStmt: (node) => on(node["concurrent"] === true ? "ShareUpdateExclusive" : "Share")(node),
  ReindexStmt: (node) => on(isConcurrent(node) ? "ShareUpdateExclusive" : indexed(node))(node),
  ClusterStmt: on("AccessExclusive"),
  VacuumStmt: (node) => vacuumed(node),
  RefreshMatViewStmt: (node) => on(node["concurrent"] === true ? "Exclusive" : "AccessExclusive")(node),
  CreateTrigStmt: on("ShareRowExclusive"),
  RuleStmt: on("AccessExclusive"),
  CreatePolicyStmt: on("AccessExclusive"),
  AlterPolicyStmt: on("AccessExclusive"),
  CreateStatsStmt: onEach("ShareUpdateExclusive"),
  CommentStmt: ({ objtype, object }) =>
    ["OBJECT_TABLE", "OBJECT_COLUMN"].includes(String(objtype)) ? named("ShareUpdateExclusive", object, objtype === "OBJECT_COLUMN") : [],
  AlterSeqStmt: on("ShareRowExclusive"),
  RenameStmt: (node) => on(node["renameType"] === "OBJECT_INDEX" ? "ShareUpdateExclusive" : "AccessExclusive")(node),
  AlterObjectSchemaStmt: on("AccessExclusive"),
  AlterTableStmt: altered,
  DropStmt: dropped,
};

/** What its `relation`, by whichever field, is locked with. */
function on(mode: Mode): (node: Tree) => readonly Taken[] {
  return ({ relation, table, sequence }) => [relation, table, sequence].flatMap((each) => lockOf(mode, each));
}

function onEach(mode: Mode): (node: Tree) => readonly Taken[] {
  return ({ relations }) => rangesOf(relations).flatMap((each) => lockOf(mode, each));
}

function lockOf(mode: Mode, range: unknown): readonly Taken[] {
  const { schemaname, relname } = (range ?? {}) as Tree;
  if (typeof relname !== "string") return [];
  return [{ mode, on: typeof schemaname === "string" ? `${schemaname}.${relname}` : relname }];
}

/** Of a list of names; `ofColumn`: the last is a column's, a trigger's, a policy's. */
function named(mode: Mode, object: unknown, ofColumn = false): readonly Taken[] {
  const { List } = (object ?? {}) as { readonly List?: { readonly items?: unknown } };
  const names = namesOf(List?.items);
  const path = ofColumn ? names.slice(0, -1) : names;
  return path.length === 0 ? [] : [{ mode, on: path.join(".") }];
}

function rangesOf(list: unknown): readonly unknown[] {
  return ((list ?? []) as readonly { readonly RangeVar?: unknown; readonly VacuumRelation?: Tree }[]).map(
    ({ RangeVar, VacuumRelation }) => RangeVar ?? VacuumRelation?.["relation"],
  );
}

/** Of a table and its columns. */
function constraintsOf(elements: unknown): readonly Tree[] {
  type Element = { readonly Constraint?: Tree; readonly ColumnDef?: { readonly constraints?: readonly { readonly Constraint?: Tree }[] } };
  return ((elements ?? []) as readonly Element[]).flatMap(({ Constraint, ColumnDef }) =>
    [Constraint, ...(ColumnDef?.constraints ?? []).map((each) => each.Constraint)].filter((each) => each !== undefined),
  );
}

/** The table's; the index itself is locked AccessExclusive, which only those who would use it notice. */
function indexed({ kind }: Tree): Mode {
  return kind === "REINDEX_OBJECT_INDEX" ? "AccessExclusive" : "Share";
}

function isConcurrent({ params }: Tree): boolean {
  return optionsOf(params).has("concurrently");
}

function vacuumed({ options, rels }: Tree): readonly Taken[] {
  const mode = optionsOf(options).has("full") ? "AccessExclusive" : "ShareUpdateExclusive";
  return rangesOf(rels).flatMap((each) => lockOf(mode, each));
}

function dropped({ objects, removeType, concurrent }: Tree): readonly Taken[] {
  const list = (objects ?? []) as readonly unknown[];
  switch (removeType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
    case "OBJECT_SEQUENCE":
      return list.flatMap((each) => named("AccessExclusive", each));
    case "OBJECT_INDEX":
      return list.flatMap((each) => named(concurrent === true ? "ShareUpdateExclusive" : "AccessExclusive", each));
    case "OBJECT_TRIGGER":
    case "OBJECT_POLICY":
    case "OBJECT_RULE":
      return list.flatMap((each) => named("AccessExclusive", each, true));
    default:
      return [];
  }
}

/** Subcommands that others can work beside. All else of ALTER TABLE is AccessExclusive. */
const ALTER: Readonly<Record<string, Mode>> = {
  AT_SetStatistics: "ShareUpdateExclusive",
  AT_SetOptions: "ShareUpdateExclusive",
  AT_ResetOptions: "ShareUpdateExclusive",
  AT_ClusterOn: "ShareUpdateExclusive",
  AT_DropCluster: "ShareUpdateExclusive",
  AT_ValidateConstraint: "ShareUpdateExclusive",
  AT_AttachPartition: "ShareUpdateExclusive",
  AT_EnableTrig: "ShareRowExclusive",
  AT_EnableAlwaysTrig: "ShareRowExclusive",
  AT_EnableReplicaTrig: "ShareRowExclusive",
  AT_EnableTrigAll: "ShareRowExclusive",
  AT_EnableTrigUser: "ShareRowExclusive",
  AT_DisableTrig: "ShareRowExclusive",
  AT_DisableTrigAll: "ShareRowExclusive",
  AT_DisableTrigUser: "ShareRowExclusive",
};

/** `ALTER TABLE … SET (…)` of these only (the page of CREATE TABLE, "Storage Parameters"). */
const LIGHT_OPTION =
  /^(?:fillfactor|parallel_workers|vacuum_\w+|autovacuum_\w+|log_autovacuum_min_duration|toast_tuple_target|n_distinct)$/;

interface AlterCommand {
  readonly subtype?: string;
  readonly def?: {
    readonly Constraint?: Tree;
    readonly PartitionCmd?: Tree;
    readonly List?: { readonly items?: unknown };
  };
}

/** The strongest of its commands, for all of them. */
function altered({ relation, cmds, objtype }: Tree): readonly Taken[] {
  const commands = ((cmds ?? []) as readonly { readonly AlterTableCmd?: AlterCommand }[]).map(({ AlterTableCmd }) => AlterTableCmd ?? {});
  const table = objtype === "OBJECT_TABLE";
  const modes = new Set(commands.map((command) => (table ? modeOf(command) : "AccessExclusive")));
  const mode = LOCK_MODES.findLast((each) => modes.has(each)) ?? "AccessExclusive";
  const referred = commands.flatMap(({ def }) => lockOf("ShareRowExclusive", def?.Constraint?.["pktable"]));
  const parts = commands.flatMap(({ def }) => lockOf("AccessExclusive", def?.PartitionCmd?.["name"]));
  return [...lockOf(mode, relation), ...referred, ...parts];
}

function modeOf({ subtype = "", def }: AlterCommand): Mode {
  if (subtype === "AT_AddConstraint" && def?.Constraint?.["contype"] === "CONSTR_FOREIGN") return "ShareRowExclusive";
  if (subtype === "AT_DetachPartition" && def?.PartitionCmd?.["concurrent"] === true) return "ShareUpdateExclusive";
  if (subtype === "AT_SetRelOptions" || subtype === "AT_ResetRelOptions") {
    const items = (def?.List?.items ?? []) as readonly { readonly DefElem?: { readonly defname?: string } }[];
    return items.every(({ DefElem }) => LIGHT_OPTION.test(DefElem?.defname ?? "")) ? "ShareUpdateExclusive" : "AccessExclusive";
  }
  return ALTER[subtype] ?? "AccessExclusive";
}
