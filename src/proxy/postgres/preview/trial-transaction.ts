/**
 * What is tried out happens in a transaction that is undone, or in a savepoint where one is open already; bounded in how
 * long it waits for locks, runs, and may stand idle when the gate itself has gone. Talks SQL over an Exchange.
 */
import { encodeQuery } from "../../../wire/postgres/frontend.ts";
import { must, type Answer, type Exchange } from "../postgres-answer.ts";

/** How long it waits for a lock, and with it whoever queues up behind. */
export const LOCK_MS = 100;
/** How long the database waits for the gate's next word while something is held, and while nothing is. */
const IDLE_HOLDING_MS = 5000;
const IDLE_MS = 20_000;

/** How a trial begins, and is undone. */
export type Ways = readonly [begin: string, undo: string];

const IDLE = `set local idle_in_transaction_session_timeout = '${IDLE_MS}ms'`;
export const ALONE: Ways = [`begin isolation level repeatable read; ${IDLE}`, "rollback"];
export const INSIDE: Ways = [
  `savepoint sallyport_preview; ${IDLE}`,
  "rollback to savepoint sallyport_preview; release savepoint sallyport_preview",
];

/** What follows holds locks until it is undone; in a transaction. */
export function beginTrying(statementMs: number): string {
  return `savepoint sallyport_try; set local lock_timeout = '${LOCK_MS}ms'; set local statement_timeout = '${statementMs}ms'; set local idle_in_transaction_session_timeout = '${IDLE_HOLDING_MS}ms'`;
}
export const UNDO_TRYING = "rollback to savepoint sallyport_try; release savepoint sallyport_try";

/**
 * `work` in a transaction that is undone whatever becomes of it, unless an answer is still to come: then nobody knows
 * where the connection stands, and it must not be used again. Throws what `work` throws.
 */
export async function undone<T>(exchange: Exchange, [begin, undo]: Ways, work: (exchange: Exchange) => Promise<T>): Promise<T> {
  let waiting = 0;
  const counted = async (bytes: Buffer): Promise<Answer> => {
    waiting += 1;
    const answer = await exchange(bytes);
    waiting -= 1;
    return answer;
  };
  await must(counted, begin);
  try {
    return await work(counted);
  } finally {
    if (waiting === 0) await must(counted, undo);
  }
}

/** What would fail at the commit fails now. */
export async function checkDeferred(exchange: Exchange, answer: Answer): Promise<void> {
  const checked = await exchange(encodeQuery("set constraints all immediate"));
  answer.error ??= checked.error;
}
