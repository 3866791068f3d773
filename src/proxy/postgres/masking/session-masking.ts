/**
 * Masks of one session: which lens its statements are traced with, and what masks their results.
 */
import type { LiveSession } from "../../../session/live-session.ts";
import type { MaskedColumns } from "../../../policy/sql/masking/masks.ts";
import type { Lens } from "../../../policy/sql/masking/trace.ts";
import type { ParsedSql } from "../../../policy/sql/statement.ts";
import type { Lenses, Place } from "../../../session/lenses.ts";
import { tellsRelations } from "../../../session/sql-limits.ts";
import { ResultMasks, type MaskedRow, type Provenance } from "./result-masks.ts";
import { queryTarget } from "../postgres-query.ts";
import type { Wire } from "../wire.ts";
import type { SqlReader } from "../sql-reader.ts";

export interface SessionMaskingDeps {
  readonly session: LiveSession;
  readonly reader: SqlReader;
  readonly lenses: Lenses;
  readonly place: Omit<Place, "path">;
  /** Of the grant: what is equal is seen to be under it alone. */
  readonly key: Buffer;
}

export class SessionMasking {
  readonly #deps: SessionMaskingDeps;
  #lens: Lens | undefined;
  #path: readonly string[] = [];
  #encoding = "UTF8";
  readonly #row: MaskedRow = { bytes: Buffer.alloc(0) };

  constructor(deps: SessionMaskingDeps) {
    this.#deps = deps;
  }

  /**
   * Finds out what is masked for this session as things are, and where a name alone is looked for if that matters. `wire`:
   * the session's own connection to the target, idle; `encoding`: the server's. Throws what reading a catalogue throws.
   */
  async prepare(wire: Wire, encoding: string): Promise<void> {
    this.#encoding = encoding;
    if ((await this.#current()) === undefined && !tellsRelations(this.#deps.session)) return;
    this.#path = (await queryTarget(wire, "select pg_catalog.unnest(pg_catalog.current_schemas(true))")).map(([schema]) => schema ?? "");
    await this.#current();
  }

  /** Schemas that a name alone was looked for in when the session began; `undefined`: nobody has asked. */
  get path(): readonly string[] | undefined {
    return this.#path.length === 0 ? undefined : this.#path;
  }

  get masks(): boolean {
    return this.#lens !== undefined;
  }

  /** What was read under another one says nothing of the masks of now. */
  get lens(): number | undefined {
    return this.#lens?.id;
  }

  get masked(): MaskedColumns | undefined {
    return this.#lens?.masked;
  }

  /** Whether a parameter of such a type runs code that somebody defined when it is bound. */
  runsCode(parameterTypes: readonly number[]): boolean {
    const active = this.#lens?.activeTypes ?? [];
    return parameterTypes.some((type) => active.includes(type));
  }

  /** `limit`: for SELECTs that have none. */
  parse(sql: string, limit?: number): ParsedSql | Promise<ParsedSql> {
    const lens = this.#current();
    if (lens instanceof Promise) return lens.then((found) => this.#parse(sql, found, limit));
    return this.#parse(sql, lens, limit);
  }

  #parse(sql: string, lens: Lens | undefined, limit: number | undefined): ParsedSql | Promise<ParsedSql> {
    const { reader, session } = this.#deps;
    const read = reader.parse(sql, { lens, limit, by: session, encoding: this.#encoding });
    if (lens === undefined) return read;
    return read instanceof Promise ? read.then((parsed) => this.#checked(sql, lens, limit, parsed)) : this.#checked(sql, lens, limit, read);
  }

  /** A name that the catalogue did not have may be new: it is read again, once. */
  #checked(sql: string, lens: Lens, limit: number | undefined, parsed: ParsedSql): ParsedSql | Promise<ParsedSql> {
    if (!parsed.ok) return parsed;
    // Fails closed: a text that was read without the lens has been traced by nothing.
    if (parsed.traced === undefined) return { ok: false, why: "bounds", message: "its columns were not followed" };
    if (parsed.traced.every((each) => each.ok || each.unknown !== true)) return parsed;
    return Promise.resolve(this.#find(true)).then((fresh) => {
      if (fresh === undefined || fresh.id === lens.id) return parsed;
      this.#use(fresh);
      return this.#deps.reader.parse(sql, { lens: fresh, limit, by: this.#deps.session, encoding: this.#encoding });
    });
  }

  #current(): Lens | undefined | Promise<Lens | undefined> {
    const found = this.#find(false);
    return found instanceof Promise ? found.then((lens) => this.#use(lens)) : this.#use(found);
  }

  #find(renew: boolean): Lens | undefined | Promise<Lens | undefined> {
    const { session, lenses, place } = this.#deps;
    // What the role shows now; a role that allows nothing any more shows nothing.
    const decision = session.decide({ kind: "sql.statement", statements: [] });
    return lenses.find({ ...place, path: this.#path }, decision.allowed === true ? (decision.unmasked ?? []) : [], renew);
  }

  #use(lens: Lens | undefined): Lens | undefined {
    this.#lens = lens;
    return lens;
  }

  /** For a text that was read with the lens in force. */
  results(read: Extract<ParsedSql, { ok: true }>, provenance?: Provenance): ResultMasks | undefined {
    if (this.#lens === undefined || read.traced === undefined) return undefined;
    const readsOnly = read.statements.every(({ classes }) => classes.every((each) => each === "read"));
    const { key, lenses } = this.#deps;
    return new ResultMasks(read.traced, {
      readsOnly,
      lenses,
      key,
      row: this.#row,
      masked: this.#lens.masked,
      ...(provenance && { provenance }),
    });
  }
}
