/** Parses and classifies in a thread of its own: a text that makes the parser hang or overflow takes this thread with it, and nothing else. */
import { parentPort, type MessagePort } from "node:worker_threads";
import { hasSqlDetails, loadModule, parseSync } from "libpg-query";
import { classify } from "./classify.ts";
import type { ParsedSql } from "./statement.ts";

export interface ParseTask {
  readonly id: number;
  readonly sql: string;
}
/** `failed`: not the text's fault but the parser's; the thread must not be used again. */
export type ParseAnswer = { readonly id: number } & ({ readonly parsed: ParsedSql } | { readonly failed: string });

/** The parser's own troubles, though it tells them like a mistake in the text. */
const TROUBLE = /memory|stack depth|invalid memory|unrecognized node|unexpected end of stack/i;

if (!parentPort) throw new TypeError("This file is a worker thread");
const port: MessagePort = parentPort;
const send = (message: "ready" | ParseAnswer): void => port.postMessage(message);

await loadModule();
port.on("message", ({ id, sql }: ParseTask) => send(answer(id, sql)));
send("ready");

function answer(id: number, sql: string): ParseAnswer {
  // libpg-query takes an empty text for a mistake of its caller's.
  if (sql.trim() === "") return { id, parsed: { ok: true, statements: [] } };
  try {
    const { stmts = [] } = parseSync(sql) as { stmts?: readonly { stmt?: Record<string, unknown> }[] };
    return { id, parsed: { ok: true, statements: stmts.map(({ stmt }) => classify(stmt ?? {})) } };
  } catch (error) {
    if (!hasSqlDetails(error) || TROUBLE.test(error.message)) return { id, failed: error instanceof Error ? error.name : "failed" };
    const { message, cursorPosition } = error.sqlDetails ?? { message: error.message, cursorPosition: -1 };
    const position = cursorPosition >= 0 ? { position: cursorPosition + 1 } : {};
    return { id, parsed: { ok: false, why: "syntax", message, ...position } };
  }
}
