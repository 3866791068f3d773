import { parseCanonical } from "../log/canonical.ts";
import { bodyHash, type Envelope } from "../log/envelope.ts";
import type { Findings } from "./finding.ts";
import type { LogSource } from "./log-source.ts";

/**
 * Each body against its envelope, and each erasure against the `audit.erased` entry that must name it.
 * Memory: one number for each erasure.
 */
export class BodyCheck {
  readonly #source: LogSource;
  readonly #findings: Findings;
  readonly #erased = new Set<number>();
  readonly #tombstones = new Map<number, number>();
  #present = 0;
  /** Said once, not for each entry it concerns. */
  #damage: string | undefined;

  constructor(source: LogSource, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
  }

  get present(): number {
    return this.#present;
  }

  get erased(): number {
    return this.#erased.size;
  }

  /** The body's value when it is there and is the one the envelope names. */
  async check(envelope: Envelope): Promise<Record<string, unknown> | undefined> {
    const { seq, kind } = envelope;
    const stored = (await this.#source.body?.(seq)) ?? "missing";
    if (stored === "missing") {
      this.#findings.problem("body-missing", `entry ${seq}: its body is missing and not marked as erased`, seq);
      return undefined;
    }
    if (typeof stored === "object" && "damaged" in stored) {
      if (this.#damage !== stored.damaged) this.#findings.problem("store-differs", stored.damaged, seq);
      this.#damage = stored.damaged;
      return undefined;
    }
    if (stored === "erased") {
      this.#erased.add(seq);
      if (kind === "audit.erased")
        this.#findings.problem("body-erased-unlogged", `entry ${seq}: the body of an erasure was itself erased`, seq);
      return undefined;
    }
    if (bodyHash(stored.salt, stored.body) !== envelope.bodyHash) {
      this.#findings.problem("body-differs", `entry ${seq}: body does not match its hash`, seq);
      return undefined;
    }
    const body = parseCanonical(stored.body) as Record<string, unknown> | null | undefined;
    if (typeof body !== "object" || body === null) {
      this.#findings.problem("body-differs", `entry ${seq}: body is not an object in canonical JSON`, seq);
      return undefined;
    }
    this.#present += 1;
    if (kind === "audit.erased" && typeof body["seq"] === "number") this.#tombstones.set(body["seq"], seq);
    return body;
  }

  finish(): void {
    for (const seq of this.#erased) {
      const tombstone = this.#tombstones.get(seq);
      if (tombstone === undefined || tombstone <= seq) {
        this.#findings.problem("body-erased-unlogged", `entry ${seq}: its body is erased, but no entry after it says so`, seq);
      }
    }
    for (const [seq, tombstone] of this.#tombstones) {
      if (!this.#erased.has(seq))
        this.#findings.problem("erasure-undone", `entry ${tombstone} says that the body of entry ${seq} was erased, but it is there`, seq);
    }
  }
}
