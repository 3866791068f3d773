/**
 * A session's recording: audit's recorder under the session's rules. Chunks become events; a recording that reaches its
 * budget, or can no longer be written, ends its session instead of going on unrecorded; one whose bytes are late to
 * become durable pauses its session.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Durability } from "../audit/durability.ts";
import type { KeyWrap } from "../audit/recording/key-wrap.ts";
import { openRecorder, type Recorder } from "../audit/recording/recorder.ts";
import { systemTimers } from "../audit/timers.ts";
import type { Clock } from "../kernel/clock.ts";
import { asGateError } from "../kernel/errors.ts";
import type { GrantId, RecordingId, SessionId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { systemTicks } from "../kernel/ticks.ts";

export interface RecordingDeps {
  readonly directory: string;
  readonly durability: Durability;
  readonly keyWrap: KeyWrap;
  readonly log: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly random: Random;
  /** False: what is left on the disk is for break-glass and owners only. */
  readonly hasRoom: () => boolean;
}

export interface RecordingFacts {
  readonly recording: RecordingId;
  readonly session: SessionId;
  readonly grant: GrantId;
  readonly principal: string;
  readonly target: string;
  readonly limitBytes: number | undefined;
  /** Break-glass: goes on when only the reserve is left. */
  readonly mayUseReserve: boolean;
  /** The recording cannot go on: the session must end. */
  readonly onFailure: (denial: Denial) => void;
  /** `true`: output is late to become durable, stop showing more; `false`: go on. */
  readonly onPause: (paused: boolean) => void;
}

export interface SessionRecording {
  readonly recorder: Recorder;
  /** To be committed with the session's start. */
  readonly started: AuditEvent;
  /** Its start is in the log: its chunks may follow. */
  committed(): void;
  /** Its start never came into the log: nothing of it stays. */
  discard(): Promise<void>;
  /** Closes the file and returns what is to be committed with the session's end, chunks the log did not take among it. */
  close(reason: string): Promise<readonly AuditEvent[]>;
}

/** `<directory>/<id>.rec` */
export function recordingFile(recording: string): string {
  return `${recording}.rec`;
}

/** Creates the file. Throws `recording-unavailable`. */
export async function startRecording(deps: RecordingDeps, facts: RecordingFacts): Promise<SessionRecording> {
  const { recording, session, principal, target, grant } = facts;
  const file = recordingFile(recording);
  const path = join(deps.directory, file);
  const about = { session, principal, target, grant };
  const chunks = new ChunkLog(deps.log, () => facts.onFailure(deny("log-unavailable")));
  let written = 0;
  let failed = false;
  const recorder = await openRecorder({
    path,
    recording,
    session,
    target,
    principal,
    durability: deps.durability,
    keyWrap: deps.keyWrap,
    clock: deps.clock,
    random: deps.random,
    ticks: systemTicks,
    timers: systemTimers,
    onChunk: (chunk) => {
      written += chunk.length;
      chunks.add({ kind: "recording.chunk", ...about, body: { ...chunk } });
      // One noisy session must not take from everybody the room to act.
      if (!facts.mayUseReserve && !deps.hasRoom()) facts.onFailure(deny("disk-reserve", { detail: "the recording cannot grow further" }));
      if (facts.limitBytes !== undefined && written > facts.limitBytes) facts.onFailure(deny("budget-used-up", { detail: "recording" }));
    },
    onFailure: ({ code, detail }) => {
      failed = true;
      deps.log
        .append([{ kind: "recording.failed", ...about, body: { recording, detail: detail ?? code } }], "reserved")
        .catch(() => undefined);
      facts.onFailure(deny("recording-unavailable", detail === undefined ? {} : { detail }));
    },
    onLate: () => facts.onPause(true),
    onCaughtUp: () => facts.onPause(false),
  });
  return {
    recorder,
    started: { kind: "recording.started", body: { recording, file, keyId: deps.keyWrap.keyId } },
    committed: () => chunks.open(),
    discard: async () => {
      await recorder.close("the session could not start").catch(() => undefined);
      await rm(path, { force: true }).catch(() => undefined);
    },
    close: async (reason) => {
      const last = await recorder.close(reason).then(
        (counts): AuditEvent[] => [{ kind: "recording.finished", ...about, body: { recording, ...counts } }],
        // What failed before it was closed has said so.
        (error: unknown): AuditEvent[] =>
          failed ? [] : [{ kind: "recording.failed", ...about, body: { recording, detail: asGateError(error).message } }],
      );
      return [...(await chunks.rest()), ...last];
    },
  };
}

/**
 * Chunks on their way into the log, one append at a time: one the log did not take stays in front of those after it, so
 * that what the log has of a recording never has a gap.
 */
class ChunkLog {
  readonly #log: RecordingDeps["log"];
  readonly #onFailure: () => void;
  readonly #waiting: AuditEvent[] = [];
  #appending: Promise<void> | undefined;
  #opened = false;

  constructor(log: RecordingDeps["log"], onFailure: () => void) {
    this.#log = log;
    this.#onFailure = onFailure;
  }

  open(): void {
    this.#opened = true;
    this.#next();
  }

  add(chunk: AuditEvent): void {
    this.#waiting.push(chunk);
    this.#next();
  }

  /** What the log does not have, when nothing is under way any more. */
  async rest(): Promise<readonly AuditEvent[]> {
    this.#opened = false;
    await this.#appending;
    return this.#waiting;
  }

  #next(): void {
    if (!this.#opened || this.#appending || this.#waiting.length === 0) return;
    const batch = [...this.#waiting];
    this.#appending = this.#log
      .append(batch, "reserved")
      .then(
        () => void this.#waiting.splice(0, batch.length),
        () => this.#onFailure(),
      )
      .finally(() => {
        this.#appending = undefined;
        // After a failure the next chunk tries again, or the session's end takes it along.
        if (this.#waiting.length > 0 && this.#waiting[0] !== batch[0]) this.#next();
      });
  }
}
