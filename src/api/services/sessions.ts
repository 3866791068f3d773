/** Live and past sessions, their recordings, and the terminals and files of browsers. */
import type { LoggedEvent } from "../../audit/event.ts";
import type { Frame } from "../../audit/recording/frame.ts";
import type { Glance } from "../../audit/recording/glance.ts";
import type { Reply } from "../../contract/types.ts";
import type { Principal } from "../../identity/model.ts";
import type { GrantId, PrincipalName, RecordingId, SessionId, TargetName } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { ModerationView, Presence } from "../../session/moderation.ts";
import type { SessionRow } from "../../session/port.ts";
import type { Files } from "../../terminal/files/files.ts";
import type { Terminals } from "../../terminal/terminals.ts";

export interface LiveFacts {
  readonly frozen?: { readonly by: string; readonly reason: string; readonly at: number };
  readonly watchers: readonly { readonly who: string; readonly since: number }[];
  /** The session's person is not to know who watches. */
  readonly isSilent: boolean;
  readonly moderation?: ModerationView;
}

export interface SessionChange {
  readonly kind: "started" | "changed" | "ended";
  readonly session: SessionRow;
  /** As it is at this moment; of a session that has ended there is nothing. */
  readonly facts?: LiveFacts;
}

export interface SessionService {
  findSession(id: SessionId): Promise<SessionRow | undefined>;
  listSessions(filter: {
    live?: boolean;
    principal?: PrincipalName;
    target?: TargetName;
    grant?: GrantId;
    before?: number;
    following?: { readonly startedAt: number; readonly id: SessionId };
    limit: number;
  }): Promise<readonly SessionRow[]>;
  /** Logs `session.kill-asked` before the cut; `false`: it is not live. */
  kill(id: SessionId, by: PrincipalName, reason: string): Promise<boolean>;
  /** What is so of it only while it lasts. */
  liveFacts(id: SessionId): LiveFacts | undefined;
  subscribe(listener: (change: SessionChange) => void): Disposable;
  /** From now until it is disposed of; nothing where it is not live. The person is told, unless their role says otherwise. */
  watch(id: SessionId, who: PrincipalName): Disposable;
  /** Logs `session.moderator-joined` before anything passes. */
  moderate(id: SessionId, by: Principal): Promise<Presence | Denial>;
  freeze(id: SessionId, by: PrincipalName, reason: string): Promise<Denial | undefined>;
  /** `behind`: the person for whom an agent says so. */
  thaw(id: SessionId, by: PrincipalName, reason: string, behind?: PrincipalName): Promise<Denial | undefined>;
  message(id: SessionId, by: PrincipalName, text: string): Promise<Denial | { readonly shown: boolean }>;
}

/** `isAnew`: takes the place of everything before. */
export interface ThinUpdate {
  readonly isAnew: boolean;
  readonly frames: readonly Frame[];
  readonly statements: readonly LoggedEvent[];
}

export interface GlanceUpdate extends Pick<ThinUpdate, "statements"> {
  /** Absent: nothing new is to be seen. */
  readonly screen?: Glance;
}

export interface RecordingService {
  /** Decrypts and checks as it goes; ends early only by throwing. */
  frames(recording: RecordingId, signal: AbortSignal): AsyncIterable<Frame>;
  /** Lines of asciicast v3. */
  asciicast(recording: RecordingId, channel: number | undefined, signal: AbortSignal): AsyncIterable<string>;
  /** The frames from number `after` on, then each as it is recorded; ends with the session. */
  follow(recording: RecordingId, after: number, signal: AbortSignal): AsyncIterable<Frame>;
  /** What is to be seen now, then what follows, some times a second; who does not take it begins anew. Ends with the session. */
  thin(session: SessionId, signal: AbortSignal): AsyncIterable<ThinUpdate>;
  /** The same for a small screen. */
  glances(session: SessionId, signal: AbortSignal): AsyncIterable<GlanceUpdate>;
  /** In one recording; `isWhole`: all of it was looked through within the time, or as many found as wanted. */
  searchOne(
    query: { recording: RecordingId; words: readonly string[]; limit: number; withinMs: number },
    signal: AbortSignal,
  ): Promise<{ readonly hits: readonly OutputHit[]; readonly isWhole: boolean }>;
  search(
    query: {
      words: string;
      since?: number;
      until?: number;
      principal?: string;
      target?: string;
      session?: SessionId;
      limit: number;
    },
    signal: AbortSignal,
  ): Promise<Reply<"audit.output"> & { readonly recordings: readonly { recording: RecordingId; session: SessionId }[] }>;
}

/** `atUs`: since the recording's start. `text`: a line, without anything that acts on a terminal. */
export interface OutputHit {
  readonly atUs: number;
  readonly channel: number;
  readonly text: string;
}

export type TerminalService = Pick<Terminals, "open" | "resume">;

export type FileService = Pick<Files, "list" | "download" | "upload" | "remove" | "rename" | "mkdir">;
