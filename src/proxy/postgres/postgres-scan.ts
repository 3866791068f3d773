/** The gate's own errand to a database: which of its columns look as if they should be masked. No value leaves the gate. */
import { withDeadline } from "../../kernel/deadline.ts";
import type { Target } from "../../access/model.ts";
import type { CatalogueColumn, CatalogueData, CatalogueRelation } from "../../policy/sql/masking/catalogue.ts";
import { openUpstream } from "../../session/dial.ts";
import type { ErrandPermit } from "../../session/gatekeeper.ts";
import { encodeTerminate } from "../../wire/postgres/frontend.ts";
import { readCatalogue } from "./postgres-catalogue.ts";
import { queryTarget } from "./postgres-query.ts";
import type { Wire } from "./postgres-reader.ts";
import { logIn, type UpstreamDeps } from "./postgres-upstream.ts";

const TIMEOUT_MS = 60_000;
/** Of a table; longer values say no more by their end. */
const SAMPLES = 200;
const SAMPLE_CHARACTERS = 200;
/** A table that is busy or huge is left to its name. */
const STATEMENT_TIMEOUT = "set statement_timeout = '2s'; set lock_timeout = '100ms'; set default_transaction_read_only = on";

export interface Sampled {
  readonly catalogue: CatalogueData;
  readonly columns: readonly {
    readonly relation: CatalogueRelation;
    readonly column: CatalogueColumn;
    readonly samples: readonly string[];
  }[];
}

/** Throws `target-unreachable`, `target-refused`, `timeout`. */
export async function sampleColumns(
  permit: ErrandPermit,
  target: Target,
  account: string,
  database: string,
  deps: UpstreamDeps,
): Promise<Sampled> {
  const password = await deps.password(target.name, account);
  const plain = await openUpstream(permit);
  plain.on("error", () => undefined);
  try {
    const startup = { user: account, database, application_name: "sallyport", client_encoding: "UTF8" };
    const work = logIn(plain, target, startup, password, deps).then(async ({ socket }) => {
      const sampled = await sample(socket);
      socket.end(encodeTerminate());
      return sampled;
    });
    return await withDeadline(work, TIMEOUT_MS, `"${target.name}" takes too long`);
  } finally {
    setTimeout(() => plain.destroy(), 1000).unref();
  }
}

async function sample(wire: Wire): Promise<Sampled> {
  const catalogue = await readCatalogue(wire);
  await queryTarget(wire, STATEMENT_TIMEOUT);
  const columns: Sampled["columns"][number][] = [];
  for (const relation of catalogue.relations) {
    if (relation.schema.startsWith("pg_") || relation.schema === "information_schema") continue;
    const rows = await firstRows(wire, relation);
    for (const [index, column] of relation.columns.entries()) {
      columns.push({ relation, column, samples: rows.flatMap((row) => (row[index] == null || row[index] === "" ? [] : [row[index]])) });
    }
  }
  return { catalogue, columns };
}

/** None, where it may not be read or does not answer in time. */
async function firstRows(wire: Wire, { schema, name, columns }: CatalogueRelation): Promise<readonly (string | null)[][]> {
  if (columns.length === 0) return [];
  const list = columns.map((column) => `left(${quoted(column.name)}::text, ${SAMPLE_CHARACTERS})`).join(", ");
  try {
    return await queryTarget(wire, `select ${list} from ${quoted(schema)}.${quoted(name)} limit ${SAMPLES}`);
  } catch {
    return [];
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
