/**
 * Keeps a published directory (docs/formats/log.md) in step with a log: tiles, entry bundles, then the signed checkpoint.
 *
 * Never does: bodies, recordings, sequencing, timers. Invariants: a checkpoint is written after everything it needs; none is signed
 * that is inconsistent with the last one in the directory; at most one a second; after any failure the next call starts from the disk.
 */
import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import type { Durability } from "../durability.ts";
import { parseCheckpoint, signCheckpoint, type SignedCheckpoint } from "./checkpoint.ts";
import { writeFileDurably } from "./durable-file.ts";
import { leafHash } from "./merkle.ts";
import { checkNote, parseVerifierKey, type CheckpointSigner } from "./note.ts";
import { encodeBundle, partialTiles, publishedTiles, TILE_WIDTH, tilePath, TileTree, type TileId } from "./tiles.ts";

/** The log to publish. Entries never change once `size` counts them. */
export interface EnvelopeSource {
  size(): number;
  /** Entries `from` … `to - 1`, in order. */
  envelopes(from: number, to: number): AsyncIterable<Buffer>;
}

export interface PublisherOptions {
  readonly directory: string;
  readonly origin: string;
  readonly source: EnvelopeSource;
  readonly signer: CheckpointSigner;
  readonly clock: Clock;
  readonly durability: Durability;
}

const CHECKPOINT_INTERVAL_MS = 1000;

interface State {
  readonly tree: TileTree;
  /** Entries of the bundle that is not full yet. */
  bundle: Buffer[];
  /** Full tiles that wait to be written. */
  readonly full: { id: TileId; bytes: Buffer }[];
  /** The directory has no checkpoint of this size. */
  unsigned: boolean;
}

type Head = Pick<SignedCheckpoint, "size" | "root">;

export class TilePublisher {
  readonly #options: PublisherOptions;
  #state: State | undefined;
  #checkpointAt = -Infinity;
  /** What this process signed last: holds also when somebody removes the directory. */
  #signed: Head | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /**
   * The new checkpoint; `undefined` when the log has not grown or the last checkpoint is less than a second old
   * (`soon` sets that aside, for the last checkpoint before the gate stops).
   * Throws `log-unavailable` when the directory holds a checkpoint that is not of this log.
   */
  publish({ soon = false } = {}): Promise<string | undefined> {
    const next = this.#running.then(() => this.#publish(soon));
    this.#running = next.catch(() => undefined);
    return next;
  }

