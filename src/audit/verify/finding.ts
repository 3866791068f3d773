/** One thing a verifier saw. `problem`: the record is not what it claims to be; `note`: worth knowing, and no proof of anything. */
export interface Finding {
  readonly severity: "problem" | "note";
  readonly code: FindingCode;
  /** For a person: says where and what. */
  readonly text: string;
  readonly seq?: number;
}

export type FindingCode =
  | "checkpoint-missing"
  | "checkpoint-malformed"
  | "checkpoint-forged"
  | "checkpoint-unsigned"
  | "origin-differs"
  | "entries-missing"
  | "entry-malformed"
  | "entry-misplaced"
  | "time-backwards"
  | "root-differs"
  | "tile-differs"
  | "tile-missing"
  | "body-differs"
  | "store-differs"
  | "body-missing"
  | "body-erased-unlogged"
  | "erasure-undone"
  | "history-rewritten"
  | "history-truncated"
  | "recording-differs"
  | "recording-missing"
  | "recording-gap"
  | "recording-unlogged"
  | "not-checked";

const KEPT_MAX = 1000;

/** Findings, bounded: beyond a thousand they are only counted. */
export class Findings {
  readonly list: Finding[] = [];
  #problems = 0;
  #dropped = 0;

  get problems(): number {
    return this.#problems;
  }

  /** How many were not kept in `list`. */
  get dropped(): number {
    return this.#dropped;
  }

  problem(code: FindingCode, text: string, seq?: number): void {
    this.#problems += 1;
    this.#keep({ severity: "problem", code, text, ...(seq === undefined ? {} : { seq }) });
  }

  note(code: FindingCode, text: string, seq?: number): void {
    this.#keep({ severity: "note", code, text, ...(seq === undefined ? {} : { seq }) });
  }

  #keep(finding: Finding): void {
    if (this.list.length < KEPT_MAX) this.list.push(finding);
    else this.#dropped += 1;
  }
}
