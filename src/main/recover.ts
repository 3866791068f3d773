import { join } from "node:path";
import type { AuditEvent } from "../audit/event.ts";
import { recoverRecording } from "../audit/recording/recover.ts";
import type { Durability } from "../audit/durability.ts";
import { asGateError } from "../kernel/errors.ts";
import { recordingFile } from "../session/recording.ts";
import type { Store } from "../store/open.ts";

/**
 * After a crash: sessions that were live are ended as lost, and their recordings are looked through to the last byte,
 * closed and marked. Returns how many. Called once, before the first listener opens.
 */
export async function recoverAfterCrash(store: Store, recordings: string, durability: Durability): Promise<number> {
  const lost = await store.recoverSessions();
  for (const { id, principal, target, grant, recording } of lost) {
    if (recording === undefined) continue;
    const chunks = await store.log.query({ kinds: ["recording.chunk"], session: id, order: "desc", limit: 1 });
    const last = chunks[0]?.body as { offset: number; length: number } | undefined;
    const about = { session: id, principal, target, grant };
    const found = await recoverRecording({
      path: join(recordings, recordingFile(recording)),
      recording,
      loggedLength: last ? last.offset + last.length : 0,
      keys: [store.keyWrap],
      durability,
    }).then(
      ({ offset, length, hash, torn }): AuditEvent => ({
        kind: "recording.recovered",
        ...about,
        body: { recording, offset, length, hash, torn },
      }),
      (error: unknown): AuditEvent => ({ kind: "recording.failed", ...about, body: { recording, detail: asGateError(error).message } }),
    );
    await store.log.append([found], "reserved");
  }
  return lost.length;
}
