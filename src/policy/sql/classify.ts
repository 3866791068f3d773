/**
 * From the syntax tree that PostgreSQL's own parser makes to what a statement does. Pure.
 *
 * Every node of the tree is looked at, wherever it stands: a DELETE inside of WITH is a DELETE. Fails closed: a statement
 * that statement-kinds does not name is `unknown`, a function that is not known is a function to ask for.
 * Without recursion: a tree may be thousands of levels deep.
 *
 * What no text tells, and only the database's own rights can bound: functions behind views, triggers, casts, operators
 * and defaults; a column that is a function somebody defined (`t.f`); a function of another schema in the place of a
 * harmless one (search_path).
 */
import { conditionalSettings } from "./conditional-settings.ts";
import { runsWhatItExplains } from "./explain.ts";
import { isHarmless, mayActOnOneValue } from "./harmless-functions.ts";
import { NamedColumns } from "./named-columns.ts";
import { READ_ONLY_SETTINGS } from "./read-only.ts";
import { namesUsed } from "./names-used.ts";
import { isStar, list, namesOf, type Tree } from "./tree.ts";
import { definedBy, reachesBeyond, SAMPLES } from "./reach.ts";
import { Relations } from "./relations.ts";
import { holdsSecret, speaksOfSecret } from "./secrets.ts";
import { SQL_CLASSES, type SqlClass, type SqlRelation, type StatementFacts } from "./statement.ts";
import { ACCESS_SHARE, classesOf, isDefinition, isStatement, plannedOnly } from "./statement-kinds.ts";

/** Nodes whose `relation` is written to. */
const WRITES_RELATION = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "IntoClause"]);
/** Lists of names that may be an operator with its schema. */
const OPERATORS = new Set(["name", "operName", "useOp"]);
/** Stands for a setting that the text does not name. */
const ANY_SETTING = "*";
/** Settings that make our parser read a text differently from the server; what may be one of them is taken for one. */
export const PINNED_SETTINGS: ReadonlySet<string> = new Set(["client_encoding", "names", "standard_conforming_strings", ANY_SETTING]);

/** Names that WITH gives, where they can be seen. */
interface Given {
  readonly names: ReadonlySet<string>;
  readonly outer: Given | undefined;
}

/**
 * `writes`: relations below are written to; `both`: and read; `planned`: it is only planned, and not run. `given`: names
 * here that are no relations.
 */
interface Step {
  readonly type: string;
  readonly node: object;
  readonly writes: boolean;
  readonly both: boolean;
  readonly planned: boolean;
  readonly given: Given | undefined;
}

interface Found {
  readonly classes: Set<SqlClass>;
  readonly relations: Relations;
  readonly beyond: Set<SqlRelation["access"]>;
  locks: boolean;
  readonly functions: Set<string>;
  readonly settings: Set<string>;
  /** Calls of set_config whose setting stands elsewhere in the statement. */
  readonly conditional: ReadonlyMap<object, string>;
}

/** `mayHoldSecret`: something beside its tree says so. */
export function classify(statement: Tree, mayHoldSecret = false): StatementFacts {
  const conditional = conditionalSettings(statement);
  const found: Found = {
    classes: new Set(),
    relations: new Relations(),
    beyond: new Set(),
    locks: false,
    functions: new Set(),
    settings: new Set(),
    conditional,
  };
  const columns = new NamedColumns();
  let secret = mayHoldSecret;
  const [kind = "nothing"] = Object.keys(statement);
  const names = namesUsed(statement);
  const waiting: Step[] = [{ type: "", node: statement, writes: false, both: false, planned: false, given: undefined }];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const { type, writes } = step;
    const node = step.node as Tree;
    const planned = step.planned || (type === "ExplainStmt" && !runsWhatItExplains(node));
    look(step, node, found);
    columns.look(type, node);
    secret ||= holdsSecret(type, node);
    const below =
      isDefinition(type) ||
      (type === "LockStmt" && node["mode"] !== ACCESS_SHARE) ||
      (writes && !isStatement(type)) ||
      type === "TruncateStmt" ||
      type === "into" ||
      type === "intoClause";
    const given = givenBelow(node["withClause"], step.given);
    for (const [field, child] of Object.entries(node)) {
      if (typeof child === "string") secret ||= speaksOfSecret(child);
      if (typeof child !== "object" || child === null) continue;
      if (field === "withClause") {
        waiting.push(...queriesOfWith(child as Tree, step, planned));
        continue;
      }
      // They are names of what FROM has.
      if (field === "lockedRels") continue;
      const isTarget = field === "relation" && (WRITES_RELATION.has(type) || (type === "CopyStmt" && node["is_from"] === true));
      waiting.push({
        type: field,
        node: child,
        writes: below || isTarget || field === "into" || field === "intoClause",
        both: isTarget && readsItsTarget(type, node),
        planned,
        // What is written to is never what WITH gives.
        given: isTarget ? undefined : given,
      });
    }
  }
  if (found.locks) found.relations.lock();
  return {
    kind,
    classes: SQL_CLASSES.filter((each) => found.classes.has(each)),
    relations: found.relations.all(),
    ...(found.beyond.size > 0 && { beyond: [...found.beyond] }),
    functions: [...found.functions].sort(),
    settings: [...found.settings].sort(),
    columns: columns.names(),
    secret,
    ...(conditional.size > 0 && { watched: true as const }),
    ...(names.length > 0 && { names }),
  };
}

