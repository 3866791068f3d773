import type { Client } from "../contract/client.ts";
import type { Answer, Sent } from "../contract/types.ts";
import type { Held } from "./ensure-grant.ts";

/** A password of minutes for a target; with that of a request the gate keeps connections waiting until there is a grant. */
export async function fetchPassword(
  client: Client,
  { grant, request }: Held,
  body: Sent<"grants.password">["body"],
): Promise<Answer<"grants.password">> {
  if (grant) return await client.call("grants.password", { params: { id: grant.id }, body });
  return await client.call("requests.password", { params: { id: request.id }, body });
}
