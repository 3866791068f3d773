/** Which request is meant: by id, by its beginning, or, where there is a person to ask, the one that waits for them. */
import type { Client } from "../contract/client.ts";
import type { RequestId } from "../kernel/ids.ts";
import { formatDuration } from "./duration.ts";
import type { Prompts } from "./prompts.ts";
import { resolveId } from "./short-id.ts";
import { NothingThere, UsageError } from "./usage-error.ts";
import { targetsOf } from "./views.ts";

export async function findRequestId(client: Client, text: string): Promise<RequestId> {
  return await resolveId("req", text, async () => {
    const { requests } = await client.call("requests.list", { query: { limit: 1000 } });
    return requests.map(({ id }) => id);
  });
}

/** `what` is the verb, for the question. Never picks by itself: an approval names what it approves, or a person chose it. */
export async function pickRequest(client: Client, ask: Prompts, text: string | undefined, what: string): Promise<RequestId> {
  if (text !== undefined) return await findRequestId(client, text);
  const { requests } = await client.call("requests.list", { query: { state: "pending", toApprove: true } });
  if (requests.length === 0) throw new NothingThere("No request waits for you");
  if (!ask.possible) throw new UsageError("Which request?", `Name one: ${requests.map(({ id }) => id).join(", ")}`);
  const chosen = await ask.select(
    `Which request do you want to ${what}?`,
    "The request's id",
    requests.map((each) => ({
      value: each.id,
      label: `${each.requester}: ${each.role} on ${targetsOf(each)} for ${formatDuration(each.durationMs)}`,
      hint: [each.reason, ...each.allows].join(" · "),
    })),
  );
  return chosen as RequestId;
}
