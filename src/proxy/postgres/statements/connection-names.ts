/**
 * What texts that use names mean on one connection: EXECUTE is what was prepared, FETCH what was declared, whether by SQL
 * or by the protocol, which share their names. And what texts do to names, once the target says that they have.
 *
 * Fails closed: what a name stands for is `opaque` where nobody knows it, and where code has run that the gate cannot
 * see; in a session that masks it is refused, also where it was read under other masks.
 */
import { combined, onlyPlanned, OPAQUE, withoutOpaque } from "../../../session/combined.ts";
import type { Traced } from "../../../policy/sql/masking/trace.ts";
import type { NameUse, ParsedSql, StatementFacts } from "../../../policy/sql/statement.ts";
import type { Parameters } from "../../../session/statement-record.ts";
import type { Bind } from "../../../wire/postgres/frontend.ts";
import { Names, type Found, type Naming } from "./names.ts";
import type { Answering, Ending } from "../relay/pipeline.ts";
import type { ResultShape } from "../relay/postgres-results.ts";
import { isNamed, type Provenance } from "../masking/result-masks.ts";

/** Texts of prepared statements, and what is recorded of the parameters of portals. */
const LIMITS = { entries: 10_000, bytes: 16 * 1024 * 1024 };
/** What an entry takes beside its text. */
const ENTRY_BYTES = 200;
/** EXECUTE of what EXECUTEs: nobody needs it, and it may go round in circles. */
const MAX_DEPTH = 4;

export type Read = Extract<ParsedSql, { ok: true }>;

/** A text as it was read, and the lens that it was read with. */
export interface Text {
  readonly sql: string;
  readonly read: Read;
  readonly lens: number | undefined;
  /** Of a Parse. */
  readonly parameterTypes?: readonly number[];
  /** It is not to run, but to be tried out for who asks. */
  readonly isPreview?: true;
}

export interface Prepared extends Text {
  readonly provenance: Provenance;
  readonly shape: ResultShape;
  /** Named by a text of SQL, of which `read` is what it stands for. */
  readonly bySql?: true;
  /** `read` says more than its text: code may have given the name to something else. */
  readonly doubtful?: true;
}

export interface Portal extends Prepared {
  /** As they came, of what the role holds: exactly they are tried out and approved. */
  readonly raw?: Bind["parameters"];
  readonly parameters: Parameters | undefined;
  /** Of its results' columns. */
  readonly formats: readonly number[];
}

/** A text with what its names stand for, and what becomes of names when it runs. */
export interface Meaning extends Answering {
  readonly read: Read;
  /** The texts that it runs by name. */
  readonly named: readonly string[];
  readonly isOpaque: boolean;
}

/** One statement of a text. */
interface One {
  readonly facts: StatementFacts;
  readonly traced: Traced | undefined;
}

interface Change extends One {
  readonly use: NameUse;
  readonly text: Text;
}

interface Collected {
  readonly named: string[];
  readonly changes: Change[];
}

export class ConnectionNames {
  readonly #statements = new Names<Prepared>(LIMITS);
  /** `undefined`: of something that the gate does not know. */
  readonly #portals = new Names<Portal | undefined>(LIMITS);

