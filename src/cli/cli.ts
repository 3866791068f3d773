/**
 * The command line: one file per verb in commands/, composed by program.ts, started by src/main/cli.ts.
 *
 * Owns: what is printed, what is asked, exit codes, and the profiles of the people who use it on this machine.
 * Never: decides anything about access (it asks the gate over HTTP), opens the store, or sends a token to any address
 * but the one it was issued by.
 * Invariants: whatever came from a gate is shown without the characters that act on a terminal; `--json` prints exactly
 * one JSON value (or one a line where it streams) on standard output, everything else goes to standard error; nothing is
 * asked unless a person sits at a terminal.
 */
import type { Readable, Writable } from "node:stream";
import type { KeyStore } from "./key-store/key-store.ts";
import type { LocalGate } from "./local-gate.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type Terminal = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** What the command line touches of the process it runs in; tests pass their own. */
export interface Surroundings {
  readonly env: Environment;
  readonly stdin: Readable & Terminal & { setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable & Terminal;
  /** The person's home directory. */
  readonly home: string;
  readonly cwd: string;
  readonly now: () => number;
  readonly fetch: typeof fetch;
  readonly version: string;
  readonly keyStore: KeyStore;
}

/** One invocation: what the verbs share. */
export interface Cli {
  readonly at: Surroundings;
  readonly local: LocalGate;
  /** Set by a verb that ends in something else than success or an error. */
  exitCode: number;
}
