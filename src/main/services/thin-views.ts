/**
 * Live sessions as a wall shows many of them at once: what is to be seen now, and what follows.
 *
 * Owns: one tail for each session that somebody looks at, made when the first one does and shared by all; what was
 * recorded before that is read once, from the last marks in the file and not from its beginning.
 * Invariants: a session never waits for who looks at it; memory for each watcher and each session is bounded.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { ThinUpdate } from "../../api/services/sessions.ts";
import type { LoggedEvent } from "../../audit/event.ts";
import type { AuditLog } from "../../audit/port.ts";
import type { Frame } from "../../audit/recording/frame.ts";
import type { KeyWrap } from "../../audit/recording/key-wrap.ts";
import { openReader } from "../../audit/recording/reader.ts";
import { FrameTail, ThinQueue } from "../../audit/recording/thin-queue.ts";
import { GateError } from "../../kernel/errors.ts";
import type { SessionId } from "../../kernel/ids.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { recordingFile } from "../../session/recording.ts";
import type { SessionRegistry } from "../../session/registry.ts";

/** Between two updates of one watcher. */
const UPDATE_MS = 100;
const STATEMENTS = 20;
/** Waiting for one watcher; more, and the last are what is told. */
const MAX_STATEMENTS = 200;
/** What happens without being shown. */
const STARTS = ["sql.statement", "sql.refused", "file.open", "file.list", "file.change", "ssh.refused"] as const;
const KINDS = [...STARTS, "sql.outcome"] as const;

export interface ThinDeps {
  readonly directory: string;
  readonly keys: readonly KeyWrap[];
  readonly registry: Pick<SessionRegistry, "find" | "subscribe">;
  readonly log: Pick<AuditLog, "query" | "subscribe">;
}

interface Looker {
  readonly queue: ThinQueue;
  statements: LoggedEvent[];
  wake: () => void;
}

/** What everybody who looks at one session shares. */
interface Looked {
  readonly tail: FrameTail;
  readonly lookers: Set<Looker>;
  readonly listening: Disposable;
  /** What was recorded before the first one looked is in the tail. */
  readonly isFilled: Promise<void>;
}

export function thinViews(deps: ThinDeps): (id: SessionId, signal: AbortSignal) => AsyncGenerator<ThinUpdate> {
  const looked = new Map<SessionId, Looked>();
  // One listener for all: the log tells of every event of the gate.
  let listening: Disposable | undefined;
  const onEvent = (event: LoggedEvent): void => {
    const session = event.session === undefined ? undefined : looked.get(event.session as SessionId);
    if (session === undefined || !KINDS.some((kind) => kind === event.kind)) return;
    for (const looker of session.lookers) {
      looker.statements.push(event);
      if (looker.statements.length > MAX_STATEMENTS) looker.statements.shift();
      looker.wake();
    }
  };

  const look = (session: LiveSession): Looked => {
    const known = looked.get(session.id);
    if (known) return known;
    const tail = new FrameTail();
    const lookers = new Set<Looker>();
    const { recent } = session.recorder;
    const before = session.recorder.segments;
    const early: Frame[] = [];
    let isFilled = false;
    const listener = recent.listen((frame) => {
      if (!isFilled) return void early.push(frame);
      tail.push(frame);
      for (const looker of lookers) {
        looker.queue.push(frame);
        looker.wake();
      }
    });
    const filled = fill(deps, session, before, tail).then(() => {
      for (const frame of early.splice(0)) tail.push(frame);
      isFilled = true;
    });
    const made = { tail, lookers, listening: listener, isFilled: filled };
    looked.set(session.id, made);
    listening ??= deps.log.subscribe(onEvent);
    return made;
  };

  const leave = (session: LiveSession, made: Looked, looker: Looker): void => {
    made.lookers.delete(looker);
    if (made.lookers.size > 0) return;
    made.listening[Symbol.dispose]();
    looked.delete(session.id);
    if (looked.size > 0) return;
    listening?.[Symbol.dispose]();
    listening = undefined;
  };

  return async function* (id, signal) {
    const session = deps.registry.find(id);
    if (!session) throw new GateError("wrong-state", `session "${id}" is not live`);
    const made = look(session);
    const looker: Looker = { queue: new ThinQueue(made.tail), statements: [], wake: () => undefined };
    made.lookers.add(looker);
    const wake = (): void => looker.wake();
    const ends = deps.registry.subscribe((change) => change.kind === "ended" && change.session === session && wake());
    signal.addEventListener("abort", wake);
    try {
      await made.isFilled;
      const first = await statementsSoFar(deps.log, id);
      const told = first.at(-1)?.seq ?? -1;
      // All that is in the tail is told now; what came to the queue meanwhile is in it.
      looker.queue.take();
      looker.statements = looker.statements.filter(({ seq }) => seq > told);
      yield { isAnew: true, frames: [...session.recorder.recent.terminals, ...made.tail.frames], statements: first };
      while (!signal.aborted) {
        if (looker.queue.isEmpty && looker.statements.length === 0) {
          if (session.ended) return;
          await new Promise<void>((resolve) => (looker.wake = resolve));
          continue;
        }
        const { isAnew, frames } = looker.queue.take();
        const before = isAnew ? session.recorder.recent.terminals : [];
        yield { isAnew, frames: [...before, ...frames], statements: looker.statements.splice(0) };
        await sleep(UPDATE_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      ends[Symbol.dispose]();
      signal.removeEventListener("abort", wake);
      leave(session, made, looker);
    }
  };
}

/** The last frames of what is in the file already, `segments` of them in all. */
async function fill({ directory, keys }: ThinDeps, { recorder, recording }: LiveSession, segments: number, tail: FrameTail): Promise<void> {
  const { start } = recorder.recent;
  if (start === undefined) return;
  try {
    await using reader = await openReader(join(directory, recordingFile(recording)), keys);
    for await (const frame of reader.framesFrom(start, segments - start.index)) tail.push(frame);
  } catch {
    // It ended and is gone, or cannot be read: then what comes is all there is to be seen, and whoever replays it is told why.
  }
}

/** With what became of them; oldest first. */
async function statementsSoFar(log: Pick<AuditLog, "query">, session: SessionId): Promise<readonly LoggedEvent[]> {
  const newest = await log.query({ session, kinds: STARTS, order: "desc", limit: STATEMENTS });
  const from = newest.at(-1)?.seq;
  if (from === undefined) return [];
  const outcomes = await log.query({ session, kinds: ["sql.outcome"], from, order: "desc", limit: 2 * STATEMENTS });
  return [...newest, ...outcomes].sort((a, b) => a.seq - b.seq);
}
