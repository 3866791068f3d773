import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { RecordingService } from "../../api/services/sessions.ts";
import { asciicast } from "../../audit/recording/asciicast.ts";
import type { Frame } from "../../audit/recording/frame.ts";
import { Glances } from "../../audit/recording/glance.ts";
import type { KeyWrap } from "../../audit/recording/key-wrap.ts";
import { openReader, type ChunkRange } from "../../audit/recording/reader.ts";
import { searchRecording } from "../../audit/recording/search.ts";
import type { AuditLog } from "../../audit/port.ts";
import { GateError } from "../../kernel/errors.ts";
import { systemTicks } from "../../kernel/ticks.ts";
import type { PrincipalName, RecordingId, SessionId, TargetName } from "../../kernel/ids.ts";
import { thinViews } from "./thin-views.ts";
import { recordingFile } from "../../session/recording.ts";
import type { SessionRegistry } from "../../session/registry.ts";
import type { SessionRow, SessionStore } from "../../session/port.ts";

/** How often a live recording is looked at for more. */
const FOLLOW_MS = 200;
/** Sessions one search looks through at the most, newest first. */
const MAX_SEARCHED = 500;

export interface RecordingDeps {
  readonly directory: string;
  readonly keys: readonly KeyWrap[];
  readonly sessions: SessionStore;
  readonly registry: SessionRegistry;
  readonly log: Pick<AuditLog, "query" | "subscribe">;
}

/** Recordings as the API reads them: decrypted here, each finished chunk held against its hash in the log. */
export function recordingService(deps: RecordingDeps): RecordingService {
  const pathOf = (recording: RecordingId): string => join(deps.directory, recordingFile(recording));
  const thin = thinViews(deps);
  const isRecorded = (recording: RecordingId): boolean => deps.registry.list().some((session) => session.recording === recording);

  async function* read(recording: RecordingId, signal?: AbortSignal): AsyncGenerator<Frame> {
    const chunks = await chunksOf(recording, deps.log);
    await using reader = await openReader(pathOf(recording), deps.keys);
    for await (const frame of reader.frames(chunks)) {
      if (signal?.aborted === true) return;
      yield frame;
    }
  }

  return {
    frames: read,
    asciicast: (recording, channel, signal) => asciicast(read(recording, signal), channel === undefined ? {} : { channel }),

    follow: async function* (recording, after, signal) {
      let isLive = true;
      const more = async (): Promise<boolean> => {
        if (!isLive || signal.aborted) return false;
        // Looked at before the last reading: what was recorded until the end is in it.
        isLive = isRecorded(recording);
        if (isLive) await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
        return !signal.aborted;
      };
      let index = 0;
      await using reader = await openReader(pathOf(recording), deps.keys);
      for await (const frame of reader.frames([], more)) {
        if (signal.aborted) return;
        if (index >= after) yield frame;
        index += 1;
      }
    },

    searchOne: async ({ recording, words, limit, withinMs }, signal) => {
      const end = systemTicks() + withinMs;
      let isWhole = true;
      const inTime = async function* (): AsyncGenerator<Frame> {
        for await (const frame of read(recording, signal)) {
          if (systemTicks() >= end) {
            isWhole = false;
            return;
          }
          yield frame;
        }
      };
      const hits: { atUs: number; channel: number; text: string }[] = [];
      try {
        for await (const { timeUs, channel, line } of searchRecording(inTime(), words, { limit })) {
          hits.push({ atUs: timeUs, channel, text: line });
        }
      } catch (error) {
        // One that is damaged or erased: what was found in it before counts; `audit verify` names it.
        if (!(error instanceof GateError)) throw error;
        isWhole = false;
      }
      return { hits, isWhole };
    },

    thin,

    glances: async function* (session, signal) {
      const glances = new Glances();
      for await (const { frames, statements } of thin(session, signal)) {
        for (const frame of frames) glances.add(frame);
        const screen = glances.take();
        yield { ...(screen && { screen }), statements };
      }
    },

    search: async ({ words, since, until, principal, target, session, limit }, signal) => {
      // Asked of the store, so that the sessions of others do not use up how many are looked through.
      const among = {
        ...(principal !== undefined && { principal: principal as PrincipalName }),
        ...(target !== undefined && { target: target as TargetName }),
        ...(until !== undefined && { before: until }),
      };
      const rows =
        session === undefined ? await deps.sessions.list({ ...among, limit: MAX_SEARCHED }) : [await deps.sessions.find(session)];
      const wanted = rows.filter((row): row is SessionRow & { recording: RecordingId } => {
        if (row?.recording === undefined) return false;
        if (principal !== undefined && row.principal !== principal) return false;
        if (target !== undefined && row.target !== target) return false;
        return (since === undefined || (row.ended?.at ?? Infinity) >= since) && (until === undefined || row.startedAt < until);
      });
      const hits: { session: SessionId; atUs: number; channel: number; text: string }[] = [];
      const recordings: { recording: RecordingId; session: SessionId }[] = [];
      const asked = words.split(/\s+/);
      for (const { id, recording } of wanted) {
        if (hits.length >= limit || signal.aborted) break;
        recordings.push({ recording, session: id });
        try {
          for await (const { timeUs, channel, line } of searchRecording(read(recording, signal), asked, { limit: limit - hits.length })) {
            hits.push({ session: id, atUs: timeUs, channel, text: line });
          }
        } catch (error) {
          // One damaged or erased recording must not hide what is in the others; `audit verify` names it.
          if (!(error instanceof GateError)) throw error;
        }
      }
      return { hits, searched: recordings.length, more: rows.length === MAX_SEARCHED, recordings };
    },
  };
}

/** What the log says of a recording's bytes, in order. */
async function chunksOf(recording: RecordingId, log: Pick<AuditLog, "query">): Promise<readonly ChunkRange[]> {
  const events = await log.query({ kinds: ["recording.chunk"], words: recording, order: "asc", limit: 10_000 });
  return events.flatMap(({ body }) => {
    const chunk = body as (ChunkRange & { recording: string }) | undefined;
    return chunk?.recording === recording ? [chunk] : [];
  });
}