  findStatement(name: string): "unsettled" | Prepared | undefined {
    return surely(this.#statements.find(name));
  }

  /** `undefined`: not known, nor to be run. */
  findPortal(name: string): "unsettled" | Portal | undefined {
    return surely(this.#portals.find(name));
  }

  /** Of a Parse. */
  prepare(name: string, text: Text): Naming {
    return this.#statements.name(name, { ...text, provenance: {}, shape: {} }, ENTRY_BYTES + 2 * text.sql.length);
  }

  /** Of a Bind, also to what is not known: then it is not known what the portal is. */
  bind(portal: string, bound: Portal | undefined, rawBytes = 0): Naming {
    return this.#portals.name(portal, bound, ENTRY_BYTES + rawBytes + (bound?.parameters?.bytes ?? 0), { outlives: false });
  }

  /** Of a Close. */
  close(of: NameUse["of"], name: string): Naming {
    return { ended: (how) => void (how === "done" && this.#of(of).end(name)) };
  }

  /** The target takes what comes next whatever has become of what came before. */
  boundary(): void {
    this.#statements.boundary();
    this.#portals.boundary();
  }

  endTransaction(): void {
    this.#portals.endTransaction();
  }

  /** What has no name gives way to a text of its own, also to one that fails. */
  endUnnamed(): void {
    this.#statements.end("");
    this.#portals.end("");
  }

  /**
   * As if each statement before had succeeded: the target stops at the first that does not. Must be told how it ended.
   * `undefined`: what a name in it stands for is not settled.
   */
  meaning(text: Text): Meaning | undefined {
    const { statements, traced } = text.read;
    const steps: Naming[][] = [];
    const meant: One[] = [];
    const named: string[] = [];
    for (const [at, facts] of statements.entries()) {
      const collected: Collected = { named, changes: [] };
      const one = this.#read(text, { facts, traced: traced?.[at] }, collected, 0);
      if (one === "unsettled") {
        finish(steps, "skipped");
        return undefined;
      }
      meant.push(one);
      steps.push(collected.changes.map((change) => this.#change(change)));
    }
    const isOpaque = meant.some(({ facts: { classes } }) => classes.includes("opaque") || classes.includes("unknown"));
    return {
      read: { ok: true, statements: meant.map(({ facts }) => facts), ...(traced && { traced: meant.flatMap((one) => one.traced ?? []) }) },
      named,
      isOpaque,
      commandEnded: () => finish(steps.splice(0, 1), "done"),
      ended: (how) => {
        finish(steps.splice(0), how === "done" ? "skipped" : how);
        if (!isOpaque || how === "skipped") return;
        this.#statements.doubt();
        this.#portals.doubt();
      },
    };
  }

  #read(text: Text, one: One, into: Collected, depth: number): One | "unsettled" {
    let { facts, traced } = one;
    for (const use of facts.names ?? []) {
      if (use.does === "make" || use.does === "end") {
        into.changes.push({ use, text, ...one });
        continue;
      }
      const found = this.#of(use.of).find(use.name ?? "");
      if (found === "unsettled") return found;
      const { value } = found;
      const isKnown = value !== undefined && !found.doubtful && depth < MAX_DEPTH;
      facts = isKnown ? withoutOpaque(facts) : combined(facts, OPAQUE);
      if (traced && (!isKnown || value.lens !== text.lens)) traced = unknownName(use);
      if (value === undefined || depth >= MAX_DEPTH) continue;
      into.named.push(value.sql);
      const isPlan = use.does === "plan";
      for (const [at, each] of value.read.statements.entries()) {
        const inner = { facts: each, traced: value.read.traced?.[at] };
        const below = this.#read(value, inner, isPlan ? { ...into, changes: [] } : into, depth + 1);
        if (below === "unsettled") return below;
        facts = combined(facts, isPlan ? onlyPlanned(below.facts) : below.facts);
        if (traced) traced = standingFor(traced, below.traced ?? unknownName(use));
      }
    }
    return { facts, traced };
  }

  #change({ use, text, facts, traced }: Change): Naming {
    const { name, outlives = false } = use;
    if (use.does === "end") {
      const ended = (how: Ending): void => {
        if (how !== "done") return;
        if (name === undefined) this.#of(use.of).endAll();
        else this.#of(use.of).end(name);
      };
      return { ended };
    }
    // What it stands for makes no names itself, and gives back what the statement in it does.
    const outputs = traced?.ok === true && traced.defines ? traced.defines.outputs : [];
    const read: Read = {
      ok: true,
      statements: [{ ...facts, names: [] }],
      ...(traced && { traced: [traced.ok ? { ok: true, outputs, reaches: traced.reaches } : traced] }),
    };
    const value: Prepared = { sql: text.sql, read, lens: text.lens, provenance: {}, shape: {}, bySql: true };
    const bytes = ENTRY_BYTES + 2 * text.sql.length;
    return use.of === "statement"
      ? this.#statements.name(name ?? "", value, bytes)
      : this.#portals.name(name ?? "", { ...value, parameters: undefined, formats: [] }, bytes, { outlives });
  }

  #of(of: NameUse["of"]): Names<Prepared> | Names<Portal | undefined> {
    return of === "statement" ? this.#statements : this.#portals;
  }
}

function finish(steps: readonly (readonly Naming[])[], how: Ending): void {
  for (const namings of steps) for (const naming of namings) naming.ended(how);
}

/** What runs by a name gives back what the name stands for. */
function standingFor(traced: Traced, named: Traced): Traced {
  if (!traced.ok || !named.ok) return traced.ok ? named : traced;
  return { ok: true, outputs: isNamed(traced.outputs) ? named.outputs : traced.outputs, reaches: traced.reaches || named.reaches };
}

function unknownName({ name = "" }: NameUse): Traced {
  return { ok: false, detail: `nobody knows under these masks what ${JSON.stringify(name.slice(0, 63))} stands for`, next: "give it anew" };
}

function surely<Value extends Prepared>(found: Found<Value | undefined>): "unsettled" | Value | undefined {
  if (found === "unsettled" || !found.value || !found.doubtful) return found === "unsettled" ? found : found.value;
  const { value } = found;
  const statements = value.read.statements.map((each) => combined(each, OPAQUE));
  const traced = value.read.traced?.map((): Traced => unknownName({ does: "run", of: "statement" }));
  return { ...value, read: { ok: true, statements, ...(traced && { traced }) }, doubtful: true };
}
