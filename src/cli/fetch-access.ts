/** What to log in to a target with: of minutes, for a grant, or for a request, whose connections the gate keeps waiting until it is one. */
import type { Client } from "../contract/client.ts";
import type { Answer, Sent } from "../contract/types.ts";
import type { Held } from "./ensure-grant.ts";

export async function fetchPassword(
  client: Client,
  { grant, request }: Held,
  body: Sent<"grants.password">["body"],
): Promise<Answer<"grants.password">> {
  if (grant) return await client.call("grants.password", { params: { id: grant.id }, body });
  return await client.call("requests.password", { params: { id: request.id }, body });
}

export async function fetchCertificate(
  client: Client,
  { grant, request }: Held,
  body: Sent<"grants.certificate">["body"],
): Promise<Answer<"grants.certificate">> {
  if (grant) return await client.call("grants.certificate", { params: { id: grant.id }, body });
  return await client.call("requests.certificate", { params: { id: request.id }, body });
}
