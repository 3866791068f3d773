/** The log, its proofs, and what is counted of it. */
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { EventQuery } from "../../audit/port.ts";
import type { Received, Reply } from "../../contract/types.ts";
import type { Denial } from "../../kernel/result.ts";

export interface AuditService {
  append(events: readonly AuditEvent[]): Promise<unknown>;
  head(): { readonly size: number; readonly lastTime: number };
  query(query: EventQuery): Promise<readonly LoggedEvent[]>;
  erase(seq: number, event: AuditEvent): Promise<void>;
}

/** The log as it is published: docs/formats/log.md. Paths were checked for their form; `undefined`: there is no such file. */
export interface PublishedLog {
  checkpoint(): Promise<Uint8Array | undefined>;
  tile(path: string): Promise<Uint8Array | undefined>;
  bodies(path: string): Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>;
  recording(file: string): Promise<AsyncIterable<Uint8Array> | undefined>;
}

export interface LogProofs {
  /** Of an entry in the latest checkpoint, which is waited for a moment where it does not cover it yet. */
  inclusion(seq: number, signal: AbortSignal): Promise<Reply<"audit.proof"> | Denial>;
  /** That the log of the first `from` entries is a beginning of that of the first `to`; of the latest checkpoint's, where `to` is not said. */
  consistency(from: number, to: number | undefined, signal: AbortSignal): Promise<Reply<"audit.consistency"> | Denial>;
}

export interface StatisticsService {
  show(query: Received<"stats.show">["query"]): Promise<Reply<"stats.show"> | Denial>;
}
