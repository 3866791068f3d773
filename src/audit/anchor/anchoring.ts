/**
 * Brings checkpoints to the anchors.
 *
 * Owns: when each anchor gets the latest checkpoint, and the demand that what it holds is this log's past. Never does: block anybody —
 * failures are counted and reported. Invariants: an anchor gets the latest checkpoint within 60 s of its making, unless it fails;
 * it never gets one while what it holds is not consistent with the log, nor while an earlier one is still on its way.
 */
import { withDeadline } from "../../kernel/deadline.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import { checkNote, parseVerifierKey } from "../log/note.ts";
import type { Later, Timers } from "../timers.ts";
import type { Anchor } from "./anchor.ts";

/** Checkpoints made within this time share one visit. */
const GATHER_MS = 10_000;
const RETRY_MS = 15_000;
const VISIT_TIMEOUT_MS = 20_000;
/** How long stopping the gate waits for an anchor. */
const FAREWELL_MS = 5000;

export interface AnchoringOptions {
  readonly anchors: readonly Anchor[];
  /** The log's own verifier key. */
  readonly vkey: string;
  /** The log's root at an earlier size, from its tiles; `undefined` when the log is shorter. */
  readonly rootAt: (size: number) => Promise<Buffer | undefined>;
  readonly timers: Timers;
  readonly onKept?: (anchor: string, size: number) => void;
  /** The anchor cannot be reached or refuses; `failures` in a row. It is tried again. */
  readonly onFailure: (anchor: string, thrown: unknown, failures: number) => void;
  /** What the anchor holds is not this log's past: somebody rewrote one of them. Nothing more is sent to it. */
  readonly onMismatch: (anchor: string, detail: string) => void;
}

export interface Anchoring extends AsyncDisposable {
  /** A new checkpoint. Returns at once. */
  offer(checkpoint: string): void;
  status(): readonly AnchorStatus[];
}

export interface AnchorStatus {
  readonly anchor: string;
  readonly state: "unknown" | "kept" | "failing" | "mismatch";
  /** Size of the last checkpoint it took from this process. */
  readonly size: number | undefined;
  readonly failures: number;
}

export function startAnchoring(options: AnchoringOptions): Anchoring {
  const couriers = options.anchors.map((anchor) => new Courier(anchor, options));
  return {
    offer: (checkpoint) => {
      for (const courier of couriers) courier.offer(checkpoint);
    },
    status: () => couriers.map((courier) => courier.status()),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(couriers.map((courier) => courier.stop()));
    },
  };
}

/** Visits one anchor, one visit at a time. */
class Courier {
  readonly #anchor: Anchor;
  readonly #options: AnchoringOptions;
  #state: AnchorStatus["state"] = "unknown";
  #waiting: string | undefined;
  #later: Later | undefined;
  #visit: Promise<void> | undefined;
  /** What a visit waits for, and what goes on when it has waited long enough: a mount that hangs holds one thread, not one for each visit. */
  #delivery: Promise<string> | undefined;
  #checked = false;
  #stopped = false;
  #failures = 0;
  #size: number | undefined;

  constructor(anchor: Anchor, options: AnchoringOptions) {
    this.#anchor = anchor;
    this.#options = options;
  }

  status(): AnchorStatus {
    return { anchor: this.#anchor.name, state: this.#state, size: this.#size, failures: this.#failures };
  }

  offer(checkpoint: string): void {
    // Fails closed: only a person who looked, and a restart, end a mismatch.
    if (this.#state === "mismatch") return;
    this.#waiting = checkpoint;
    // The first one goes at once: a mismatch must be seen at the start, not later.
    this.#schedule(this.#checked ? GATHER_MS : 0);
  }

  /** Takes what is waiting along, once, if the anchor is quick. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#later?.[Symbol.dispose]();
    const farewell = (this.#visit ?? Promise.resolve()).then(() => this.#run());
    await withDeadline(farewell, FAREWELL_MS, `anchor "${this.#anchor.name}"`).catch(() => undefined);
  }

  #schedule(delayMs: number): void {
    if (this.#later || this.#visit || this.#stopped) return;
    this.#later = this.#options.timers.after(delayMs, () => {
      this.#later = undefined;
      this.#visit = this.#run().finally(() => {
        this.#visit = undefined;
        if (this.#waiting !== undefined) this.#schedule(this.#state === "failing" ? RETRY_MS : GATHER_MS);
      });
    });
  }

  async #run(): Promise<void> {
    const checkpoint = this.#waiting;
    if (checkpoint === undefined) return;
    this.#delivery ??= this.#deliver(checkpoint).finally(() => {
      this.#delivery = undefined;
    });
    try {
      const delivered = await withDeadline(this.#delivery, VISIT_TIMEOUT_MS, `anchor "${this.#anchor.name}"`);
      if (this.#waiting === delivered) this.#waiting = undefined;
    } catch (thrown) {
      this.#state = "failing";
      this.#failures += 1;
      this.#options.onFailure(this.#anchor.name, thrown, this.#failures);
    }
  }

  /** The checkpoint that it is done with: kept, or not to be sent at all. */
  async #deliver(checkpoint: string): Promise<string> {
    if (!this.#checked) {
      const problem = await this.#compare();
      if (problem !== undefined) {
        this.#state = "mismatch";
        this.#waiting = undefined;
        this.#options.onMismatch(this.#anchor.name, problem);
        return checkpoint;
      }
      this.#checked = true;
    }
    await this.#anchor.put(checkpoint);
    this.#state = "kept";
    this.#failures = 0;
    this.#size = parseCheckpoint(checkpoint)?.size;
    this.#options.onKept?.(this.#anchor.name, this.#size ?? 0);
    return checkpoint;
  }

  /** What is wrong with the checkpoint that the anchor holds, if anything. */
  async #compare(): Promise<string | undefined> {
    const text = await this.#anchor.last();
    if (text === undefined) return undefined;
    const held = parseCheckpoint(text);
    const key = parseVerifierKey(this.#options.vkey);
    if (!held || held.origin !== key.name) return "it holds the checkpoint of another log";
    if (checkNote(held.note, [key]) !== "verified") return "it holds a checkpoint that this log's key did not sign";
    const root = await this.#options.rootAt(held.size);
    if (!root) return `it holds a checkpoint of ${held.size} entries, and the log is shorter`;
    return root.equals(held.root) ? undefined : `the first ${held.size} entries are not those it holds a checkpoint of`;
  }
}
