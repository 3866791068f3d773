/**
 * How what stands between two connections ends: the client leaves, the session is cut, or the target has closed.
 *
 * Invariants:
 *  - After a cut nothing passes in either direction, nor does what the target had not taken yet; what runs there is ended.
 *  - A session does not end before what it was given at the target: a client that goes away leaves nothing that could
 *    not be seen, and cut, any more.
 */
import type { Denial } from "../../../kernel/result.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { encodeTerminate } from "../../../wire/postgres/frontend.ts";
import { PEER_IS_FULL, type PostgresLink } from "./postgres-link.ts";
import { encodeRefusal } from "../postgres-refuse.ts";

/** Of results that come when their client has gone. */
const MAX_UNREAD = 64 * 1024;

export interface RelayEndDeps {
  readonly client: PostgresLink;
  readonly target: PostgresLink;
  readonly session: Pick<LiveSession, "close">;
  /** Everything that the client has sent has its answer. */
  readonly isIdle: () => boolean;
  /** The gate itself waits for an answer of the target. */
  readonly isAsking: () => boolean;
  /** Nothing that the client is sent is half a message now. */
  readonly isAtBoundary: () => boolean;
  /** Nothing passes any more: whatever waits is let go. */
  readonly release: () => void;
  /** Ends what runs at the target, which does not hear this connection any more. */
  readonly cleanUp: () => Promise<void>;
}

export class RelayEnd {
  readonly #deps: RelayEndDeps;
  readonly #done = Promise.withResolvers<void>();
  #over = false;
  /** The client is gone, and what it had sent runs on. */
  #left = false;
  #unreadBytes = 0;

  constructor(deps: RelayEndDeps) {
    this.#deps = deps;
  }

  /** Resolves when both connections are done with; never rejects. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  get isOver(): boolean {
    return this.#over;
  }

  get hasLeft(): boolean {
    return this.#left;
  }

  /** Nothing is passed on any more. Hot path. */
  get isDeaf(): boolean {
    return this.#over || this.#left;
  }

  cut(denial: Denial): void {
    if (this.#over) return;
    const { client, isAtBoundary } = this.#deps;
    const runs = this.#runs;
    const atBoundary = isAtBoundary();
    this.#end();
    // In the middle of a row there is no place for words: the connection ends.
    client.close(atBoundary ? encodeRefusal(denial, "FATAL") : undefined);
    void this.#letGo(runs).then(this.#done.resolve, this.#done.resolve);
  }

  /** As with a server, what it was given runs on when its client has gone: in a session that can be seen, and cut. */
  leave(): void {
    if (this.isDeaf) return;
    const { client, target, isIdle } = this.#deps;
    if (isIdle()) return this.finish(undefined);
    this.#left = true;
    client.close();
    target.resume(PEER_IS_FULL);
    target.leave(encodeTerminate());
  }

  /** Everything has its answer. Whether that was the end. */
  idle(): boolean {
    if (!this.#left) return false;
    this.finish(undefined);
    return true;
  }

  /** As a server that cannot send what it has ends the statement: a buffer of a connection is gone by then. */
  unread(length: number): void {
    this.#unreadBytes += length;
    if (this.#unreadBytes > MAX_UNREAD) this.finish(undefined);
  }

  /** `detail`: of an end that nobody at the client wanted. */
  finish(detail: string | undefined): void {
    if (this.#over) return;
    const { client, target, session } = this.#deps;
    const runs = this.#runs && !target.ended;
    this.#end();
    client.close();
    void Promise.allSettled([this.#letGo(runs), session.close(detail)]).then(() => this.#done.resolve());
  }

  /** Whether the target does something, for the client or for the gate. */
  get #runs(): boolean {
    return !this.#deps.isIdle() || this.#deps.isAsking();
  }

  /** A server does not notice before the end of a statement that nobody waits for it. */
  async #letGo(runs: boolean): Promise<void> {
    const { target, cleanUp } = this.#deps;
    if (!runs) return target.close(encodeTerminate());
    await target.reset();
    await cleanUp();
  }

  #end(): void {
    this.#over = true;
    this.#deps.release();
  }
}
