/** `sallyport replay` of a database session: its statements as a timeline, with what they returned where that was recorded. */
import type { Client } from "../../contract/client.ts";
import type { Output } from "../output.ts";
import type { SessionView } from "../views.ts";
import { Results } from "./results.ts";
import { showStatement } from "./show-statements.ts";
import { statementEntries, type EventView, type StatementEntry } from "./statements.ts";

export async function replayStatements(client: Client, out: Output, session: SessionView, maxRows: number): Promise<void> {
  const entries = await readStatements(client, session);
  const results = new Results(maxRows);
  if (session.recording !== undefined && entries.length > 0) {
    for await (const frame of await client.call("sessions.recording", { params: { id: session.id } })) {
      if (frame.type === "rows") results.push(frame.channel, Buffer.from(frame.data ?? "", "base64"));
    }
  }
  for (const entry of entries) {
    const found = results.of(entry.number);
    out.item({ ...entry, ...(found.length > 0 && { results: found }) }, () => `${showStatement(out, entry, found)}\n`);
  }
  if (entries.length === 0 && !out.json) out.note("No statements.");
}

/** `limit`: of the session's events. */
export async function readStatements(
  client: Client,
  { id, startedAt }: Pick<SessionView, "id" | "startedAt">,
  limit?: number,
): Promise<readonly StatementEntry[]> {
  const found: EventView[] = [];
  const query = limit === undefined ? {} : { limit };
  for await (const event of await client.call("sessions.events", { params: { id }, query })) found.push(event);
  return statementEntries(found, startedAt);
}
