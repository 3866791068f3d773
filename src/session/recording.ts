/**
 * A session's recording: audit's recorder under the session's rules. Chunks become events; a recording that reaches its
 * budget, or can no longer be written, ends its session instead of going on unrecorded; one whose bytes are late to
 * become durable pauses its session.
 */
import { join } from "node:path";
import type { AuditEvent } from "../audit/event.ts";
import type { AuditLog } from "../audit/port.ts";
import type { Durability } from "../audit/durability.ts";
import type { KeyWrap } from "../audit/recording/key-wrap.ts";
import { openRecorder, type Recorder } from "../audit/recording/recorder.ts";
import { systemTimers } from "../audit/timers.ts";
import type { Clock } from "../kernel/clock.ts";
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
  /** Closes the file and returns what is to be committed with the session's end; the last chunk was given to the log before. */
  close(reason: string): Promise<AuditEvent>;
}

/** `<directory>/<id>.rec` */
export function recordingFile(recording: string): string {
  return `${recording}.rec`;
}

/** Creates the file. Throws `recording-unavailable`. */
export async function startRecording(deps: RecordingDeps, facts: RecordingFacts): Promise<SessionRecording> {
  const { recording, session, principal, target, grant } = facts;
  const file = recordingFile(recording);
  const about = { session, principal, target, grant };
  let written = 0;
  const recorder = await openRecorder({
    path: join(deps.directory, file),
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
      deps.log.append([{ kind: "recording.chunk", ...about, body: { ...chunk } }], "reserved").catch(() => {
        facts.onFailure(deny("log-unavailable"));
      });
      // One noisy session must not take from everybody the room to act.
      if (!facts.mayUseReserve && !deps.hasRoom()) facts.onFailure(deny("disk-reserve", { detail: "the recording cannot grow further" }));
      if (facts.limitBytes !== undefined && written > facts.limitBytes) facts.onFailure(deny("budget-used-up", { detail: "recording" }));
    },
    onFailure: ({ code, detail }) => {
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
    close: async (reason) => {
      const { bytes, chunks } = await recorder.close(reason);
      return { kind: "recording.finished", ...about, body: { recording, bytes, chunks } };
    },
  };
}
