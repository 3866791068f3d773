import { join } from "node:path";
import type { AuditEvent } from "../audit/event.ts";
import { recoverRecording } from "../audit/recording/recover.ts";
import type { Durability } from "../audit/durability.ts";
import { asGateError } from "../kernel/errors.ts";
import type { SessionRow } from "../session/port.ts";
import { recordingFile } from "../session/recording.ts";
import type { Store } from "../store/open.ts";
import type { LastEvents } from "../store/recover.ts";

/**
 * The end of the recording of a session that was lost: looked through to its last byte and marked. It comes into the log
 * in one commit with the session's end.
 */
export function recordingEnds(store: Pick<Store, "log" | "keyWrap">, recordings: string, durability: Durability): LastEvents {
  return async ({ id, principal, target, grant, recording }) => {
    if (recording === undefined) return [];
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
    return [found];
  };
}

/** After a crash, before the first listener opens: sessions that were live are ended as lost, with their recordings. */
export function recoverAfterCrash(store: Store, recordings: string, durability: Durability): Promise<readonly SessionRow[]> {
  return store.recoverSessions(recordingEnds(store, recordings, durability));
}
