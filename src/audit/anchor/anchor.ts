/** A place that keeps checkpoints and is not in the gate's hands alone: docs/formats/checkpoint.md, "Anchors". */
export interface Anchor {
  /** For people: as the configuration calls it, else `file /mnt/anchor/gate.jsonl` or `webhook https://…` without its secrets. */
  readonly name: string;
  /** The last checkpoint it holds; `undefined` when it holds none. Throws when it cannot be asked. */
  last(): Promise<string | undefined>;
  /** Resolves when it holds the checkpoint. Throws otherwise. */
  put(checkpoint: string): Promise<void>;
}
