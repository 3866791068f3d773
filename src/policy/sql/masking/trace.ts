/**
 * What becomes of one statement in a session that masks: refused, or let through with a mask for each column it gives
 * back. Pure; runs in the parser's thread, which has the tree.
 */
import { readCatalogue, type SharedCatalogue } from "./catalogue.ts";
import { classify } from "../classify.ts";
import type { Mask, MaskedColumns } from "./masks.ts";
import { refusal, Refused, unknown } from "./refused.ts";
import { Relations } from "./relations.ts";
import { Scope } from "./scope.ts";
import { requireOwnType } from "./tracer/calls.ts";
import { requireNoQuestion } from "./tracer/changes.ts";
import { definitionReader, Tracer } from "./tracer/tracer.ts";
import { definedBy } from "../reach.ts";
import { ownName } from "../relations.ts";
import { bare, names, text, unwrap, type Tree } from "../tree.ts";
import { CLEAN, isMasked, type Column, type Origin } from "./values.ts";

/** Of one output column: how it is masked, and what it may hold. */
export interface OutputMask {
  readonly mask: Mask;
  readonly columns: readonly string[];
}

export type Outputs =
  /** Nothing that is masked, whatever the columns are. */
  | "clean"
  | readonly (OutputMask | undefined)[]
  /** Those of a statement that was prepared, or of a cursor, in SQL. */
  | { readonly of: "prepared" | "cursor"; readonly name: string };

export type Traced =
  | {
      readonly ok: true;
      readonly outputs: Outputs;
      /** Masked values are in reach of it: its errors and notices may tell of them. */
      readonly reaches: boolean;
      /** Where masked columns are in reach: which columns those that are not masked are taken for, as the server should call them too. */
      readonly origins?: readonly (Origin | undefined)[];
      /** PREPARE and DECLARE CURSOR: what `outputs` are for, when it is run. */
      readonly defines?: { readonly of: "prepared" | "cursor"; readonly name: string; readonly outputs: Outputs };
    }
  /** `unknown`: it names what the catalogue does not have. */
  | { readonly ok: false; readonly detail: string; readonly next: string; readonly unknown?: true };

/** What a role masks in a database, as it crosses to the parser's thread. */
export interface Lens {
  readonly id: number;
  readonly catalogue: SharedCatalogue;
  /** Of types whose values run code that somebody defined (CatalogueData). */
  readonly activeTypes: readonly number[];
  readonly masked: MaskedColumns;
  /** Schemas that a name alone is looked for in, in order (current_schemas): fixed as long as the session lasts. */
  readonly path: readonly string[];
  /** Functions whose results are vouched for. */
  readonly vouched: readonly string[];
}

/** How many the parser's thread keeps: each holds a catalogue. */
export const MAX_LENSES = 32;

/** Of a lens; `parse` gives the tree of one statement and throws for what is none. */
export class Tracing {
  readonly #relations: Relations;
  readonly #vouched: ReadonlySet<string>;

