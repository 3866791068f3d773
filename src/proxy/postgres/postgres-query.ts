/** The gate's own questions to a database, on a connection of its own: simple queries, answers as texts. */
import { GateError } from "../../kernel/errors.ts";
import * as backend from "../../wire/postgres/backend.ts";
import { encodeQuery } from "../../wire/postgres/frontend.ts";
import { readMessage } from "../../wire/postgres/read.ts";
import type { Wire } from "./postgres-reader.ts";

/** Of one answer, in all: a catalogue of 100,000 columns has about 20 MB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Rows in order, NULL as null. Throws `target-refused` with the server's message. The connection must be idle. */
export async function queryTarget(wire: Wire, sql: string): Promise<(string | null)[][]> {
  wire.write(encodeQuery(sql));
  const rows: (string | null)[][] = [];
  let failed: GateError | undefined;
  let bytes = 0;
  for (;;) {
    const message = await readMessage(wire, MAX_MESSAGE_BYTES);
    bytes += message.length;
    if (bytes > MAX_ANSWER_BYTES) throw new GateError("too-large", "the answer of the database has no end");
    if (message[0] === backend.BACKEND.dataRow) rows.push(backend.parseDataRow(message).map((value) => value?.toString("utf8") ?? null));
    else if (message[0] === backend.BACKEND.error)
      failed = new GateError("target-refused", backend.parseErrorResponse(message).message.slice(0, 200));
    else if (message[0] === backend.BACKEND.ready) {
      if (failed) throw failed;
      return rows;
    }
  }
}