/** Where WITH is RECURSIVE each of its queries sees all of its names, otherwise those before it. */
function queriesOfWith(clause: Tree, { given }: Step, planned: boolean): readonly Step[] {
  const queries = (clause["ctes"] ?? []) as readonly Tree[];
  const isRecursive = clause["recursive"] === true;
  return queries.map((node, at) => ({
    type: "",
    node,
    writes: false,
    both: false,
    planned,
    given: givenBelow(isRecursive ? clause : { ctes: queries.slice(0, at) }, given),
  }));
}

function givenBelow(clause: unknown, outer: Given | undefined): Given | undefined {
  const { ctes = [] } = (clause ?? {}) as { readonly ctes?: readonly { readonly CommonTableExpr?: { readonly ctename?: string } }[] };
  const names = ctes.flatMap(({ CommonTableExpr: query }) => query?.ctename ?? []);
  return names.length === 0 ? outer : { names: new Set(names), outer };
}

function isGiven(name: string, given: Given | undefined): boolean {
  for (let scope = given; scope !== undefined; scope = scope.outer) if (scope.names.has(name)) return true;
  return false;
}

/** By its WHERE, what it returns, or how it ends. */
function readsItsTarget(type: string, node: Tree): boolean {
  if (type === "InsertStmt") return node["returningClause"] !== undefined || node["onConflictClause"] !== undefined;
  return type === "UpdateStmt" || type === "DeleteStmt" || type === "MergeStmt";
}

/** Nodes are known by what they have where the grammar leaves no choice: there they stand without their type. */
function look(step: Step, node: Tree, found: Found): void {
  const { type, planned } = step;
  if (isStatement(type)) {
    for (const each of planned ? plannedOnly(type) : classesOf(type, node)) found.classes.add(each);
    if (reachesBeyond(type, node)) found.beyond.add(planned ? "read" : "write");
    for (const each of definedBy(type, node)) found.relations.add(each);
    if (type === "VariableSetStmt" && !staysPinned(node)) addSetting(node, found);
  } else if (node["defname"] === "transaction_read_only") {
    if (!isOn(node["arg"])) found.settings.add("transaction_read_only");
  } else if (Array.isArray(node["funcname"])) addFunction(node, found);
  else if (type === "A_Indirection") addAttributes(namesOf(node["indirection"]), found);
  else if (type === "ColumnRef") addAttributes(calledByColumn(node["fields"]), found);
  else if (type === "lockingClause" && !planned) {
    found.classes.add("write");
    found.locks = true;
  } else if (type === "intoClause" && !planned) found.classes.add("ddl");
  else if (OPERATORS.has(type) && Array.isArray(node)) addOperator(namesOf(node), found);
  if (node["behavior"] === "DROP_CASCADE" && !planned) found.beyond.add("write");
  if (typeof node["relname"] === "string") addRelation(node, step, found);
}

/** What dumps and clients begin with: setting a pinned setting to what it is. As the server reads the name of an encoding. */
function staysPinned({ kind, name, args }: Tree): boolean {
  if (kind !== "VAR_SET_VALUE" || !Array.isArray(args) || args.length !== 1) return false;
  const value = firstText(args)?.toLowerCase() ?? "";
  if (name === "client_encoding") return value.replaceAll(/[^a-z0-9]/g, "") === "utf8";
  return name === "standard_conforming_strings" && value === "on";
}

