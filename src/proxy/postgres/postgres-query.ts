/** The gate's own questions to a database, on a connection of its own: simple queries, answers as texts. */
import { GateError } from "../../kernel/errors.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { encodeQuery } from "../../wire/postgres/frontend.ts";
import { readMessage } from "../../wire/postgres/read.ts";
import type { Wire } from "./wire.ts";

/** Of what the gate asks by the way. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** What a row and a value take in memory beside their bytes, about: a row of nothing is seven bytes on the wire. */
const ROW_BYTES = 64;
const VALUE_BYTES = 24;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What answers may take in memory, several of them together. */
export interface Memory {
  leftBytes: number;
}

export type Row = readonly (string | null)[];

/** Rows in order, NULL as null. Throws `target-refused` with the server's message. The connection must be idle. */
export async function queryTarget(wire: Wire, sql: string): Promise<Row[]> {
  const rows: Row[] = [];
  await readRows(wire, sql, { leftBytes: MAX_ANSWER_BYTES }, (row) => void rows.push(row));
  return rows;
}

/** The same, row by row as they come. Untrusted: throws `too-large` where they do not end. */
export async function readRows(wire: Wire, sql: string, memory: Memory, take: (row: Row) => void): Promise<void> {
  wire.write(encodeQuery(sql));
  let failed: GateError | undefined;
  for (;;) {
    const message = await readMessage(wire, MAX_MESSAGE_BYTES);
    memory.leftBytes -= message.length;
    if (message[0] === backend.BACKEND.dataRow) {
      const row = backend.parseDataRow(message).map((value) => value?.toString("utf8") ?? null);
      memory.leftBytes -= ROW_BYTES + VALUE_BYTES * row.length;
      take(row);
    } else if (message[0] === backend.BACKEND.error)
      failed = new GateError("target-refused", backend.parseErrorResponse(message).message.slice(0, 200));
    else if (message[0] === backend.BACKEND.ready) {
      if (failed) throw failed;
      return;
    }
    if (memory.leftBytes < 0) throw new GateError("too-large", "the answer of the database has no end");
  }
}
