/**
 * Follows every value of a query from the columns of tables to the outputs, and refuses what would tell of a masked
 * column by another way than an output: comparing, sorting, counting what is equal, failing for one value and not for
 * another. Pure; knows nothing of sessions.
 *
 * Fails closed: a name, a function or a form that is not known is refused wherever a masked column is in reach of it.
 * Source of the rules: PostgreSQL's own (parse_relation.c, parse_clause.c, parse_target.c, parse_cte.c).
 */
import { HARMLESS_FUNCTIONS } from "../harmless-functions.ts";
import { EFFECT_ONLY_FUNCTIONS, EQUALITY, TELL_OF_OTHERS, TOTAL_FUNCTIONS, TOTAL_OPERATORS } from "./functions.ts";
import { Refused } from "./refused.ts";
import { unproven as unprovenValue, type DefinitionReader, type Relations } from "./relations.ts";
import { Scope, type Entry } from "./scope.ts";
import { bare, isStar, list, names, outputName, text, unwrap, type Tree } from "./tree.ts";
import { CLEAN, derived, either, isMasked, isPlain, open, rowOf, type Column, type Value } from "./values.ts";

/** Deeper than anybody writes, far above the end of the stack. */
const MAX_DEPTH = 4000;
/** A recursive query's columns get no new origin after as many rounds as it has columns; nobody needs so many. */
const MAX_ROUNDS = 50;

export class Tracer {
  readonly #relations: Relations;
  /** Functions that somebody vouches for: what they give back holds nothing that is masked. */
  readonly #vouched: ReadonlySet<string>;
  /** A view shows what its owner wrote it to show: only its outputs count, not what its conditions ask. */
  readonly #isView: boolean;
  #depth = 0;
  /** A masked column was in reach, so that errors and notices may tell of it. */
  reaches = false;

  constructor(relations: Relations, vouched: ReadonlySet<string>, isView = false) {
    this.#relations = relations;
    this.#vouched = vouched;
    this.#isView = isView;
  }

  // ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Any statement that has rows: SELECT, VALUES, TABLE, and what RETURNING gives. */
  query(node: unknown, parent?: Scope): readonly Column[] {
    const [type, query] = unwrap(node);
    return this.#deeper(() => {
      switch (type) {
        case "SelectStmt":
          return this.select(query, parent);
        case "InsertStmt":
          return this.#insert(query, parent);
        case "UpdateStmt":
          return this.#update(query, parent);
        case "DeleteStmt":
          return this.#delete(query, parent);
        case "MergeStmt":
          return this.#merge(query, parent);
        default:
          throw new Refused(`${type || "this"} inside of a statement is not understood`, NARROWER);
      }
    });
  }

  select(query: Tree, parent?: Scope): readonly Column[] {
    const outer = this.#with(query["withClause"], parent);
    const larg = bare(query["larg"]);
    if (larg) return this.#setOperation(query, larg, outer);
    if (Array.isArray(query["valuesLists"])) return this.#values(query, outer);
    const scope = new Scope(outer);
    for (const item of list(query["fromClause"])) this.#from(item, scope, outer);
    const outputs = this.#targets(query["targetList"], scope);
    this.#condition(query["whereClause"], scope);
    for (const item of list(query["groupClause"])) this.#groupBy(item, scope, outputs);
    this.#condition(query["havingClause"], scope);
    for (const window of list(query["windowClause"])) this.#window(unwrap(window)[1], scope);
    for (const item of list(query["distinctClause"])) {
      const [type] = unwrap(item);
      if (type === "") for (const { value } of outputs) this.#requireComparable(value, "asked for without repetition (DISTINCT)");
      else this.#requireComparable(this.#sortItem(item, scope, outputs), "asked for without repetition (DISTINCT ON)");
    }
    this.#tail(query, scope, outputs);
    return outputs;
  }

  #tail(query: Tree, scope: Scope, outputs: readonly Column[]): void {
    for (const item of list(query["sortClause"])) {
      const [, sort] = unwrap(item);
      this.#requireClean(this.#sortItem(sort["node"], scope, outputs), "sorted by");
      this.#requireOwnOperator(sort["useOp"]);
    }
    this.#condition(query["limitOffset"], scope);
    this.#condition(query["limitCount"], scope);
  }

  /** A place among the outputs, the name of one, or an expression. */
  #sortItem(node: unknown, scope: Scope, outputs: readonly Column[]): Value {
    const [type, item] = unwrap(node);
    const place = type === "A_Const" ? bare(item["ival"]) : undefined;
    if (place) return this.#output(outputs, Number(place["ival"] ?? 0) - 1);
    const name = type === "ColumnRef" && list(item["fields"]).length === 1 ? names(item["fields"])[0] : undefined;
    const named = outputs.filter((output) => output.name === name && !output.open);
    return named.length > 0 ? derivedOrOnly(named) : this.expression(node, scope);
  }

  #output(outputs: readonly Column[], index: number): Value {
    // `*` of unknown width stands before it: it may be any of them.
    if (outputs.some(({ open }) => open)) return derived(outputs.map(({ value }) => value));
    return outputs[index]?.value ?? CLEAN;
  }

  #groupBy(node: unknown, scope: Scope, outputs: readonly Column[]): void {
    const [type, item] = unwrap(node);
    if (type === "GroupingSet") return list(item["content"]).forEach((each) => this.#groupBy(each, scope, outputs));
    if (type === "RowExpr") return list(item["args"]).forEach((each) => this.#groupBy(each, scope, outputs));
    const place = type === "A_Const" ? bare(item["ival"]) : undefined;
    const single = type === "ColumnRef" && list(item["fields"]).length === 1 ? (names(item["fields"])[0] ?? "") : undefined;
    let value: Value;
    if (place) value = this.#output(outputs, Number(place["ival"] ?? 0) - 1);
    else if (single !== undefined && !scope.visible.some(({ name }) => name === single)) value = this.#sortItem(node, scope, outputs);
    else value = this.expression(node, scope);
    this.#requireComparable(value, "grouped by");
  }

  #setOperation(query: Tree, larg: Tree, outer: Scope): readonly Column[] {
    const left = this.#deeper(() => this.select(larg, outer));
    const right = this.#deeper(() => this.select(bare(query["rarg"]) ?? {}, outer));
    const outputs = this.#branches(left, right, "a set operation");
    // All but UNION ALL compare rows with each other.
    if (query["op"] !== "SETOP_UNION" || query["all"] !== true) {
      for (const { value } of [...left, ...right]) this.#requireComparable(value, "compared by a set operation");
    }
    const scope = new Scope(outer);
    scope.add([], outputs);
    this.#tail(query, scope, outputs);
    return outputs;
  }

  #branches(left: readonly Column[], right: readonly Column[], what: string): readonly Column[] {
    if ([...left, ...right].some(({ open }) => open)) {
      this.#refuseOpen([...left, ...right], what);
      return [open(derived([...left, ...right].map(({ value }) => value)))];
    }
    return left.map(({ name, value }, index) => ({ name, value: either(value, right[index]?.value ?? CLEAN) }));
  }

  #values(query: Tree, outer: Scope): readonly Column[] {
    const rows = list(query["valuesLists"]).map((row) => list(unwrap(row)[1]["items"]).map((item) => this.expression(item, outer)));
    const [first = [], ...others] = rows;
    const outputs = first.map((value, index) => ({
      name: `column${index + 1}`,
      value: others.reduce((all, row) => either(all, row[index] ?? CLEAN), value),
    }));
    this.#tail(query, outer, outputs);
    return outputs;
  }

  /** WITH: its names are in the scope that is given back. */
  #with(clause: unknown, parent?: Scope): Scope {
    const scope = new Scope(parent);
    const node = bare(clause);
    for (const each of list(node?.["ctes"])) {
      const [, cte] = unwrap(each);
      const name = text(cte["ctename"]);
      const aliases = names(cte["aliascolnames"]);
      const [type, query] = unwrap(cte["ctequery"]);
      const isRecursive = node?.["recursive"] === true && type === "SelectStmt" && bare(query["larg"]) !== undefined;
      const columns = isRecursive ? this.#recursive(name, aliases, query, scope) : renamed(this.query(cte["ctequery"], scope), aliases);
      scope.ctes.set(name, [...columns, ...this.#searchColumns(cte, columns)]);
    }
    return scope;
  }

  /** What may call itself begins with what its first branch gives, and is read again until nothing new comes. */
  #recursive(name: string, aliases: readonly (string | undefined)[], query: Tree, scope: Scope): readonly Column[] {
    const inner = this.#with(query["withClause"], scope);
    let columns = renamed(
      this.#deeper(() => this.select(bare(query["larg"]) ?? {}, inner)),
      aliases,
    );
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      scope.ctes.set(name, columns);
      const next = renamed(this.select(query, scope), aliases);
      const grew = next.some(
        ({ value }, index) => value.sources.size !== columns[index]?.value.sources.size || value.plain !== columns[index].value.plain,
      );
      columns = next;
      if (!grew) return columns;
    }
    throw new Refused(`the recursive query "${name}" is not understood`, NARROWER);
  }

  /** SEARCH and CYCLE add columns made of those they go by. */
  #searchColumns(cte: Tree, columns: readonly Column[]): readonly Column[] {
    const search = bare(cte["search_clause"]);
    const cycle = bare(cte["cycle_clause"]);
    const by = (clause: Tree | undefined, field: string): Value =>
      derived(names(clause?.[field]).map((name) => columns.find((column) => column.name === name)?.value ?? CLEAN));
    const added: Column[] = [];
    if (search) added.push({ name: text(search["search_seq_column"]), value: by(search, "search_col_list") });
    if (cycle)
      added.push(
        { name: text(cycle["cycle_mark_column"]), value: CLEAN },
        { name: text(cycle["cycle_path_column"]), value: by(cycle, "cycle_col_list") },
      );
    for (const { value } of added) this.#requireClean(value, "followed by (SEARCH, CYCLE)");
    return added;
  }

  #targets(targets: unknown, scope: Scope): readonly Column[] {
    return list(targets).flatMap((each): readonly Column[] => {
      const [, target] = unwrap(each);
      const [type, value] = unwrap(target["val"]);
      if (type === "ColumnRef" && isStar(list(value["fields"]).at(-1))) return this.#star(value, scope);
      if (type === "A_Indirection" && isStar(list(value["indirection"]).at(-1))) {
        const row = this.expression(value["arg"], scope);
        if (row.fields) return row.fields;
        this.#requireClean(row, "taken apart (*)");
        return [open(derived([row]))];
      }
      return [{ name: text(target["name"]) || outputName(target["val"]), value: this.expression(target["val"], scope) }];
    });
  }

  #star(reference: Tree, scope: Scope): readonly Column[] {
    const parts = names(reference["fields"]).slice(0, -1);
    if (parts.length === 0) return scope.visible;
    const entry = scope.entry(parts.at(-1) ?? "", parts.at(-2));
    if (!entry) throw unknown(parts.join("."));
    return entry.columns;
  }

  // ── FROM ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #from(item: unknown, scope: Scope, outer: Scope): void {
    const { entries, visible } = this.#deeper(() => this.#fromItem(item, scope, outer));
    scope.add(entries, visible);
  }

  /** `scope`: what stands before it, for LATERAL. */
  #fromItem(item: unknown, scope: Scope, outer: Scope): { entries: readonly Entry[]; visible: readonly Column[] } {
    const [type, node] = unwrap(item);
    switch (type) {
      case "RangeVar":
        return one(this.#rangeVar(node, outer));
      case "RangeSubselect": {
        const columns = this.query(node["subquery"], node["lateral"] === true ? scope : outer);
        return one(aliased(node, "", columns));
      }
      case "RangeFunction":
        return one(this.#rangeFunction(node, scope));
      case "RangeTableSample": {
        for (const each of [...list(node["args"]), node["repeatable"]]) this.#condition(each, scope);
        return this.#fromItem(node["relation"], scope, outer);
      }
      case "JoinExpr":
        return this.#join(node, scope, outer);
      default: {
        // XMLTABLE, JSON_TABLE, and what comes after them: how many rows they have tells of what they read.
        const value = this.#anything(node, scope);
        this.#requireClean(value, `read as a table (${type})`);
        return one(aliased(node, "", [open(derived([value]))]));
      }
    }
  }

  #rangeVar(node: Tree, scope: Scope): Entry {
    const name = text(node["relname"]);
    const schema = node["schemaname"] === undefined ? undefined : text(node["schemaname"]);
    const cte = schema === undefined ? scope.cte(name) : undefined;
    if (cte) return aliased(node, name, cte);
    return aliased(node, name, this.relation(node), schema);
  }

  /** The columns of a relation of the database. */
  relation(node: Tree): readonly Column[] {
    const name = text(node["relname"]);
    const schema = node["schemaname"] === undefined ? undefined : text(node["schemaname"]);
    const columns = this.#relations.find(name, schema);
    if (columns === undefined) throw unknown(schema === undefined ? name : `${schema}.${name}`);
    if (columns === "ambiguous") throw new Refused(`"${name}" may be any of several tables`, `name its schema: <schema>.${name}`);
    if (!this.#isView) this.reaches ||= columns.some(({ value }) => isMasked(value));
    return columns;
  }

  #rangeFunction(node: Tree, scope: Scope): Entry {
    const called: unknown[] = [];
    let value: Value = CLEAN;
    let firstName = "";
    for (const each of list(node["functions"])) {
      const [call, definitions] = list(unwrap(each)[1]["items"]);
      const given = this.expression(call, scope);
      this.#requireClean(given, "given to a function in FROM");
      value = derived([value, given]);
      firstName ||= outputName(call);
      called.push(...list(unwrap(definitions)[1]["items"]));
    }
    const alias = bare(node["alias"]);
    const name = text(alias?.["aliasname"]) || firstName;
    const defined = [...called, ...list(node["coldeflist"])].map((each) => text(unwrap(each)[1]["colname"]));
    const columns = [...defined, ...names(alias?.["colnames"]), name].map((each) => ({ name: each ?? "", value }));
    return { alias: name, columns: [...columns, open(value)] };
  }

  #join(node: Tree, scope: Scope, outer: Scope): { entries: readonly Entry[]; visible: readonly Column[] } {
    const left = this.#deeper(() => this.#fromItem(node["larg"], scope, outer));
    const inner = new Scope(scope);
    inner.add(left.entries, left.visible);
    const right = this.#deeper(() => this.#fromItem(node["rarg"], inner, outer));
    const shared = node["isNatural"] === true ? this.#shared(left.visible, right.visible) : names(node["usingClause"]);
    const merged = shared.map((each): Column => {
      const [a, b] = [left, right].map(({ visible }) => visible.find(({ name }) => name === each)?.value ?? CLEAN);
      for (const value of [a, b]) if (value) this.#requireComparable(value, "joined by");
      return { name: each ?? "", value: a && b ? either(a, b) : CLEAN };
    });
    const rest = [...left.visible, ...right.visible].filter(({ name, open }) => open === true || !shared.includes(name));
    const entries = [...left.entries, ...right.entries];
    const both = new Scope(scope);
    both.add(entries, [...left.visible, ...right.visible]);
    this.#condition(node["quals"], both);
    const visible = [...merged, ...rest];
    const using = bare(node["join_using_alias"]);
    if (using) entries.push({ alias: text(using["aliasname"]), columns: merged });
    if (!bare(node["alias"])) return { entries, visible };
    return one(aliased(node, "", visible));
  }

  #shared(left: readonly Column[], right: readonly Column[]): readonly string[] {
    this.#refuseOpen([...left, ...right], "NATURAL JOIN");
    const others = new Set(right.map(({ name }) => name));
    return left.filter(({ name }) => others.has(name)).map(({ name }) => name);
  }

  #refuseOpen(columns: readonly Column[], what: string): void {
    if (!columns.some(({ open }) => open)) return;
    this.#requireClean(derived(columns.map(({ value }) => value)), `reached by ${what} over columns that are not named`);
  }

  // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #insert(node: Tree, parent?: Scope): readonly Column[] {
    const outer = this.#with(node["withClause"], parent);
    const target = this.#target(node["relation"]);
    if (bare(node["selectStmt"])) {
      const columns = this.query(node["selectStmt"], outer);
      const into = list(node["cols"]).map((each) => text(unwrap(each)[1]["name"]));
      this.#refuseOpen(columns, "INSERT");
      columns.forEach(({ value }, index) => this.#requireStays(value, target, into[index] ?? target.columns[index]?.name));
    }
    const scope = this.#ofTarget(target, outer);
    const conflict = bare(node["onConflictClause"]);
    if (conflict) {
      const updated = new Scope(scope);
      updated.add([{ alias: "excluded", columns: target.columns }], []);
      for (const each of list(bare(conflict["infer"])?.["indexElems"]))
        this.#requireClean(this.expression(unwrap(each)[1]["expr"], scope), "an index");
      this.#condition(bare(conflict["infer"])?.["whereClause"], scope);
      this.#assign(conflict["targetList"], updated, target);
      this.#condition(conflict["whereClause"], updated);
    }
    return this.#returning(node["returningClause"], scope, target);
  }

  #update(node: Tree, parent?: Scope): readonly Column[] {
    const outer = this.#with(node["withClause"], parent);
    const target = this.#target(node["relation"]);
    const scope = this.#ofTarget(target, outer);
    for (const item of list(node["fromClause"])) this.#from(item, scope, outer);
    this.#assign(node["targetList"], scope, target);
    this.#condition(node["whereClause"], scope);
    return this.#returning(node["returningClause"], scope, target);
  }

  #delete(node: Tree, parent?: Scope): readonly Column[] {
    const outer = this.#with(node["withClause"], parent);
    const target = this.#target(node["relation"]);
    const scope = this.#ofTarget(target, outer);
    for (const item of list(node["usingClause"])) this.#from(item, scope, outer);
    this.#condition(node["whereClause"], scope);
    return this.#returning(node["returningClause"], scope, target);
  }

  #merge(node: Tree, parent?: Scope): readonly Column[] {
    const outer = this.#with(node["withClause"], parent);
    const target = this.#target(node["relation"]);
    const scope = new Scope(outer);
    this.#from(node["sourceRelation"], scope, outer);
    scope.add([target], target.columns);
    this.#condition(node["joinCondition"], scope);
    for (const each of list(node["mergeWhenClauses"])) {
      const [, when] = unwrap(each);
      this.#condition(when["condition"], scope);
      if (when["commandType"] === "CMD_INSERT") {
        const into = list(when["targetList"]).map((column) => text(unwrap(column)[1]["name"]));
        list(when["values"]).forEach((value, index) =>
          this.#requireStays(this.expression(value, scope), target, into[index] ?? target.columns[index]?.name),
        );
      } else this.#assign(when["targetList"], scope, target);
    }
    return this.#returning(node["returningClause"], scope, target);
  }

  #target(node: unknown): Entry {
    const range = bare(node) ?? {};
    return aliased(
      range,
      text(range["relname"]),
      this.relation(range),
      range["schemaname"] === undefined ? undefined : text(range["schemaname"]),
    );
  }

  #ofTarget(target: Entry, outer: Scope): Scope {
    const scope = new Scope(outer);
    scope.add([target], target.columns);
    return scope;
  }

  #assign(targets: unknown, scope: Scope, target: Entry): void {
    for (const each of list(targets)) {
      const [, assigned] = unwrap(each);
      for (const index of list(assigned["indirection"])) this.#requireClean(this.#anything(index, scope), "a subscript");
      this.#requireStays(this.expression(assigned["val"], scope), target, text(assigned["name"]));
    }
  }

  /** What is masked may be written to where it comes from, and nowhere else. */
  #requireStays(value: Value, target: Entry, column: string | undefined): void {
    if (!isMasked(value)) return;
    const into = target.columns.find(({ name }) => name === column)?.value;
    if (value.plain && into?.plain === true && [...value.sources].every((source) => into.sources.has(source))) return;
    this.#requireClean(value, "written elsewhere");
  }

  #returning(clause: unknown, scope: Scope, target: Entry): readonly Column[] {
    const node = bare(clause);
    if (!node) return [];
    const inner = new Scope(scope);
    const aliases = list(node["options"]).map((option) => text(unwrap(option)[1]["value"]));
    inner.add(
      ["old", "new", ...aliases].map((alias) => ({ alias, columns: target.columns })),
      scope.visible,
    );
    return this.#targets(node["exprs"], inner);
  }

  // ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────

  expression(node: unknown, scope: Scope): Value {
    const [type, expression] = unwrap(node);
    return this.#deeper(() => this.#expression(type, expression, scope));
  }

  #expression(type: string, node: Tree, scope: Scope): Value {
    switch (type) {
      case "":
      case "A_Const":
      case "ParamRef":
      case "SQLValueFunction":
      case "SetToDefault":
      case "CurrentOfExpr":
      case "GroupingFunc":
      case "MergeSupportFunc":
        return CLEAN;
      case "ColumnRef":
        return this.#columnRef(node, scope);
      case "A_Indirection":
        return this.#indirection(node, scope);
      case "A_Expr":
        return this.#operator(node, scope);
      case "FuncCall":
        return this.#call(node, scope);
      case "TypeCast":
        return this.#cast(node, scope);
      case "CollateClause":
        return this.expression(node["arg"], scope);
      case "SubLink":
        return this.#subLink(node, scope);
      case "CaseExpr":
        return this.#case(node, scope);
      case "NullTest": {
        const value = this.expression(node["arg"], scope);
        // A mask leaves NULL as it is, so that this is seen anyway.
        if (isPlain(value)) return CLEAN;
        this.#requireClean(value, "asked whether it is NULL after something was made of it");
        return this.#asked([value]);
      }
      case "BoolExpr":
        return this.#asked(list(node["args"]).map((each) => this.#condition(each, scope)));
      case "RowExpr":
        return rowOf(list(node["args"]).map((each, index) => ({ name: `f${index + 1}`, value: this.expression(each, scope) })));
      case "CoalesceExpr":
      case "MinMaxExpr":
        return derived(list(node["args"]).map((each) => this.expression(each, scope)));
      case "A_ArrayExpr":
        return derived(list(node["elements"]).map((each) => this.expression(each, scope)));
      case "List":
        return derived(list(node["items"]).map((each) => this.expression(each, scope)));
      case "NamedArgExpr":
        return this.expression(node["arg"], scope);
      case "MultiAssignRef": {
        const source = this.expression(node["source"], scope);
        return source.fields?.[Number(node["colno"] ?? 1) - 1]?.value ?? derived([source]);
      }
      default: {
        const value = this.#anything(node, scope);
        this.#requireClean(value, `used in ${type}`);
        return this.#asked([value]);
      }
    }
  }

  #columnRef(node: Tree, scope: Scope): Value {
    const parts = names(node["fields"]);
    if (parts.includes(undefined)) return this.#wholeRow(parts, scope);
    const [name = "", ...before] = (parts as readonly string[]).toReversed();
    const [alias, schema] = before;
    const value = alias === undefined ? scope.column(name) : scope.columnOf(alias, name, schema);
    if (value === undefined || this.#relations.functions.has(name)) {
      if (value !== undefined && this.#isNamedColumn(name, alias, scope)) return value;
      throw unknown((parts as readonly string[]).join("."));
    }
    return value;
  }

  /** `t.f` where f is a function that somebody defined, and t a function in FROM: it may be a call. */
  #isNamedColumn(name: string, alias: string | undefined, scope: Scope): boolean {
    const columns = alias === undefined ? scope.visible : (scope.entry(alias)?.columns ?? []);
    return columns.some((column) => column.name === name) || !columns.some(({ open }) => open);
  }

  /** `t.*` where a value is expected: the row. */
  #wholeRow(parts: readonly (string | undefined)[], scope: Scope): Value {
    const alias = parts.at(-2);
    if (alias === undefined) return rowOf(scope.visible);
    const entry = scope.entry(alias, parts.at(-3));
    if (!entry) throw unknown(alias);
    return rowOf(entry.columns);
  }

  #indirection(node: Tree, scope: Scope): Value {
    let value = this.expression(node["arg"], scope);
    for (const each of list(node["indirection"])) {
      const [type, step] = unwrap(each);
      if (type === "String") {
        const name = text(step["sval"]);
        const field = value.fields?.find((column) => column.name === name)?.value;
        if (field === undefined && this.#relations.functions.has(name)) throw unproven(name);
        value = field ?? derived([value]);
      } else {
        const subscript = this.#anything(step, scope);
        this.#requireClean(subscript, "a subscript");
        value = derived([value, subscript]);
      }
    }
    return value;
  }

  #operator(node: Tree, scope: Scope): Value {
    const operands = [this.expression(node["lexpr"], scope), this.expression(node["rexpr"], scope), this.#requireOwnOperator(node["name"])];
    const name = names(node["name"]).at(-1) ?? "";
    const kind = text(node["kind"]);
    if (!operands.some(isMasked)) return CLEAN;
    if (kind === "AEXPR_OP" && TOTAL_OPERATORS.has(name)) return derived(operands);
    const asksEquality = EQUALITY_KINDS.has(kind) && (name === EQUALITY || (kind === "AEXPR_IN" && name === "<>"));
    for (const value of operands) {
      if (asksEquality) this.#requireComparable(value, "compared");
      else
        this.#requireClean(value, kind === "AEXPR_OP" ? `an operand of ${name}` : `compared (${kind.replace("AEXPR_", "").toLowerCase()})`);
    }
    return kind === "AEXPR_NULLIF" ? derived(operands) : this.#asked(operands);
  }

  /** What the operator itself may bring in, as a function may. */
  #requireOwnOperator(operator: unknown): Value {
    const parts = names(operator);
    const name = parts.at(-1) ?? "";
    if (!this.#relations.operators.has(name) || parts.at(-2) === "pg_catalog" || (this.#isView && parts.length === 1)) return CLEAN;
    const refused = new Refused(
      `the operator ${name} that somebody defined may read anything`,
      `OPERATOR(pg_catalog.${name}) is PostgreSQL's own`,
    );
    if (this.#isView) return unprovenValue(name, refused.message);
    throw refused;
  }

  #call(node: Tree, scope: Scope): Value {
    const parts = names(node["funcname"]).map((part) => part ?? "");
    const name = parts.at(-1) ?? "";
    const proven = this.#requireProven(parts);
    const values = list(node["args"]).map((each) => this.expression(each, scope));
    values.push(proven, this.#asked([this.#condition(node["agg_filter"], scope)]));
    for (const each of list(node["agg_order"])) this.#requireClean(this.expression(unwrap(each)[1]["node"], scope), "sorted by");
    const over = bare(node["over"]);
    if (over) this.#window(over, scope);
    if (node["agg_distinct"] === true) for (const value of values) this.#requireComparable(value, "counted without repetition (DISTINCT)");
    if (!values.some(isMasked)) return CLEAN;
    // How many are not NULL is seen in what the mask leaves.
    if (name === "count" && node["agg_distinct"] !== true && values.every(isPlain) && !isMasked(proven)) return CLEAN;
    if (TOTAL_FUNCTIONS.has(name) && node["func_variadic"] !== true) return derived(values);
    for (const value of values) this.#requireClean(value, `given to ${name}()`);
    return this.#asked(values);
  }

  /** What the function itself may bring in. In a view it is the view's column that is not known, for whoever asks for it. */
  #requireProven(parts: readonly string[]): Value {
    const refused = this.#unprovenFunction(parts);
    if (refused === undefined) return CLEAN;
    if (this.#isView) return unprovenValue(parts.join("."), refused.message);
    throw refused;
  }

  #unprovenFunction(parts: readonly string[]): Refused | undefined {
    const name = parts.at(-1) ?? "";
    if (this.#vouched.has(parts.join("."))) return undefined;
    const isOwn = parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog");
    // In a definition every name that is not PostgreSQL's own has its schema.
    const isShadowed = parts.length === 1 && !this.#isView && this.#relations.functions.has(name);
    const isKnown = (HARMLESS_FUNCTIONS.has(name) || EFFECT_ONLY_FUNCTIONS.has(name)) && !TELL_OF_OTHERS.has(name);
    if (isOwn && isKnown && !isShadowed) return undefined;
    if (isOwn && isKnown)
      return new Refused(`${name}() may be a function of that name that somebody defined`, `pg_catalog.${name}() is PostgreSQL's own`);
    return unproven(parts.join("."));
  }

  #window(node: Tree, scope: Scope): void {
    for (const each of list(node["partitionClause"])) this.#requireComparable(this.expression(each, scope), "divided by (PARTITION BY)");
    for (const each of list(node["orderClause"])) this.#requireClean(this.expression(unwrap(each)[1]["node"], scope), "sorted by");
    this.#condition(node["startOffset"], scope);
    this.#condition(node["endOffset"], scope);
  }

  #cast(node: Tree, scope: Scope): Value {
    const value = this.expression(node["arg"], scope);
    const type = bare(node["typeName"]);
    const name = names(type?.["names"]).at(-1) ?? "";
    if (this.#relations.castTypes.has(name)) {
      const refused = new Refused(`a cast to ${name} that somebody defined may read anything`, NARROWER);
      if (this.#isView) return unprovenValue(name, refused.message);
      throw refused;
    }
    if (!isMasked(value)) return CLEAN;
    const isText = name === "text" || name === "varchar";
    if (!isText || list(type?.["arrayBounds"]).length > 0) this.#requireClean(value, `cast to ${name}`);
    // A length cuts: what is left of it may be what the mask shows the end of.
    return list(type?.["typmods"]).length === 0 && value.plain ? value : derived([value]);
  }

  #subLink(node: Tree, scope: Scope): Value {
    const columns = this.query(node["subselect"], scope);
    const values = columns.map(({ value }) => value);
    switch (node["subLinkType"]) {
      case "EXISTS_SUBLINK":
        return CLEAN;
      case "EXPR_SUBLINK":
        return values.length === 1 && values[0] ? values[0] : rowOf(columns);
      case "ARRAY_SUBLINK":
        return derived(values);
      default: {
        const tested = this.expression(node["testexpr"], scope);
        const operator = names(node["operName"]).at(-1) ?? EQUALITY;
        for (const value of [tested, ...values]) {
          if (operator === EQUALITY) this.#requireComparable(value, "compared");
          else this.#requireClean(value, `an operand of ${operator}`);
        }
        return this.#asked([tested, ...values]);
      }
    }
  }

  #case(node: Tree, scope: Scope): Value {
    const subject = bare(node["arg"]) ? this.expression(node["arg"], scope) : undefined;
    const values: Value[] = [];
    for (const each of list(node["args"])) {
      const [, when] = unwrap(each);
      const asked = subject === undefined ? [this.#condition(when["expr"], scope)] : [subject, this.expression(when["expr"], scope)];
      for (const value of asked) this.#requireComparable(value, "compared (CASE)");
      values.push(this.#asked(asked), this.expression(when["result"], scope));
    }
    values.push(this.expression(node["defresult"], scope));
    return derived(values);
  }

  /** A node of which only the parts are known. */
  #anything(node: unknown, scope: Scope): Value {
    if (Array.isArray(node)) return derived(node.map((each) => this.#anything(each, scope)));
    const tree = bare(node);
    if (!tree) return CLEAN;
    return derived(
      Object.entries(tree).map(([type, child]) => {
        const inner = bare(child);
        if (!inner) return CLEAN;
        const isNode = !Array.isArray(child) && type.charCodeAt(0) >= 65 && type.charCodeAt(0) <= 90;
        if (isNode && KNOWN_EXPRESSIONS.has(type)) return this.expression({ [type]: child }, scope);
        if (isNode && type === "SelectStmt") return derived(this.query({ [type]: child }, scope).map(({ value }) => value));
        return this.#deeper(() => this.#anything(child, scope));
      }),
    );
  }

  // ── what is asked of a value ─────────────────────────────────────────────────────────────────────────────────────

  /** What decides which rows there are. */
  #condition(node: unknown, scope: Scope): Value {
    if (node === undefined) return CLEAN;
    const value = this.expression(node, scope);
    this.#requireClean(value, "in a condition");
    return value;
  }

  /** The answer to what may be asked; in a view, where anything may have been asked, it is what it was made of. */
  #asked(values: readonly Value[]): Value {
    return this.#isView ? derived(values) : CLEAN;
  }

  #requireClean(value: Value, how: string): void {
    if (this.#isView) return;
    for (const source of value.sources) throw refusal(source, how);
  }

  /** Whether two are equal may be asked of some. */
  #requireComparable(value: Value, how: string): void {
    if (this.#isView) return;
    for (const source of value.sources) if (source.compare !== "equality" || !isPlain(value)) throw refusal(source, how);
  }

  #deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Refused("it is nested too deeply to follow its columns", NARROWER);
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }
}