  constructor({ catalogue, masked, path, vouched }: Lens, parse: (sql: string) => unknown) {
    this.#vouched = new Set(vouched);
    const reader = definitionReader(parse, () => this.#relations, this.#vouched);
    this.#relations = new Relations(readCatalogue(catalogue), { masked, path }, reader);
  }

  trace(statement: unknown): Traced {
    const tracer = new Tracer(this.#relations, this.#vouched);
    try {
      this.#requireTypes(statement, tracer);
      const { origins, ...found } = this.#statement(statement, tracer);
      return { ok: true, ...found, reaches: tracer.reaches, ...(tracer.reaches && origins && { origins }) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ok: false, detail: error.message, next: error.next, ...(error.unknown && { unknown: true as const }) };
    }
  }

  /** Wherever a type may be named: in a cast, for a function's columns, a parameter, a table. */
  #requireTypes(statement: unknown, tracer: Tracer): void {
    if (this.#relations.castTypes.size === 0) return;
    const waiting = [statement];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const tree = bare(next);
      if (!tree) continue;
      if (Array.isArray(tree["names"]) && "typemod" in tree) requireOwnType(tracer, tree);
      for (const child of Object.values(tree)) waiting.push(child);
    }
  }

  #statement(statement: unknown, tracer: Tracer): Pick<Extract<Traced, { ok: true }>, "outputs" | "defines" | "origins"> {
    const [kind, node] = unwrap(statement);
    switch (kind) {
      case "SelectStmt": {
        const columns = tracer.query(statement);
        if (bare(node["intoClause"])) requireUnmasked(columns, WRITTEN);
        return { outputs: outputsOf(columns), origins: originsOf(columns) };
      }
      case "InsertStmt":
      case "UpdateStmt":
      case "DeleteStmt":
      case "MergeStmt": {
        const columns = tracer.query(statement);
        const outputs = outputsOf(columns);
        // Without RETURNING none are expected.
        return bare(node["returningClause"]) ? { outputs, origins: originsOf(columns) } : { outputs: [] };
      }
      case "ExplainStmt":
        // A plan shows the statement's own constants, and no values of tables beyond what its conditions may ask.
        this.#statement(node["query"], tracer);
        return { outputs: "clean" };
      case "PrepareStmt":
        return { outputs: "clean", defines: { of: "prepared", name: text(node["name"]), ...this.#outputs(node["query"], tracer) } };
      case "DeclareCursorStmt":
        return { outputs: "clean", defines: { of: "cursor", name: text(node["portalname"]), ...this.#outputs(node["query"], tracer) } };
      case "ExecuteStmt":
        return { outputs: { of: "prepared", name: text(node["name"]) } };
      case "FetchStmt":
        return { outputs: { of: "cursor", name: text(node["portalname"]) } };
      case "CopyStmt":
        return this.#copy(node, tracer);
      case "CreateTableAsStmt":
      case "ViewStmt": {
        if (unwrap(node["query"])[0] === "ExecuteStmt")
          throw new Refused("what a prepared statement gives cannot be kept", "the statement itself after AS");
        requireUnmasked(tracer.query(node["query"]), WRITTEN);
        return { outputs: "clean" };
      }
      case "DoStmt":
      case "CallStmt":
        throw new Refused("code that the statement does not show may read anything", "the statements themselves");
      default:
        if (!WITHOUT_DATA.has(kind)) this.#definition(kind, node, tracer);
        return { outputs: "clean" };
    }
  }

  #outputs(query: unknown, tracer: Tracer): { outputs: Outputs } {
    return { outputs: this.#statement(query, tracer).outputs };
  }

  /** COPY has no description of its columns that a mask could go by. */
  #copy(node: Tree, tracer: Tracer): { outputs: Outputs } {
    if (bare(node["query"])) {
      requireUnmasked(tracer.query(node["query"]), COPIED);
      return { outputs: "clean" };
    }
    const relation = bare(node["relation"]) ?? {};
    const columns = tracer.relation(relation);
    if (node["is_from"] === true) {
      const into = names(node["attlist"]);
      for (const { name } of columns) if (into.length === 0 || into.includes(name)) requireNoQuestion({ columns }, name);
      // Its condition is asked of what is sent, not of what is there.
      const sent = new Scope();
      sent.add(
        [],
        columns.map(({ name }) => ({ name, value: CLEAN })),
      );
      tracer.condition(node["whereClause"], sent);
      return { outputs: "clean" };
    }
    const chosen = names(node["attlist"]);
    for (const each of chosen) if (!columns.some(({ name }) => name === each)) throw unknown(each ?? "");
    const copied = columns.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
    if (!copied.some(({ value }) => isMasked(value))) return { outputs: "clean" };
    const table = [relation["schemaname"], relation["relname"]].map(text).filter(Boolean).join(".");
    const rest = copied.filter(({ value }) => !isMasked(value)).map(({ name }) => name);
    const next = rest.length > 0 ? `COPY ${table} (${rest.join(", ")}) TO STDOUT` : undefined;
    requireUnmasked(copied, COPIED, next);
    return { outputs: "clean" };
  }

  /** What is defined over masked columns, or changes them, could show them under another name. */
  #definition(kind: string, node: Tree, tracer: Tracer): void {
    const waiting: unknown[] = [node];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const tree = bare(next);
      if (!tree) continue;
      const { relname, schemaname, funcname } = tree;
      if (typeof relname === "string") this.#requireNoMasks(kind, relname, typeof schemaname === "string" ? schemaname : undefined);
      if (Array.isArray(funcname)) tracer.expression({ FuncCall: { funcname } }, new Scope());
      const operator = bare(tree["A_Expr"]);
      if (operator) tracer.expression({ A_Expr: { kind: operator["kind"], name: operator["name"] } }, new Scope());
      waiting.push(...Object.values(tree));
    }
    // A rule may go by a comment, or by the schema that stands before a table.
    for (const relation of definedBy(kind, node)) this.#requireNoMasks(kind, ownName(relation), relation.schema);
    if (kind === "RenameStmt" && node["renameType"] === "OBJECT_SCHEMA") {
      throw new Refused("the tables of a schema would be others to the rules that mask their columns", "a role that masks nothing");
    }
    // Code that is defined runs later, in a trigger or a function, and copies what it likes.
    if (classify({ [kind]: node }).classes.some((each) => each === "dcl" || each === "unknown")) {
      throw new Refused("code and rights cannot be changed where columns are masked", "a role that masks nothing");
    }
  }

  #requireNoMasks(kind: string, name: string, schema: string | undefined): void {
    if (!this.#relations.holdsMasked(name, schema)) return;
    throw new Refused(`${name} has masked columns, and ${kind.replace(/Stmt$/, "")} could uncover them`, "a role that masks nothing of it");
  }
}

const WRITTEN = "written elsewhere";
const COPIED = "copied out";

/** Neither read data nor define what could show it. */
const WITHOUT_DATA: ReadonlySet<string> = new Set(
  `TransactionStmt VariableShowStmt DiscardStmt ListenStmt UnlistenStmt NotifyStmt DeallocateStmt ClosePortalStmt
   TruncateStmt LockStmt VacuumStmt ClusterStmt ReindexStmt CheckPointStmt RefreshMatViewStmt ConstraintsSetStmt DropStmt`
    .trim()
    .split(/\s+/),
);

function requireUnmasked(columns: readonly Column[], how: string, next?: string): void {
  for (const { value } of columns) {
    for (const source of value.sources) {
      const refused = refusal(source, how);
      throw next === undefined ? refused : new Refused(refused.message, next);
    }
  }
}

function originsOf(columns: readonly Column[]): readonly (Origin | undefined)[] {
  return columns.some(({ open }) => open) ? [] : columns.map(({ value }) => value.origin);
}

function outputsOf(columns: readonly Column[]): Outputs {
  for (const { value } of columns) for (const source of value.sources) if (source.unproven !== undefined) throw refusal(source, "shown");
  if (!columns.some(({ value }) => isMasked(value))) return "clean";
  if (columns.some(({ open }) => open)) throw new Refused("which of the columns are masked is not known", "name the columns instead of *");
  return columns.map(({ value }) => {
    if (!isMasked(value)) return undefined;
    const sources = [...value.sources];
    const [first] = sources;
    const keepsMask = value.plain && first !== undefined && sources.every((source) => source.text);
    return { mask: keepsMask ? first.mask : "null", columns: [...new Set(sources.map(({ column }) => column))] };
  });
}