  /** Milliseconds until a checkpoint may be written again. */
  waitMs(): number {
    return Math.max(0, this.#checkpointAt + CHECKPOINT_INTERVAL_MS - this.#options.clock.elapsed());
  }

  async #publish(soon: boolean): Promise<string | undefined> {
    if (!soon && this.waitMs() > 0) return undefined;
    try {
      // Somebody removed the directory, or what makes it one: begin again from the log.
      if (this.#state?.unsigned === false && !(await exists(join(this.#options.directory, "checkpoint")))) this.#state = undefined;
      this.#state ??= await this.#resume();
      return await this.#advance(this.#state);
    } catch (thrown) {
      this.#state = undefined;
      throw thrown;
    }
  }

  async #advance(state: State): Promise<string | undefined> {
    const { source, origin, signer, clock } = this.#options;
    const size = source.size();
    if (size <= state.tree.size && !state.unsigned) return undefined;
    await this.#append(state, size);
    for (const id of partialTiles(size)) await this.#write(id, state.tree.partial(id.level));
    if (state.bundle.length > 0) {
      await this.#write({ level: "entries", index: Math.floor(size / TILE_WIDTH), width: state.bundle.length }, encodeBundle(state.bundle));
    }
    const root = state.tree.root();
    const checkpoint = await signCheckpoint({ origin, size, root }, signer);
    await writeFileDurably(join(this.#options.directory, "checkpoint"), Buffer.from(checkpoint), this.#options.durability);
    this.#checkpointAt = clock.elapsed();
    this.#signed = { size, root };
    state.unsigned = false;
    return checkpoint;
  }

  async #append(state: State, size: number): Promise<void> {
    for await (const envelope of this.#options.source.envelopes(state.tree.size, size)) {
      state.bundle.push(envelope);
      state.tree.append(leafHash(envelope));
      if (state.full.length > 0) await this.#writeFull(state);
    }
    if (state.tree.size !== size) throw new GateError("log-unavailable", `entry ${state.tree.size} cannot be read`);
  }

  async #writeFull(state: State): Promise<void> {
    const index = state.tree.size / TILE_WIDTH - 1;
    const entries = { id: { level: "entries", index, width: TILE_WIDTH } as const, bytes: encodeBundle(state.bundle) };
    for (const { id, bytes } of [entries, ...state.full.splice(0)]) {
      await this.#write(id, bytes);
      await rm(join(this.#options.directory, `${tilePath(id)}.p`), { recursive: true, force: true });
    }
    state.bundle = [];
  }

  async #write(id: TileId, bytes: Buffer): Promise<void> {
    await writeFileDurably(join(this.#options.directory, tilePath(id)), bytes, this.#options.durability);
  }

  /** The state at the directory's checkpoint, from its tiles; from nothing when there is none yet. */
  async #resume(): Promise<State> {
    const full: State["full"] = [];
    const onFull = (level: number, index: number, bytes: Buffer): void => {
      full.push({ id: { level, index, width: TILE_WIDTH }, bytes });
    };
    const published = await this.#lastCheckpoint();
    const last = published ?? this.#signed;
    if (!last || !published || !(await this.#isWhole(last.size))) {
      const state: State = { tree: new TileTree(onFull), bundle: [], full, unsigned: last !== undefined };
      if (last) await this.#rebuild(state, last);
      return state;
    }
    const partials: Buffer[] = [];
    for (const id of partialTiles(last.size)) partials.push(await readFile(join(this.#options.directory, tilePath(id))));
    const tree = TileTree.resume(last.size, partials, onFull);
    // Fails closed: a log that does not begin with what was signed before is not signed again.
    if (!tree.root().equals(last.root)) throw new GateError("log-unavailable", "the published tiles do not have the published root");
    const start = last.size - (last.size % TILE_WIDTH);
    const bundle: Buffer[] = [];
    for await (const envelope of this.#options.source.envelopes(start, last.size)) bundle.push(envelope);
    if (!Buffer.concat(bundle.map(leafHash)).equals(tree.partial(0))) {
      throw new GateError("log-unavailable", `the log differs from what was published after entry ${start}`);
    }
    return { tree, bundle, full, unsigned: false };
  }

  async #isWhole(size: number): Promise<boolean> {
    for (const id of publishedTiles(size)) if (!(await exists(join(this.#options.directory, tilePath(id))))) return false;
    return true;
  }

  /** Writes the full tiles again, once it is sure that the log still begins with what was signed. */
  async #rebuild(state: State, { size, root }: Head): Promise<void> {
    const tree = new TileTree(() => undefined);
    for await (const envelope of this.#options.source.envelopes(0, size)) tree.append(leafHash(envelope));
    if (!tree.root().equals(root)) throw new GateError("log-unavailable", `the first ${size} entries are not those that were published`);
    await this.#append(state, size);
  }

  async #lastCheckpoint(): Promise<SignedCheckpoint | undefined> {
    const { directory, origin, signer, source } = this.#options;
    const text = await readFile(join(directory, "checkpoint"), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const last = parseCheckpoint(text);
    if (last?.origin !== origin || checkNote(last.note, [parseVerifierKey(signer.vkey)]) !== "verified") {
      throw new GateError("log-unavailable", `"${join(directory, "checkpoint")}" was not signed by this log`);
    }
    if (last.size > source.size()) {
      throw new GateError("log-unavailable", `the log has ${source.size()} entries, but ${last.size} were published`);
    }
    return last;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
