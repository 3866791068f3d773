import type { GatePermission } from "./permissions.ts";
import type { SecondFactorRule } from "./second-factor.ts";
import type { Tolerance } from "./sql/tolerance.ts";

/**
 * A role: a named set of permissions, one block per kind of target. What a block does not name is denied.
 * A grant carries the role as it was approved; what it may do is what that role AND today's role of the same name allow.
 */
export interface Role {
  readonly name: string;
  readonly ssh?: SshPermissions;
  readonly postgres?: PostgresPermissions;
  /** Permissions on the gate itself; `*` is all of them. */
  readonly gate: readonly (GatePermission | "*")[];
  readonly budget: Budget;
  /** Without a byte in either direction for this long the session is cut; absent: never. */
  readonly idleMs?: number;
  readonly recording: RecordingPolicy;
  /** What it asks of the login of whoever uses it, or approves it. */
  readonly secondFactor?: SecondFactorRule;
  /** Whether people are told who watches their sessions; absent: `announced`. */
  readonly watch?: "announced" | "silent";
  /** Somebody else must be present while a session lasts. */
  readonly moderator?: Moderation;
}

export interface Moderation {
  /** Any one of these: principals by name, groups as `group:<name>`; never the person themself. */
  readonly who: readonly string[];
  /** When nobody of them is there any more: the session stands still, or ends. */
  readonly absent: "pause" | "end";
}

export interface SshPermissions {
  /** Login name on the host. */
  readonly account: string;
  readonly shell: boolean;
  /** `true`: any command; a list: exactly these command lines, byte for byte. */
  readonly exec: boolean | readonly string[];
  /** SFTP file operations. scp -O and rsync are commands and need `exec`. */
  readonly files: "none" | "read" | "write";
  /** Names of environment variables the client may set; `*` at the end matches a prefix. */
  readonly env: readonly string[];
}

export interface PostgresPermissions {
  /** Login role on the database. */
  readonly account: string;
  /**
   * What a statement may do, an entry each as sql/rules.ts reads it: `read`, `write on public.orders`, `function refund`.
   * Everything that is found in a statement must be named. `unknown` never is.
   */
  readonly allow: readonly string[];
  /** What waits, each time, for somebody who could approve the grant. Holds what `allow` names too. */
  readonly hold?: readonly string[];
  /** What is refused, whatever the others say. */
  readonly deny?: readonly string[];
  /** How long a statement waits for an approver at most; absent: DEFAULT_HOLD_MS. */
  readonly holdForMs?: number;
  /** Of grants from before `allow` could name functions: `function …` of each is allowed too. */
  readonly functions?: readonly string[];
  /** Classes of masked columns that are shown as they are; `*`: all. */
  readonly unmasked?: readonly string[];
  /** Databases of the server that may be opened beside the one that the target names. */
  readonly databases: readonly string[];
  readonly limits?: PostgresLimits;
  /** Of held statements, between what was shown and what would run; absent: exactly what was shown. */
  readonly preview?: { readonly tolerance?: Tolerance };
}

/** How long somebody at a terminal waits. */
export const DEFAULT_HOLD_MS = 15 * 60_000;

/** What the gate itself stops at the target, whatever a client has set there; absent: unlimited. */
export interface PostgresLimits {
  /** From the moment a statement is the target's turn until its answer is there. */
  readonly statementMs?: number;
  /** Of one result. */
  readonly rows?: number;
  readonly bytes?: number;
  /** With a transaction open and nothing under way. */
  readonly idleInTransactionMs?: number;
  /** Transactions under way at one time, over all sessions of a grant on a target. */
  readonly statements?: number;
  /** LIMIT that a plain SELECT without one is given. */
  readonly limit?: number;
}

/** Limits over the whole life of a grant; absent: unlimited. */
export interface Budget {
  /** Bytes relayed in both directions over all sessions. */
  readonly bytes?: number;
  /** Seconds connected, summed over all sessions. */
  readonly seconds?: number;
  /** Sessions at one time. */
  readonly sessions?: number;
  /** Bytes of recording one session may produce; the session is cut there, never carried on unrecorded. */
  readonly recordingBytes?: number;
}

export interface RecordingPolicy {
  /**
   * Output of commands without a terminal: all its bytes, the first HEAD_BYTES and a hash of all, or only the hash.
   * What a terminal shows is always recorded whole.
   */
  readonly exec: ExecRecording;
  /** Of statements and their results; absent: SQL_RECORDING_DEFAULT. */
  readonly sql?: SqlRecording;
}

export interface SqlRecording {
  /** Texts, numbers and comments in statements, and the words of the errors they got. */
  readonly literals: (typeof LITERAL_RECORDINGS)[number];
  readonly parameters: (typeof PARAMETER_RECORDINGS)[number];
  /** What statements returned, as the client saw it, in the session's recording. */
  readonly results: (typeof RESULT_RECORDINGS)[number];
}

/** From less to more, each. */
export const LITERAL_RECORDINGS = ["redact", "keep"] as const;
export const PARAMETER_RECORDINGS = ["redact", "hash", "keep"] as const;
export const RESULT_RECORDINGS = ["none", "full"] as const;
export const SQL_RECORDING_DEFAULT: SqlRecording = { literals: "keep", parameters: "keep", results: "none" };

/** From less to more. */
export const EXEC_RECORDINGS = ["hash", "head", "full"] as const;
export type ExecRecording = (typeof EXEC_RECORDINGS)[number];

/** How much of a command's output `head` keeps, both streams together. */
export const HEAD_BYTES = 8 * 1024 * 1024;
