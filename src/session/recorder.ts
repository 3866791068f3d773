/**
 * What a proxy writes the replayable content of its session to. The format is audit's (docs/formats/recording.md);
 * here it meets the session's rules: a budget, and no output shown that is not sealed.
 */
export interface SessionRecorder {
  /** Seals `bytes` before they are shown: when this returns they survive the gate's death. Throws `recording-unavailable`. */
  output(channel: number, stream: "stdout" | "stderr", bytes: Buffer): void;
  begin(
    channel: number,
    what: { kind: "shell" | "exec" | "subsystem"; command?: string; term?: string; cols?: number; rows?: number },
  ): void;
  resize(channel: number, cols: number, rows: number): void;
  marker(text: string): void;
  inputOmitted(channel: number): void;
  file(channel: number, what: { path: string; direction: "read" | "write"; bytes: number; sha256?: string; complete: boolean }): void;
  end(channel: number, what: { status?: number; signal?: string }): void;
  /** Bytes on disk so far. */
  readonly size: number;
  /** How long the oldest sealed byte has waited to become durable, in milliseconds; 0 in mode `process`. */
  lagMs(): number;
  close(reason: string): Promise<void>;
}
