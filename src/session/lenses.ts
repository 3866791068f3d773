/**
 * What sessions see of databases through their masks: the lenses that statements are traced with, made of a catalogue,
 * of what the target masks and what a role shows. Shared by all sessions of a gate; knows no protocol.
 *
 * Invariants: no session that masks goes on without a catalogue; one is never older than MAX_AGE_MS when a statement is
 * traced with it; what is the same keeps its lens, and with it what was traced before; a column that is renamed keeps its
 * mask for as long as the gate knows its database.
 */
import type { Target } from "../access/model.ts";
import type { CatalogueData, SharedCatalogue } from "../policy/sql/masking/catalogue.ts";
import { MASKED_MORE_BYTES, maskValue, writeMasked } from "../policy/sql/masking/apply.ts";
import { maskedColumns, type MaskedColumns, type MaskRule } from "../policy/sql/masking/masks.ts";
import type { Lens } from "../policy/sql/masking/trace.ts";
import { withFormerNames } from "./former-names.ts";
import { shareCatalogue } from "./shared-catalogue.ts";

/** Somebody else's new table or column is known after this at the latest; one that is asked for and not known, at once. */
const MAX_AGE_MS = 60_000;
/** How often an unknown name may have the catalogue read again; of a large one, a third of the time is reading at most. */
const MIN_AGE_MS = 1000;
const MIN_AGE_READS = 2;
/** Catalogues in memory; each is a database that somebody works in. */
const MAX_KEPT = 64;
/** Lenses of one catalogue: one for each set of classes that some role shows, and each path. */
const MAX_LENSES = 16;

/** Of a target, as it is configured. */
export interface Masking {
  readonly columns: readonly MaskRule[];
  /** Functions whose results hold nothing that is masked. */
  readonly functions: readonly string[];
}

export interface LensesDeps {
  readonly masking: (target: Target["name"]) => Masking | undefined;
  /** An errand of the gate's own. */
  readonly readCatalogue: (place: Place) => Promise<CatalogueData>;
  readonly clock: () => number;
}

/** Where a session is. */
export interface Place {
  readonly target: Target;
  readonly database: string;
  readonly account: string;
  /** Schemas that a name alone is looked for in. */
  readonly path: readonly string[];
}

interface Kept {
  /** Of which database, whoever sees it. */
  readonly of: string;
  readonly catalogue: CatalogueData;
  readonly shared: SharedCatalogue;
  /** Of the catalogue as it was read, without former names. */
  readonly hash: string;
  readAt: number;
  tookMs: number;
  /** The last that was asked for. */
  masked?: { readonly for: string; readonly columns: MaskedColumns };
  readonly lenses: Map<string, Lens>;
}

export class Lenses {
  readonly #deps: LensesDeps;
  readonly #kept = new Map<string, Kept>();
  readonly #reading = new Map<string, Promise<Kept>>();
  #nextId = 1;

  constructor(deps: LensesDeps) {
    this.#deps = deps;
  }

  /**
   * `undefined`: nothing is masked for somebody who sees `unmasked`. At once where the catalogue is fresh. `renew`: what
   * was asked for is not in it. Throws what reading a catalogue throws.
   */
  find(place: Place, unmasked: readonly string[], renew = false): Lens | undefined | Promise<Lens | undefined> {
    const masking = this.#deps.masking(place.target.name);
    if (masking === undefined || masking.columns.length === 0 || unmasked.includes("*")) return undefined;
    const key = JSON.stringify([place.target.name, place.target.address, place.database, place.account]);
    const kept = this.#kept.get(key);
    const age = kept === undefined ? Infinity : this.#deps.clock() - kept.readAt;
    const oldest = renew ? Math.min(Math.max(MIN_AGE_MS, MIN_AGE_READS * (kept?.tookMs ?? 0)), MAX_AGE_MS) : MAX_AGE_MS;
    if (kept && age < oldest) return this.#lens(kept, masking, unmasked, place.path);
    return this.#read(key, place).then((fresh) => this.#lens(fresh, masking, unmasked, place.path));
  }

  /** A value as somebody sees it through a mask; `undefined`: NULL. `key`: of the grant. */
  readonly mask = maskValue;
  /** The same into a row that is written anew, which may be so much longer for each. */
  readonly writeMasked = writeMasked;
  readonly maskedMoreBytes = MASKED_MORE_BYTES;

  #lens(kept: Kept, masking: Masking, unmasked: readonly string[], path: readonly string[]): Lens {
    const key = JSON.stringify([masking, [...unmasked].sort(), path]);
    const known = kept.lenses.get(key);
    if (known) return known;
    // Another path changes nothing of what is masked.
    const same = JSON.stringify([masking.columns, [...unmasked].sort()]);
    const masked = kept.masked?.for === same ? kept.masked.columns : maskedColumns(kept.catalogue, masking.columns, unmasked);
    kept.masked = { for: same, columns: masked };
    const activeTypes = kept.catalogue.castTypeOids ?? [];
    const lens: Lens = { id: this.#nextId, catalogue: kept.shared, activeTypes, masked, path, vouched: masking.functions };
    this.#nextId += 1;
    kept.lenses.set(key, lens);
    for (const oldest of kept.lenses.keys()) if (kept.lenses.size > MAX_LENSES) kept.lenses.delete(oldest);
    return lens;
  }

  /** One at a time for each place; whoever asks meanwhile gets the same. */
  #read(key: string, place: Place): Promise<Kept> {
    const running = this.#reading.get(key);
    if (running) return running;
    const reading = this.#readNow(key, place).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #readNow(key: string, place: Place): Promise<Kept> {
    const began = this.#deps.clock();
    const read = await this.#deps.readCatalogue(place);
    const { bytes, hash } = await shareCatalogue(read);
    const before = this.#kept.get(key);
    const kept = before?.hash === hash ? before : await this.#changed(place, read, { bytes, hash });
    kept.readAt = this.#deps.clock();
    kept.tookMs = kept.readAt - began;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
    return kept;
  }

  /** What other accounts of the database have seen of it counts as well. */
  async #changed(place: Place, read: CatalogueData, { bytes, hash }: Shared): Promise<Kept> {
    const of = databaseOf(place);
    const before = [...this.#kept.values()].filter((kept) => kept.of === of).sort((a, b) => b.readAt - a.readAt)[0];
    const catalogue = before ? withFormerNames(before.catalogue, read) : read;
    const shared = catalogue === read ? bytes : (await shareCatalogue(catalogue)).bytes;
    return { of, catalogue, shared, hash, readAt: 0, tookMs: 0, lenses: new Map() };
  }
}

type Shared = Awaited<ReturnType<typeof shareCatalogue>>;

function databaseOf({ target, database }: Place): string {
  return JSON.stringify([target.name, target.address, database]);
}
