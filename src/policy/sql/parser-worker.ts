/** Parses and classifies in a thread of its own: a text that makes the parser hang or overflow takes this thread with it, and nothing else. */
import { parentPort, type MessagePort } from "node:worker_threads";
import { loadModule } from "libpg-query";
import { MAX_LENSES, Tracing, type Lens } from "./masking/trace.ts";
import { readSql, treeOf, type Failed } from "./read.ts";
import type { ParsedSql } from "./statement.ts";

export interface ParseTask {
  readonly id: number;
  readonly sql: string;
  /** By number; the lens itself where this thread has not had it. */
  readonly lens?: number | Lens;
  /** For SELECTs that have no LIMIT. */
  readonly limit?: number;
}
/** `failed`: not the text's fault but the parser's; the thread must not be used again. */
export type ParseAnswer = { readonly id: number } & ({ readonly parsed: ParsedSql } | Failed);

if (!parentPort) throw new TypeError("This file is a worker thread");
const port: MessagePort = parentPort;
const send = (message: "ready" | ParseAnswer): void => port.postMessage(message);

await loadModule();
port.on("message", (task: ParseTask) => send(answer(task)));
send("ready");

const lenses = new Map<number, Tracing>();

function tracingOf(lens: ParseTask["lens"]): Tracing | undefined {
  if (lens === undefined) return undefined;
  const [id, known] = typeof lens === "object" ? [lens.id, new Tracing(lens, treeOf)] : [lens, lenses.get(lens)];
  if (known === undefined) return undefined;
  // As SqlParser counts them: the last used stands last, the first goes.
  lenses.delete(id);
  lenses.set(id, known);
  for (const oldest of lenses.keys()) if (lenses.size > MAX_LENSES) lenses.delete(oldest);
  return known;
}

function answer({ id, sql, lens, limit }: ParseTask): ParseAnswer {
  const tracing = tracingOf(lens);
  const read = readSql(sql, { ...(tracing && { tracing }), ...(limit !== undefined && { limit }) });
  return "failed" in read ? { id, ...read } : { id, parsed: read };
}
