/** Which grant or session is meant: named, or chosen by a person from what there is. Never picked by itself. */
import type { Client } from "../contract/client.ts";
import { GateError } from "../kernel/errors.ts";
import type { GrantId, SessionId } from "../kernel/ids.ts";
import { formatDuration, formatRelative } from "./duration.ts";
import { findGrantId, findSessionId } from "./find-id.ts";
import { resolveId } from "./short-id.ts";
import type { Choice, Prompts } from "./prompts.ts";
import { NothingThere, UsageError } from "./usage-error.ts";
import { targetsOf, type SessionView } from "./views.ts";

/** `question` is asked at a terminal; elsewhere the ids there are, are named. */
export async function pickGrant(client: Client, ask: Prompts, text: string | undefined, question: string): Promise<GrantId> {
  if (text !== undefined) return await findGrantId(client, text);
  const query = { state: "active", limit: 100 } as const;
  const grants = (await everybodys((all) => client.call("grants.list", { query: { ...query, all } }))).grants;
  const choices = grants.map((each) => ({
    value: each.id,
    label: `${each.principal}: ${each.role} on ${targetsOf(each)}, ${formatDuration(each.remainingMs)} left`,
    hint: each.reason,
  }));
  return (await choose(ask, question, "grant", choices)) as GrantId;
}

/** The newest first. */
export async function pickSession(
  client: Client,
  ask: Prompts,
  text: string | undefined,
  { question, live, now }: { readonly question: string; readonly live: boolean; readonly now: number },
): Promise<SessionId> {
  if (text !== undefined) return await findSessionId(client, text);
  const query = { ...(live && { live }), limit: 50 };
  const { sessions } = await everybodys((all) => client.call("sessions.list", { query: { ...query, all } }));
  return (await choose(ask, question, "session", choicesOf(sessions, now))) as SessionId;
}

/** Among these, which somebody who sees no other session may see all the same. */
export async function chooseSession(
  sessions: readonly SessionView[],
  ask: Prompts,
  text: string | undefined,
  { question, now }: { readonly question: string; readonly now: number },
): Promise<SessionId> {
  if (text !== undefined) return await resolveId("s", text, async () => sessions.map(({ id }) => id));
  return (await choose(ask, question, "session", choicesOf(sessions, now))) as SessionId;
}

function choicesOf(sessions: readonly SessionView[], now: number): readonly Choice[] {
  const newest = [...sessions].sort((a, b) => b.startedAt - a.startedAt);
  return newest.map((each) => ({
    value: each.id,
    label: `${each.principal} on ${each.target}, ${formatRelative(each.startedAt, now)}`,
    hint: lengthOf(each, now),
  }));
}

function lengthOf({ startedAt, ended }: SessionView, now: number): string {
  return ended ? `${formatDuration(ended.durationMs)}, ${ended.how}` : `live for ${formatDuration(now - startedAt)}`;
}

async function choose(ask: Prompts, question: string, what: "grant" | "session", choices: readonly Choice[]): Promise<string> {
  if (choices.length === 0) throw new NothingThere(`There is no ${what} to choose`);
  if (!ask.possible) throw new UsageError(`Which ${what}?`, `Name one: ${choices.map(({ value }) => value).join(", ")}`);
  return await ask.select(question, `The ${what}'s id`, choices);
}

/** Everybody's needs a permission; without it one's own are all there is to choose from. */
async function everybodys<T>(list: (all: boolean) => Promise<T>): Promise<T> {
  try {
    return await list(true);
  } catch (error) {
    if (error instanceof GateError && error.code === "not-permitted") return await list(false);
    throw error;
  }
}
