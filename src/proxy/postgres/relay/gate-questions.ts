/**
 * What the gate itself asks over the session's own connection, when nothing of the client's is on its way: a trial of a
 * statement that is held, or that somebody wants to see. Until the target is ready again all that it says is the answer.
 */
import { withDeadline } from "../../../kernel/deadline.ts";
import { GateError } from "../../../kernel/errors.ts";
import { BACKEND, type TransactionStatus } from "../../../wire/postgres/backend.ts";
import type { Pipeline } from "./pipeline.ts";
import { Answer } from "../postgres-answer.ts";
import type { OwnLine } from "../preview/postgres-hold.ts";
import type { Running } from "../statements/running-statement.ts";

/** For answers that were under way when the gate wants to ask. */
const IDLE_MS = 10_000;
/** What a server says whenever it likes. */
const BY_ITSELF: ReadonlySet<number> = new Set([BACKEND.notification, BACKEND.parameterStatus]);

export interface GateQuestionDeps {
  readonly pipeline: Pick<Pipeline<Running>, "isIdle">;
  readonly status: () => TransactionStatus;
  /** Resolves when no cancel is on its way. */
  readonly uncancelled: () => Promise<unknown> | undefined;
  readonly isOver: () => boolean;
  readonly toTarget: (bytes: Uint8Array) => void;
}

interface Asking {
  readonly answer: Answer;
  readonly done: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

export class GateQuestions {
  readonly #deps: GateQuestionDeps;
  #asking: Asking | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(deps: GateQuestionDeps) {
    this.#deps = deps;
  }

  /** An answer is awaited. Hot path. */
  get isAsking(): boolean {
    return this.#asking !== undefined;
  }

  /** What the client has sent before is answered first. */
  async own(): Promise<OwnLine> {
    const { pipeline, status } = this.#deps;
    if (!pipeline.isIdle) {
      const idle = new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
      await withDeadline(idle, IDLE_MS, "what was sent before does not end");
      this.#whenIdle = undefined;
    }
    return { exchange: (bytes) => this.#ask(bytes), status: status() };
  }

  /** Everything that was sent has its answer. */
  idle(): void {
    this.#whenIdle?.();
  }

  /** Whether a message of the target is part of what the gate asked for. Hot path. */
  take(message: Buffer): boolean {
    const asking = this.#asking;
    if (asking === undefined || BY_ITSELF.has(message[0] ?? 0)) return false;
    if (asking.answer.add(message)) {
      this.#asking = undefined;
      asking.done(asking.answer);
    }
    return true;
  }

  /** The session is over. */
  giveUp(): void {
    this.#asking?.fail(new GateError("grant-ended"));
  }

  async #ask(bytes: Buffer): Promise<Answer> {
    const { uncancelled, isOver, toTarget } = this.#deps;
    // A cancel that is on its way would hit what is asked next.
    await uncancelled();
    if (isOver()) throw new GateError("grant-ended");
    return await new Promise((resolve, reject) => {
      this.#asking = { answer: new Answer(), done: resolve, fail: reject };
      toTarget(bytes);
    });
  }
}
