/**
 * Which columns are masked, and how: a target says what its columns hold, a role which classes of that it shows.
 *
 * Invariants: a column that inherits or is inherited from one that is masked is masked too, and so is one that has to hold
 * what a masked one holds (a foreign key), unless a rule is about it or lifts its class; a rule that no column
 * matches does nothing, so that a typing error must be seen by whoever tests the target. Pure.
 */
import { columnName, type CatalogueColumn, type CatalogueData, type CatalogueRelation } from "./catalogue.ts";

/**
 * `full`: `****`. `null`: NULL. `hash`: the same for the same value under one grant. `last4`: the last four characters.
 * `domain`: what stands behind the @. What is no text, and whatever was made of a masked column, is NULL in every case.
 */
export const MASKS = ["full", "null", "hash", "last4", "domain"] as const;
export type Mask = (typeof MASKS)[number];

export interface MaskRule {
  /** Any of these matches: `schema.table.column` with `*` for any part of it, a regular expression of the same, the column's comment, or one of its security labels. */
  readonly columns?: string;
  readonly pattern?: string;
  readonly comment?: string;
  readonly label?: string;
  /** What a role calls these columns in `unmasked`. */
  readonly class: string;
  readonly mask: Mask;
  /** `equality`: it may be asked whether it equals what a statement says, which lets a guess be tried. */
  readonly compare: "deny" | "equality";
}

export interface ColumnMask extends Pick<MaskRule, "class" | "mask" | "compare"> {
  /** `public.customers.email`, of the column that the rule matched. */
  readonly column: string;
  readonly text: boolean;
  readonly array?: boolean;
  /** What is written to it is compared with what other rows hold: whether that goes well tells whether one of them is equal. */
  readonly matched?: true;
  readonly few?: boolean;
}

/** By relation and column number. */
export type MaskedColumns = ReadonlyMap<number, ReadonlyMap<number, ColumnMask>>;

/** The masks for somebody who sees `unmasked` (`*`: everything). The first rule that matches a column and is not lifted decides. */
export function maskedColumns(catalogue: CatalogueData, rules: readonly MaskRule[], unmasked: readonly string[]): MaskedColumns {
  if (unmasked.includes("*")) return new Map();
  const inForce = rules.filter((rule) => !unmasked.includes(rule.class)).map(matcher);
  const everywhere = [...inForce, ...DATA_IN_CATALOGUES];
  const masked = new Map<number, Map<number, ColumnMask>>();
  for (const relation of catalogue.relations) {
    const matchers = OWN_SCHEMAS.has(relation.schema) || relation.name === "pg_stat_statements" ? everywhere : inForce;
    for (const column of relation.columns) {
      const { name, text, array = false, few = false } = column;
      const found = matchers.find(({ matches }) => matches(namesOf(relation, column), column));
      if (found) put(masked, relation.oid, column.number, { ...found.mask, column: columnName(relation, name), text, array, few });
    }
  }
  const matches = rules.map(matcher);
  spread(catalogue, masked, (relation, column) => !matches.some((rule) => rule.matches(namesOf(relation, column), column)));
  for (const { oid, unique = [], references = [] } of catalogue.relations) {
    for (const number of [...unique, ...references.map(({ column }) => column)]) {
      const mask = masked.get(oid)?.get(number);
      if (mask) put(masked, oid, number, { ...mask, matched: true });
    }
  }
  return masked;
}

/** A foreign table shows what another one holds, under names of its own; what is renamed holds what it held. */
function namesOf(relation: CatalogueRelation, { name, remote, formerly = [] }: CatalogueColumn): readonly string[] {
  const full = columnName(relation, name);
  return relation.remote ? [full, columnName(relation.remote, remote ?? name), ...formerly] : [full, ...formerly];
}

interface Matcher {
  /** `names`: with schema and relation. */
  readonly matches: (names: readonly string[], column: CatalogueColumn) => boolean;
  readonly mask: Omit<ColumnMask, "column" | "text" | "array" | "few">;
}

