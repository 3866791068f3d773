/** One keyboard-interactive attempt of the server (RFC 4256): questions out, answers in, in rounds. */
import { GateError } from "../../../kernel/errors.ts";
import { Secret } from "../../../kernel/secret.ts";
import { TransportFailure } from "../transport/failure.ts";
import { DISCONNECT } from "../transport/messages.ts";
import { parseInfoResponse, type PromptRound } from "./messages.ts";

export class KeyboardInteractive {
  readonly #send: (round: PromptRound) => void;
  readonly #abandoned = new AbortController();
  #round: { expected: number; resolve: (answers: readonly Secret[]) => void; reject: (error: Error) => void } | undefined;

  constructor(send: (round: PromptRound) => void) {
    this.#send = send;
  }

  get signal(): AbortSignal {
    return this.#abandoned.signal;
  }

  get isAbandoned(): boolean {
    return this.#abandoned.signal.aborted;
  }

  /** Answers are secrets whether echoed or not. Rejects when the attempt is abandoned. */
  ask(round: PromptRound): Promise<readonly Secret[]> {
    if (this.isAbandoned) return Promise.reject(abandoned());
    if (this.#round !== undefined) return Promise.reject(new GateError("internal", "a question is already asked"));
    return new Promise((resolve, reject) => {
      this.#round = { expected: round.prompts.length, resolve, reject };
      this.#send(round);
    });
  }

  /** Throws GateError("protocol-error") on answers that nobody waits for or that do not fit. */
  receive(payload: Buffer): void {
    const round = this.#round;
    if (round === undefined) throw new TransportFailure(DISCONNECT.PROTOCOL_ERROR, "answers came without a question");
    const answers = parseInfoResponse(payload, round.expected);
    this.#round = undefined;
    round.resolve(answers.map((answer) => new Secret(answer)));
  }

  abandon(): void {
    this.#abandoned.abort();
    this.#round?.reject(abandoned());
    this.#round = undefined;
  }
}

function abandoned(): GateError {
  return new GateError("not-authenticated", "the question was abandoned");
}
