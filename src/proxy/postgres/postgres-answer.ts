/** An answer to what the gate itself asks, gathered message by message until the server is ready again. */
import { GateError } from "../../kernel/errors.ts";
import * as backend from "../../wire/postgres/backend.ts";

/** Of one answer: what people look at is small. */
const MAX_BYTES = 16 * 1024 * 1024;

export class Answer {
  /** In order, without the ReadyForQuery. */
  readonly messages: Buffer[] = [];
  description: Buffer | undefined;
  readonly rows: (string | null)[][] = [];
  tag = "";
  /** Of the last command. */
  count = 0;
  error: backend.ErrorFields | undefined;
  readonly notices: backend.ErrorFields[] = [];
  status: backend.TransactionStatus = "I";
  #bytes = 0;

  /** It was done, and could not be committed: what is told is that. */
  failInstead(committed: Answer): void {
    this.error = committed.error;
    const kept = this.messages.filter((message) => message[0] !== backend.BACKEND.commandComplete);
    this.messages.splice(0, this.messages.length, ...kept, ...committed.messages.filter((message) => message[0] === backend.BACKEND.error));
  }

  /** Whether that was the end of it. Throws `too-large`. */
  add(message: Buffer): boolean {
    this.#bytes += message.length;
    if (this.#bytes > MAX_BYTES) throw new GateError("too-large", "the answer of the database has no end");
    if (message[0] === backend.BACKEND.ready) {
      this.status = backend.parseReadyForQuery(message);
      return true;
    }
    this.messages.push(Buffer.from(message));
    switch (message[0]) {
      case backend.BACKEND.rowDescription:
        this.description = Buffer.from(message);
        break;
      case backend.BACKEND.dataRow:
        this.rows.push(backend.parseDataRow(message).map((value) => value?.toString("utf8") ?? null));
        break;
      case backend.BACKEND.commandComplete: {
        const { tag, rows } = backend.parseCommandComplete(message);
        this.tag = tag;
        this.count = rows;
        break;
      }
      case backend.BACKEND.error:
        this.error ??= backend.parseErrorResponse(message);
        break;
      case backend.BACKEND.notice:
        this.notices.push(backend.parseErrorResponse(message));
        break;
      default:
    }
    return false;
  }
}

/** Something is asked of a server, in simple or extended form, with one ReadyForQuery at its end. */
export type Exchange = (bytes: Buffer) => Promise<Answer>;
