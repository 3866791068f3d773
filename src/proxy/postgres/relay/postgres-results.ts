/**
 * What one statement gave back, into the session's recording, where the role says so: the server's messages as the
 * client is about to see them, masked ones as they were made (docs/formats/recording.md, "Rows"). Sealed before shown;
 * a recording that cannot go on throws `recording-unavailable`, and nothing is shown.
 */
import type { Recorder } from "../../../audit/recording/recorder.ts";
import { BACKEND, withFormats } from "../../../wire/postgres/backend.ts";

/** Messages that make a result, besides rows and copied data. */
const RESULT: ReadonlySet<number> = new Set([BACKEND.rowDescription, BACKEND.copyOut, BACKEND.copyDone, BACKEND.commandComplete]);
/** Wider descriptions are not remembered; their rows are recorded without names. There may be thousands in one connection. */
const MAX_DESCRIPTION_BYTES = 8 * 1024;

/** Of a prepared statement: the server describes it before it runs, and then not again. */
export interface ResultShape {
  description?: Buffer;
}

export function remember(shape: ResultShape, description: Buffer): void {
  if (description.length <= MAX_DESCRIPTION_BYTES) shape.description = Buffer.from(description);
}

export class ResultRecord {
  readonly #recorder: Pick<Recorder, "output">;
  readonly #number: number;
  readonly #bound: { readonly shape: ResultShape; readonly formats: readonly number[] } | undefined;
  #begun = false;

  /** `bound`: of a portal. */
  constructor(
    recorder: Pick<Recorder, "output">,
    number: number,
    bound?: { readonly shape: ResultShape; readonly formats: readonly number[] },
  ) {
    this.#recorder = recorder;
    this.#number = number;
    this.#bound = bound;
  }

  /** A whole message; only what belongs to a result is recorded. */
  message(message: Buffer): void {
    if (RESULT.has(message[0] ?? 0)) this.bytes(message);
  }

  /** Of rows or copied data: a message, several, or a part of one. */
  bytes(bytes: Buffer): void {
    if (!this.#begun) {
      this.#begun = true;
      const description = this.#bound?.shape.description;
      if (description) this.#recorder.output(this.#number, "rows", withFormats(description, this.#bound?.formats ?? []));
    }
    this.#recorder.output(this.#number, "rows", bytes);
  }
}