function matcher({ columns, pattern, comment, label, class: name, mask, compare }: MaskRule): Matcher {
  const named = columns === undefined ? undefined : glob(columns);
  const patterned = pattern === undefined ? undefined : new RegExp(pattern, "su");
  const said = comment === undefined ? undefined : glob(comment);
  const labelled = label === undefined ? undefined : glob(label);
  return {
    mask: { class: name, mask, compare },
    matches: (names, { comment: words = "", labels = [] }) =>
      names.some((name) => named?.test(name) === true || patterned?.test(name) === true) ||
      said?.test(words) === true ||
      labels.some((each) => labelled?.test(each) === true),
  };
}

/** `*` is any part, dots too: `*.email` is every column of that name. */
export function glob(text: string): RegExp {
  // Of what has a meaning in it: other escapes are none where Unicode is read.
  const parts = text.split("*").map((part) => part.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "su");
}

/** Of PostgreSQL's own schemas, or of a relation `pg_stat_statements`: looked for there alone. Columns of PostgreSQL's own catalogues that hold values of tables, or what other people wrote. */
const DATA_IN_CATALOGUES: readonly Matcher[] = [
  /^pg_catalog\.pg_statistic\.stavalues\d$/,
  /^pg_catalog\.pg_stats\.(?:most_common_vals|histogram_bounds|most_common_elems|range_bounds_histogram)$/,
  /^pg_catalog\.pg_statistic_ext_data\.stx(?:dmcv|dexpr)$/,
  /^pg_catalog\.pg_stats_ext(?:_exprs)?\.(?:most_common_(?:vals|val_nulls|elems)|histogram_bounds|range_bounds_histogram)$/,
  // What rows have that are older than the column.
  /^pg_catalog\.pg_attribute\.attmissingval$/,
  /^pg_catalog\.pg_largeobject\.data$/,
  /^pg_catalog\.pg_(?:authid|shadow)\.(?:rolpassword|passwd)$/,
  /^pg_catalog\.pg_user_mappings?\.umoptions$/,
  /^information_schema\.user_mapping_options\.option_value$/,
  /^pg_catalog\.pg_subscription\.subconninfo$/,
  /^pg_catalog\.pg_stat_activity\.query$/,
  /^.*\.pg_stat_statements\.query$/,
].map((pattern) => ({
  mask: { class: "catalogue", mask: "null", compare: "deny" },
  matches: (names) => names.some((name) => pattern.test(name)),
}));

const OWN_SCHEMAS: ReadonlySet<string> = new Set(["pg_catalog", "information_schema"]);

/** Reading a parent reads its children, and a child is read by itself. What refers to a column has its values. `isFree`: no rule is about it. */
function spread(
  { relations, inherits }: CatalogueData,
  masked: Map<number, Map<number, ColumnMask>>,
  isFree: (relation: CatalogueRelation, column: CatalogueColumn) => boolean,
): void {
  const byOid = new Map(relations.map((relation) => [relation.oid, relation]));
  for (let changed = true; changed;) {
    changed = false;
    for (const pair of inherits) {
      for (const [from, to] of [pair, pair.toReversed()]) {
        for (const [number, mask] of Array.from(masked.get(from ?? 0) ?? [])) {
          const name = byOid.get(from ?? 0)?.columns.find((column) => column.number === number)?.name;
          const same = byOid.get(to ?? 0)?.columns.find((column) => column.name === name);
          if (!same || masked.get(to ?? 0)?.has(same.number) === true) continue;
          put(masked, to ?? 0, same.number, mask);
          changed = true;
        }
      }
    }
    for (const relation of relations) {
      for (const { column: number, relation: other, to } of relation.references ?? []) {
        const mask = masked.get(other)?.get(to);
        const column = relation.columns.find((each) => each.number === number);
        if (!mask || !column || masked.get(relation.oid)?.has(number) === true || !isFree(relation, column)) continue;
        put(masked, relation.oid, number, { ...mask, column: columnName(relation, column.name), text: column.text });
        changed = true;
      }
    }
  }
}

function put(masked: Map<number, Map<number, ColumnMask>>, oid: number, number: number, mask: ColumnMask): void {
  const columns = masked.get(oid) ?? new Map<number, ColumnMask>();
  masked.set(oid, columns.set(number, mask));
}
