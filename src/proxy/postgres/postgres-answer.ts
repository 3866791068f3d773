/** An answer to what the gate itself asks, gathered message by message until the server is ready again. */
import { GateError } from "../../kernel/errors.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { encodeQuery } from "../../wire/postgres/frontend.ts";
import { literal } from "./quoting.ts";

/** Of one answer: what people look at is small. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What a message and its values take in memory beside their bytes, about: a row of nothing is seven bytes on the wire. */
const MESSAGE_BYTES = 256;

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
  /** The number of the transaction in which it was done, where the gate asked for it. */
  transaction: string | undefined;
  #bytes = 0;

  /** It was done, and could not be committed: what is told is that. */
  failInstead(committed: Answer): void {
    this.error = committed.error;
    const kept = this.messages.filter((message) => message[0] !== backend.BACKEND.commandComplete);
    this.messages.splice(0, this.messages.length, ...kept, ...committed.messages.filter((message) => message[0] === backend.BACKEND.error));
  }

  /** Whether that was the end of it. Throws `too-large`. */
  add(message: Buffer): boolean {
    this.#bytes += message.length + MESSAGE_BYTES;
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

/** Of what the gate asks: nothing of it may fail. Throws `target-refused`; where the transaction stands then, is not known. */
export async function must(exchange: Exchange, sql: string): Promise<Answer> {
  const answer = await exchange(encodeQuery(sql));
  if (answer.error) throw new GateError("target-refused", `the target refused what the gate asked (${answer.error.code})`);
  return answer;
}

/**
 * Inside of a transaction: a question about the catalogue. Nobody's table, function or operator of the same name answers
 * it, whatever path the session has, which it has again afterwards.
 */
export async function askCatalogue(exchange: Exchange, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const { rows } = await must(
    exchange,
    `savepoint sallyport_ask; set local search_path = ''; ${sql}; rollback to savepoint sallyport_ask; release savepoint sallyport_ask`,
  );
  return rows;
}

/** OID of the relation that a name stands for along the session's own path. `name`: as it stands in SQL. */
export async function findRelation(exchange: Exchange, name: string): Promise<number | undefined> {
  const { rows } = await must(exchange, `select pg_catalog.to_regclass(${literal(name)})::pg_catalog.oid`);
  const oid = rows[0]?.[0];
  return oid == null ? undefined : Number(oid);
}
