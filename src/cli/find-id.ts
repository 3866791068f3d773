/** Shortened ids of grants and sessions, looked up among what the caller may see. */
import type { Client } from "../contract/client.ts";
import type { GrantId, SessionId } from "../kernel/ids.ts";
import { resolveId } from "./short-id.ts";

export async function findGrantId(client: Client, text: string): Promise<GrantId> {
  return await resolveId("gr", text, async () => {
    const own = (await client.call("grants.list", { query: { limit: 1000 } })).grants;
    // Everybody's needs a permission; without it the own ones are all there is to choose from.
    const all = await client.call("grants.list", { query: { limit: 1000, all: true } }).catch(() => ({ grants: [] }));
    return [...own, ...all.grants].map(({ id }) => id);
  });
}

export async function findSessionId(client: Client, text: string): Promise<SessionId> {
  return await resolveId("s", text, async () => {
    const own = (await client.call("sessions.list", { query: { limit: 1000 } })).sessions;
    const all = await client.call("sessions.list", { query: { limit: 1000, all: true } }).catch(() => ({ sessions: [] }));
    return [...own, ...all.sessions].map(({ id }) => id);
  });
}