/** What takes the right to write away, or puts the default back to what the session began with, undoes nothing. */
function addSetting({ name, kind, args }: Tree, { settings }: Found): void {
  const setting = typeof name === "string" ? name.toLowerCase() : "";
  const isValue = kind === "VAR_SET_VALUE";
  const narrows = isValue ? Array.isArray(args) && args.length === 1 && isOn(args[0]) : setting === "default_transaction_read_only";
  if (!READ_ONLY_SETTINGS.has(setting) || !narrows) settings.add(setting);
}

/** Fails closed: what is not known to be `on` is taken for `off`. */
function isOn(value: unknown): boolean {
  const { A_Const: constant } = (value ?? {}) as { readonly A_Const?: Readonly<Record<string, Tree>> };
  const { ival, sval, boolval } = constant ?? {};
  if (ival !== undefined) return ival["ival"] === 1;
  return boolval?.["boolval"] === true || sval?.["sval"] === "on" || sval?.["sval"] === "true";
}

/** What DISCARD ALL does too, and pools before a connection is somebody else's: it ends what the session itself has locked. */
const GIVES_LOCKS_BACK = "pg_advisory_unlock_all";

function addFunction(call: Tree, { functions, classes, settings, conditional }: Found): void {
  const parts = namesOf(call["funcname"]);
  const name = parts.at(-1) ?? "";
  const isOwn = parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog");
  if (isHarmless(parts)) return;
  if (isOwn && name === GIVES_LOCKS_BACK) return void classes.add("session");
  const setting = name === "set_config" ? (firstText(call["args"])?.toLowerCase() ?? conditional.get(call) ?? ANY_SETTING) : undefined;
  const changesRole = setting !== undefined && ["role", "session_authorization", ANY_SETTING].includes(setting);
  // SET by another name: held to what is said of SET, whoever may call it.
  if (setting !== undefined) {
    settings.add(setting);
    classes.add(changesRole ? "dcl" : "session");
    if (isOwn && !changesRole) return;
  }
  functions.add(writtenName(parts));
  classes.add("function");
}

/** `"a.b"` is not `a.b`. */
function writtenName(parts: readonly string[]): string {
  return parts.map((part) => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join(".");
}

/** Of `schema.table.column` the last alone may be a call, and `t.*` is none (transformColumnRef of parse_expr.c). */
function calledByColumn(fields: unknown): readonly string[] {
  return isStar(list(fields).at(-1)) ? [] : namesOf(fields).slice(1).slice(-1);
}

/** `(x).f` and `t.f` call f(x) and f(t) where there is no such column: `('/etc/passwd'::text).pg_read_file`. */
function addAttributes(names: readonly string[], { functions, classes }: Found): void {
  for (const name of names) {
    if (!mayActOnOneValue(name)) continue;
    functions.add(name);
    classes.add("function");
  }
}

function addOperator(names: readonly string[], { functions, classes }: Found): void {
  const [schema = ""] = names;
  if (names.length < 2 || schema === "pg_catalog") return;
  functions.add(names.join("."));
  classes.add("function");
}

function addRelation(node: Tree, step: Step, { relations, settings, classes, beyond }: Found): void {
  const { relname } = node;
  if (typeof relname !== "string") return;
  // A temporary table is made in no other schema.
  const schema = node["schemaname"] ?? (node["relpersistence"] === "t" ? "pg_temp" : undefined);
  const isWritten = step.writes && !step.planned;
  if (typeof schema !== "string") {
    if (!isWritten && isGiven(relname, step.given)) return;
    relations.add({ name: relname, access: isWritten ? "write" : "read", ...(step.both && isWritten && { both: true }) });
  } else {
    const access = isWritten ? "write" : "read";
    relations.add({ name: `${schema}.${relname}`, schema, access, ...(step.both && isWritten && { both: true }) });
  }
  if (SAMPLES.has(relname) || schema === "pg_toast") beyond.add("read");
  if (!isWritten || relname !== "pg_settings") return;
  // A rule of this view makes an UPDATE of it a SET.
  settings.add(ANY_SETTING);
  classes.add("session");
}

/** The first argument, where it is a text that stands there. */
function firstText(args: unknown): string | undefined {
  const [first] = (args ?? []) as readonly { readonly A_Const?: { readonly sval?: { readonly sval?: string } } }[];
  return first?.A_Const?.sval?.sval;
}
