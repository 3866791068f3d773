/** What of an event is found by words, and as what it is shown. Pure. Untrusted: see snippet.ts. */
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Reply } from "../contract/types.ts";
import { snippetOf } from "./snippet.ts";

export type SearchHit = Reply<"sessions.search">["found"][number]["hits"][number];

/** The fields of a body that people wrote, by kind: the first that holds a word is shown. */
const SEARCHED = {
  "ssh.exec": { source: "command", fields: ["command"] },
  "ssh.subsystem": { source: "command", fields: ["name"] },
  "ssh.refused": { source: "refusal", fields: ["path", "detail", "request"] },
  "file.open": { source: "file", fields: ["path"] },
  "file.list": { source: "file", fields: ["path"] },
  "file.change": { source: "file", fields: ["path", "to"] },
  "sql.statement": { source: "statement", fields: ["statement"] },
  "sql.outcome": { source: "statement", fields: ["message"] },
  "sql.refused": { source: "refusal", fields: ["statement", "detail", "keyword"] },
  "session.frozen": { source: "control", fields: ["reason"] },
  "session.thawed": { source: "control", fields: ["reason"] },
  "session.messaged": { source: "control", fields: ["text"] },
  "session.kill-asked": { source: "control", fields: ["reason"] },
} as const satisfies Partial<Record<AuditEvent["kind"], { readonly source: SearchHit["source"]; readonly fields: readonly string[] }>>;

export const SEARCHED_KINDS = Object.keys(SEARCHED) as (keyof typeof SEARCHED)[];

/** `undefined`: erased, or a word stands in something that is not shown. */
export function hitOf(event: LoggedEvent, words: readonly string[], startedAt: number): SearchHit | undefined {
  const searched = SEARCHED[event.kind as keyof typeof SEARCHED] as (typeof SEARCHED)[keyof typeof SEARCHED] | undefined;
  if (searched === undefined || event.body === undefined) return undefined;
  const body = event.body as unknown as Readonly<Record<string, unknown>>;
  const texts = searched.fields.map((field) => body[field]).filter((text) => typeof text === "string");
  const text = texts.find((each) => words.some((word) => each.toLowerCase().includes(word.toLowerCase()))) ?? texts[0];
  if (text === undefined) return undefined;
  const { channel } = body;
  return {
    source: searched.source,
    seq: event.seq,
    atUs: Math.max(0, event.time - startedAt) * 1000,
    ...(typeof channel === "number" && { channel }),
    text: snippetOf(text, words),
  };
}
