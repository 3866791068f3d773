/**
 * What a live session is told from outside while it lasts: a line for its person, to stand still, to go on.
 *
 * Owns: whether anything may pass, and what the person reads about it. Never: who may say so, nor the log; see
 * session-controls.ts and moderation.ts. How it is done is the proxy's, which registers a handler for each.
 * Invariants: it stands still for as long as there is one reason to; a handler that is registered late is told at once
 * what holds already, so that nothing passes in between.
 */
import { plainLine } from "../kernel/plain-text.ts";

/** Somebody froze it: nothing passes in either direction until it is thawed. */
export interface Frozen {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

/** `isHalted`: as it is now, which may be as it was. `line`: for the person, plain text. */
export type HaltHandler = (isHalted: boolean, line: string) => void;

export class SessionControl {
  #frozen: Frozen | undefined;
  /** For whom it waits, as the person is told. */
  #waiting: string | undefined;
  #onHalt: HaltHandler | undefined;
  #onMessage: ((line: string) => boolean) | undefined;

  get frozen(): Frozen | undefined {
    return this.#frozen;
  }

  /** Nothing passes in either direction. Hot path. */
  get isHalted(): boolean {
    return this.#frozen !== undefined || this.#waiting !== undefined;
  }

  /** Why nothing passes, for the person. */
  get haltLine(): string | undefined {
    return this.#waiting ?? (this.#frozen && frozenLine(this.#frozen));
  }

  /**
   * How the proxy stops and goes on. What came and was not passed is kept, in order, or left with its sender; neither
   * side may notice anything but the time.
   */
  onHalt(handler: HaltHandler): void {
    this.#onHalt = handler;
    const line = this.haltLine;
    if (line !== undefined) handler(true, line);
  }

  /** How the proxy shows a line to the person; `false`: there is nobody who would read it. */
  onMessage(handler: (line: string) => boolean): void {
    this.#onMessage = handler;
  }

  freeze(frozen: Frozen): void {
    this.#frozen = frozen;
    this.#onHalt?.(true, frozenLine(frozen));
  }

  thaw(by: string): void {
    if (this.#frozen === undefined) return;
    this.#frozen = undefined;
    const goesOn = this.#waiting ?? "this session goes on";
    this.#onHalt?.(this.isHalted, `sallyport: thawed by ${plainLine(by)}: ${goesOn}`);
  }

  /** For somebody who has to be there. */
  wait(line: string): void {
    this.#waiting = plainLine(line);
    this.#onHalt?.(true, this.#waiting);
  }

  /** They are there. */
  stopWaiting(line: string): void {
    if (this.#waiting === undefined) return;
    this.#waiting = undefined;
    this.#onHalt?.(this.isHalted, plainLine(line));
  }

  /** Whether somebody reads it. */
  say(line: string): boolean {
    return this.#onMessage?.(plainLine(line)) ?? false;
  }
}

function frozenLine({ by, reason }: Frozen): string {
  return `sallyport: frozen by ${plainLine(by)}: ${plainLine(reason)}. Nothing passes until it is thawed; what you type is kept`;
}