/** How the definitions that the catalogue holds are read; `parse` gives the tree of one statement. */
export function definitionReader(
  parse: (sql: string) => unknown,
  relations: () => Relations,
  vouched: ReadonlySet<string>,
): DefinitionReader {
  return {
    view: (definition) => new Tracer(relations(), vouched, true).query(parse(definition)),
    generated: (expression, { name }, columns) => {
      const scope = new Scope();
      scope.add([{ alias: name, columns }], columns);
      const [, query] = unwrap(parse(`SELECT ${expression}`));
      const [, target] = unwrap(list(query["targetList"])[0]);
      return derived([new Tracer(relations(), vouched, true).expression(target["val"], scope)]);
    },
  };
}

const NARROWER = "a simpler statement, or one that leaves masked columns out";

/** Comparisons that ask for equality, and what they are written as. */
const EQUALITY_KINDS: ReadonlySet<string> = new Set([
  "AEXPR_OP",
  "AEXPR_OP_ANY",
  "AEXPR_IN",
  "AEXPR_NULLIF",
  "AEXPR_DISTINCT",
  "AEXPR_NOT_DISTINCT",
]);
const KNOWN_EXPRESSIONS: ReadonlySet<string> = new Set([
  "ColumnRef",
  "A_Indirection",
  "A_Expr",
  "FuncCall",
  "TypeCast",
  "CollateClause",
  "SubLink",
  "CaseExpr",
  "NullTest",
  "BoolExpr",
  "RowExpr",
  "CoalesceExpr",
  "MinMaxExpr",
  "A_ArrayExpr",
  "NamedArgExpr",
]);

