import type { Kysely } from "kysely";
import { EMPTY_ROOT, leafHash, nodeHash, rangeRoot } from "../audit/log/merkle.ts";
import { GateError } from "../kernel/errors.ts";
import { requireSameColumns } from "./log-check.ts";
import type { Tables } from "./tables.ts";
import { TILE_LEAVES } from "./thread/group-commit.ts";

/** What publishing, proving and verifying need of the log: bytes as they were sealed. Ranges are half-open. */
export interface LogSource {
  size(): number;
  envelopes(from: number, to: number): AsyncIterable<Buffer>;
  leafHashes(from: number, to: number): AsyncIterable<Buffer>;
  body(seq: number): Promise<{ readonly salt: Buffer; readonly body: Buffer } | "erased">;
  bodies(from: number, to: number): AsyncIterable<{ readonly salt: Buffer; readonly body: Buffer } | "erased">;
  /** Throws `log-damaged` at the first row that does not say the same as its envelope; whether that is the one published, the caller must see. */
  requireRows(from: number, to: number, envelope: (seq: number, bytes: Buffer) => void): Promise<void>;
  /** Root of the first `size` entries, from the roots of whole tiles and at most 255 leaves. */
  root(size: number): Promise<Buffer>;
}

/** Rows of one read: no statement stays open between two, so that the write-ahead log can be written back. */
const PAGE = 256;
const ROW = ["seq", "time", "kind", "principal", "grant_id", "session", "target", "request", "decision", "envelope"] as const;

export class SqlLogSource implements LogSource {
  readonly #db: Kysely<Tables>;
  readonly #size: () => number;

  constructor(db: Kysely<Tables>, size: () => number) {
    this.#db = db;
    this.#size = size;
  }

  size(): number {
    return this.#size();
  }

  async *envelopes(from: number, to: number): AsyncIterable<Buffer> {
    for (let start = from; start < to; start += PAGE) {
      const end = Math.min(to, start + PAGE);
      const page = this.#db.selectFrom("log").select("envelope").where("seq", ">=", start).where("seq", "<", end).orderBy("seq");
      for (const { envelope } of await page.execute()) yield asBuffer(envelope);
    }
  }

  async *leafHashes(from: number, to: number): AsyncIterable<Buffer> {
    for await (const envelope of this.envelopes(from, to)) yield leafHash(envelope);
  }

  async *bodies(from: number, to: number): AsyncIterable<{ readonly salt: Buffer; readonly body: Buffer } | "erased"> {
    for (let start = from; start < to; start += PAGE) {
      const end = Math.min(to, start + PAGE);
      const page = this.#db.selectFrom("log").select(["salt", "body"]).where("seq", ">=", start).where("seq", "<", end).orderBy("seq");
      for (const row of await page.execute()) yield bodyOf(row);
    }
  }

  async requireRows(from: number, to: number, envelope: (seq: number, bytes: Buffer) => void): Promise<void> {
    for (let start = from; start < to; start += PAGE) {
      const end = Math.min(to, start + PAGE);
      const page = this.#db.selectFrom("log").select(ROW).where("seq", ">=", start).where("seq", "<", end).orderBy("seq");
      const rows = await page.execute();
      if (rows.length !== end - start) throw new GateError("log-damaged", `of the entries ${start} to ${end - 1} some are missing`);
      for (const row of rows) {
        requireSameColumns(row);
        envelope(row.seq, asBuffer(row.envelope));
      }
    }
  }

  async body(seq: number): Promise<{ readonly salt: Buffer; readonly body: Buffer } | "erased"> {
    const row = await this.#db.selectFrom("log").select(["salt", "body"]).where("seq", "=", seq).executeTakeFirst();
    if (row === undefined) throw new RangeError(`The log has no entry ${seq}`);
    return bodyOf(row);
  }

  async root(size: number): Promise<Buffer> {
    if (size > this.#size() || size < 0) throw new RangeError(`The log has no ${size} entries`);
    const whole = Math.floor(size / TILE_LEAVES);
    const tiles = await this.#db.selectFrom("log_tile").select("root").where("number", "<", whole).orderBy("number").execute();
    const roots = tiles.map(({ root }) => asBuffer(root));
    const leaves: Buffer[] = [];
    for await (const leaf of this.leafHashes(whole * TILE_LEAVES, size)) leaves.push(leaf);
    const subtree = (start: number, count: number): Buffer => {
      if (count === 1 && start >= whole * TILE_LEAVES) return leaves[start - whole * TILE_LEAVES] ?? EMPTY_ROOT;
      if (count === TILE_LEAVES && start < whole * TILE_LEAVES) return roots[start / TILE_LEAVES] ?? EMPTY_ROOT;
      return nodeHash(subtree(start, count / 2), subtree(start + count / 2, count / 2));
    };
    return rangeRoot(subtree, 0, size);
  }
}

function bodyOf({ salt, body }: { salt: Uint8Array | null; body: Uint8Array | null }): { salt: Buffer; body: Buffer } | "erased" {
  return salt === null || body === null ? "erased" : { salt: asBuffer(salt), body: asBuffer(body) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
