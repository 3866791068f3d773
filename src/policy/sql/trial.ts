/**
 * What a preview has to know of a statement beside what it does: whether it can be tried out, how, and what an approver
 * is told of it where it cannot. Pure.
 */
import { changeOf, type Change } from "./change.ts";
import { lockModes } from "./lock-modes.ts";
import { optionsOf } from "./options.ts";
import { unwrap, type Tree } from "./tree.ts";

export interface Trial {
  /** Of one that changes rows. */
  readonly change?: Change;
  /** It defines something, in its transaction only. UTF-8 bytes of its text, without the semicolon; absent: to the end. */
  readonly definition?: { readonly bytes?: number };
  /** Why it has effects that no transaction undoes, where its kind says so. */
  readonly outside?: string;
  /** What it locks, by its kind: lock-modes.ts. */
  readonly locks?: readonly string[];
}

/** `undefined`: there is nothing to preview. */
export function trialOf(statement: Tree, bytes?: number): Trial | undefined {
  const [kind, node] = unwrap(statement);
  const locks = lockModes(statement);
  const outside = OUTSIDE[kind]?.(node);
  const change = changeOf(statement, bytes);
  const definition = DEFINITIONS.has(kind) && outside === undefined ? { ...(bytes !== undefined && { bytes }) } : undefined;
  if (change === undefined && definition === undefined && outside === undefined && locks.length === 0) return undefined;
  return {
    ...(change && { change }),
    ...(definition && { definition }),
    ...(outside !== undefined && { outside }),
    ...(locks.length > 0 && { locks }),
  };
}

/** What they do is in the catalogue and in files of the database, and is undone with their transaction. */
const DEFINITIONS: ReadonlySet<string> = new Set(
  `CreateStmt CreateTableAsStmt IndexStmt ViewStmt CreateSeqStmt AlterSeqStmt CreateSchemaStmt DropStmt RenameStmt AlterTableStmt
   AlterObjectSchemaStmt CommentStmt CreateEnumStmt CompositeTypeStmt CreateDomainStmt AlterDomainStmt CreateStatsStmt AlterStatsStmt`.split(
    /\s+/,
  ),
);

const CONCURRENTLY = "CONCURRENTLY works in several transactions, each of which stays";
const NO_TRANSACTION = "it cannot run inside of a transaction";

/** Why nothing of such a statement can be undone. */
const OUTSIDE: Readonly<Record<string, (node: Tree) => string | undefined>> = {
  IndexStmt: ({ concurrent }) => (concurrent === true ? CONCURRENTLY : undefined),
  DropStmt: ({ concurrent }) => (concurrent === true ? CONCURRENTLY : undefined),
  ReindexStmt: ({ params }) =>
    optionsOf(params).has("concurrently") ? CONCURRENTLY : "rebuilding an index would lock it for as long as it takes",
  AlterTableStmt: ({ cmds }) => {
    const commands = (cmds ?? []) as readonly { readonly AlterTableCmd?: { readonly def?: { readonly PartitionCmd?: Tree } } }[];
    return commands.some(({ AlterTableCmd }) => AlterTableCmd?.def?.PartitionCmd?.["concurrent"] === true) ? CONCURRENTLY : undefined;
  },
  VacuumStmt: ({ is_vacuumcmd: isVacuum }) =>
    isVacuum === true ? `VACUUM: ${NO_TRANSACTION}, and what it cleans stays clean` : "ANALYZE is not tried out: it changes no row",
  ClusterStmt: () => "CLUSTER would write the whole table anew while nobody can use it",
  TruncateStmt: () => "TRUNCATE would lock everybody out of the table, also while it is tried out",
  RefreshMatViewStmt: () => "it runs the query of the view, which may do anything",
  CreatedbStmt: () => `CREATE DATABASE: ${NO_TRANSACTION}`,
  DropdbStmt: () => `DROP DATABASE: ${NO_TRANSACTION}`,
  AlterDatabaseStmt: () => "it changes what all sessions of a database begin with",
  CreateTableSpaceStmt: () => `CREATE TABLESPACE: ${NO_TRANSACTION}`,
  DropTableSpaceStmt: () => `DROP TABLESPACE: ${NO_TRANSACTION}`,
  AlterSystemStmt: () => "ALTER SYSTEM writes a file of the server, outside of any transaction",
  LoadStmt: () => "LOAD runs code in the server, which stays",
  CheckPointStmt: () => "CHECKPOINT has nothing to undo",
  CreateSubscriptionStmt: () => "a subscription talks to another server",
  AlterSubscriptionStmt: () => "a subscription talks to another server",
  DropSubscriptionStmt: () => "a subscription talks to another server",
  ImportForeignSchemaStmt: () => "it asks another server",
  AlterEnumStmt: () => "what a type has been given cannot always be taken back in its transaction",
  CopyStmt: () => "COPY takes its rows from the client while it runs",
  DoStmt: () => "it runs code that may do anything",
  CallStmt: () => "it runs code that may do anything",
  ExecuteStmt: () => "only a single statement can be tried out, and EXECUTE stands for another",
  NotifyStmt: () => "NOTIFY tells other sessions",
};
