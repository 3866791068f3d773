import type { SessionId } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";

/** A client that is a part of the gate, as the terminals of browsers are: what it hears besides the protocol. */
export interface Inside {
  /** How sessions name it. */
  readonly client: string;
  /** Why it, or what it asked for, was refused, or why it was cut; before the protocol says so. */
  readonly onRefused: (denial: Denial) => void;
  /** Why one request of an sftp channel was refused, before its answer. */
  readonly onFileRefused: (request: number, denial: Denial) => void;
  /** What it asked for stands open. */
  readonly onSession: (session: SessionId) => void;
}
