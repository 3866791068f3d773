/** The gate's own errand to a database: which of its columns look as if they should be masked. No value leaves the gate. */
import type { CatalogueColumn, CatalogueData, CatalogueRelation } from "../../../policy/sql/masking/catalogue.ts";
import { overOwnConnection, type OwnConnection } from "../own-connection.ts";
import { quoted } from "../quoting.ts";
import { readCatalogue } from "./postgres-catalogue.ts";
import { queryTarget, type Row } from "../postgres-query.ts";
import type { Wire } from "../wire.ts";
import type { UpstreamDeps } from "../postgres-upstream.ts";

const TIMEOUT_MS = 60_000;
/** Of a table; longer values say no more by their end. */
const SAMPLES = 200;
const SAMPLE_CHARACTERS = 200;
/** A table that is busy or huge is left to its name. */
const STATEMENT_TIMEOUT = "set statement_timeout = '2s'; set lock_timeout = '100ms'; set default_transaction_read_only = on";

export interface Scanned<Guess> {
  readonly catalogue: CatalogueData;
  readonly columns: readonly { readonly relation: CatalogueRelation; readonly column: CatalogueColumn; readonly guess: Guess }[];
}

/**
 * `guess` sees a column's name and some of its values, table by table: no more of them are in memory at once. Throws
 * `target-unreachable`, `target-refused`, `timeout`.
 */
export function scanColumns<Guess>(
  connection: Omit<OwnConnection, "timeoutMs">,
  deps: UpstreamDeps,
  guess: (name: string, samples: readonly string[]) => Guess,
): Promise<Scanned<Guess>> {
  return overOwnConnection({ ...connection, timeoutMs: TIMEOUT_MS }, deps, async ({ socket }) => {
    const catalogue = await readCatalogue(socket);
    await queryTarget(socket, STATEMENT_TIMEOUT);
    const columns: Scanned<Guess>["columns"][number][] = [];
    for (const relation of catalogue.relations) {
      if (relation.schema.startsWith("pg_") || relation.schema === "information_schema") continue;
      const rows = await firstRows(socket, relation);
      for (const [index, column] of relation.columns.entries()) {
        const samples = rows.flatMap((row) => (row[index] == null || row[index] === "" ? [] : [row[index]]));
        columns.push({ relation, column, guess: guess(column.name, samples) });
      }
    }
    return { catalogue, columns };
  });
}

/** None, where it may not be read or does not answer in time. */
async function firstRows(wire: Wire, { schema, name, columns }: CatalogueRelation): Promise<readonly Row[]> {
  if (columns.length === 0) return [];
  const list = columns.map((column) => `left(${quoted(column.name)}::text, ${SAMPLE_CHARACTERS})`).join(", ");
  try {
    return await queryTarget(wire, `select ${list} from ${quoted(schema)}.${quoted(name)} limit ${SAMPLES}`);
  } catch {
    return [];
  }
}
