import type { StoredBody } from "../log/bodies.ts";
import type { TileId } from "../log/tiles.ts";

/** A log to verify: a published directory, a store, a running gate. Everything it answers is untrusted. */
export interface LogSource {
  /** The latest signed checkpoint; `undefined` when there is none. */
  checkpoint(): Promise<string | undefined>;
  /** Envelopes `from` … `to - 1` in order; ends early where one is missing. */
  entries(from: number, to: number): AsyncIterable<Buffer>;
  /** Bytes of a tile, `undefined` when it is missing. Absent: this source keeps no tiles. */
  readonly tile?: (id: TileId) => Promise<Buffer | undefined>;
  /** Absent: bodies are not part of this source. `damaged`: the source itself says that it does not hold what was published. */
  readonly body?: (seq: number) => Promise<StoredBody | "missing" | { readonly damaged: string }>;
  /** Absent: recordings are not part of this source. */
  readonly recordings?: RecordingSource;
}

export interface RecordingSource {
  /** Ids of all recordings that have a file. */
  list(): AsyncIterable<string>;
  /** `undefined` when there is no file. */
  open(id: string): Promise<RecordingBytes | undefined>;
}

export interface RecordingBytes extends AsyncDisposable {
  readonly size: number;
  /** Fewer bytes only at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
}