export function refusal(
  { column, class: name, unproven: why, compare }: { column: string; class: string; unproven?: string; compare: string },
  how: string,
): Refused {
  if (why !== undefined) return new Refused(`what ${column} holds is not known: ${why}`, `the same without ${column}`);
  const equal = compare === "equality" ? `; ${column} may only be compared by = with a value` : "";
  return new Refused(
    `${column} is masked and cannot be ${how}`,
    `the same without that use of ${column}${equal}, or a role that shows "${name}"`,
  );
}

function unknown(name: string): Refused {
  return new Refused(`"${name}" is nothing that the gate knows of this database`, "if it is new, try again in a moment", true);
}

function unproven(name: string): Refused {
  return new Refused(
    `the function ${name}() may read anything`,
    "the same without it, or have it named under masking.functions of the target",
  );
}

function aliased(node: Tree, name: string, columns: readonly Column[], schema?: string): Entry {
  const alias = bare(node["alias"]);
  if (!alias) return { alias: name, columns, ...(schema !== undefined && { schema }) };
  return { alias: text(alias["aliasname"]), columns: renamed(columns, names(alias["colnames"])) };
}

function renamed(columns: readonly Column[], aliases: readonly (string | undefined)[]): readonly Column[] {
  if (aliases.length === 0) return columns;
  if (columns.some((column) => column.open)) {
    // Which of them each name is, is not known: it may be any.
    const value = derived(columns.map((column) => column.value));
    return [...aliases.map((name) => ({ name: name ?? "", value })), open(value)];
  }
  return columns.map(({ name, value }, index) => ({ name: aliases[index] ?? name, value }));
}

function one(entry: Entry): { entries: readonly Entry[]; visible: readonly Column[] } {
  return { entries: [entry], visible: entry.columns };
}

function derivedOrOnly(columns: readonly Column[]): Value {
  const [only, second] = columns;
  return only && !second ? only.value : derived(columns.map(({ value }) => value));
}
