/** A catalogue on its way to the parser's thread: written once, into memory that threads share. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CatalogueData, CatalogueRelation, SharedCatalogue } from "../policy/sql/masking/catalogue.ts";

/** Columns that are written in one go: a schema of 10,000 tables must not hold up those who have nothing to do with it. */
const AT_ONCE = 4000;

export async function shareCatalogue({ relations, ...rest }: CatalogueData): Promise<{ bytes: SharedCatalogue; hash: string }> {
  const parts: Buffer[] = [];
  for (const slice of slices(relations)) {
    const separator = parts.length === 0 ? `{"relations":[` : ",";
    parts.push(Buffer.from(separator + JSON.stringify(slice).slice(1, -1)));
    await nextTurn();
  }
  parts.push(Buffer.from(`],${JSON.stringify(rest).slice(1)}`));
  const hash = createHash("sha256");
  const shared = new SharedArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    Buffer.from(shared).set(part, at);
    hash.update(part);
    at += part.length;
  }
  return { bytes: shared, hash: hash.digest("base64") };
}

/** At least one, which may be empty. */
function* slices(relations: readonly CatalogueRelation[]): Generator<readonly CatalogueRelation[]> {
  let slice: CatalogueRelation[] = [];
  let columns = 0;
  for (const relation of relations) {
    slice.push(relation);
    columns += relation.columns.length + 1;
    if (columns < AT_ONCE) continue;
    yield slice;
    [slice, columns] = [[], 0];
  }
  if (slice.length > 0 || relations.length === 0) yield slice;
}
