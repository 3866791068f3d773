/** Parses and classifies in a thread of its own: a text that makes the parser hang or overflow takes this thread with it, and nothing else. */
import { parentPort, type MessagePort } from "node:worker_threads";
import { hasSqlDetails, loadModule, parseSync } from "libpg-query";
import { classify } from "./classify.ts";
import { requestInCall } from "./preview-request.ts";
import { withLimits, type SqlTree } from "./limit.ts";
import { speaksOfSecret } from "./secrets.ts";
import { trialOf } from "./trial.ts";
import { MAX_LENSES, Tracing, type Lens } from "./masking/trace.ts";
import type { ParsedSql, StatementFacts } from "./statement.ts";

export interface ParseTask {
  readonly id: number;
  readonly sql: string;
  /** By number; the lens itself where this thread has not had it. */
  readonly lens?: number | Lens;
  /** For SELECTs that have no LIMIT. */
  readonly limit?: number;
}
/** `failed`: not the text's fault but the parser's; the thread must not be used again. */
export type ParseAnswer = { readonly id: number } & ({ readonly parsed: ParsedSql } | { readonly failed: string });

/** The parser's own troubles, though it tells them like a mistake in the text. */
const TROUBLE = /memory|stack depth|invalid memory|unrecognized node|unexpected end of stack/i;

if (!parentPort) throw new TypeError("This file is a worker thread");
const port: MessagePort = parentPort;
const send = (message: "ready" | ParseAnswer): void => port.postMessage(message);

await loadModule();
port.on("message", (task: ParseTask) => send(answer(task)));
send("ready");

const lenses = new Map<number, Tracing>();

function tracingOf(lens: ParseTask["lens"]): Tracing | undefined {
  if (lens === undefined) return undefined;
  const [id, known] =
    typeof lens === "object" ? [lens.id, new Tracing(lens, (sql) => statementsOf(parseSync(sql))[0]?.statement)] : [lens, lenses.get(lens)];
  if (known === undefined) return undefined;
  // As SqlParser counts them: the last used stands last, the first goes.
  lenses.delete(id);
  lenses.set(id, known);
  for (const oldest of lenses.keys()) if (lenses.size > MAX_LENSES) lenses.delete(oldest);
  return known;
}

interface Parsed {
  readonly statement: Readonly<Record<string, unknown>>;
  /** Up to the semicolon, in bytes; absent: to the end of the text. */
  readonly bytes?: number;
}

function statementsOf({ stmts = [] }: SqlTree): readonly Parsed[] {
  return stmts.map(({ stmt = {}, stmt_location: from = 0, stmt_len: length }) =>
    length === undefined ? { statement: stmt } : { statement: stmt, bytes: from + length },
  );
}

function factsOf({ statement, bytes }: Parsed, speaksOfSecret: boolean): StatementFacts {
  const trial = trialOf(statement, bytes);
  const previewOf = requestInCall(statement);
  return { ...classify(statement, speaksOfSecret), ...(trial && { trial }), ...(previewOf !== undefined && { previewOf }) };
}

function answer({ id, sql, lens, limit }: ParseTask): ParseAnswer {
  const tracing = tracingOf(lens);
  // libpg-query takes an empty text for a mistake of its caller's.
  if (sql.trim() === "") return { id, parsed: { ok: true, statements: [], ...(tracing && { traced: [] }) } };
  try {
    const tree = parseSync(sql) as SqlTree;
    const parsed = statementsOf(tree);
    const traced = tracing && parsed.map(({ statement }) => tracing.trace(statement));
    // Comments are in no tree.
    const speaks = speaksOfSecret(sql);
    const statements = parsed.map((each) => factsOf(each, speaks));
    const isPlain = statements.map(({ classes }) => classes.every((each) => each === "read"));
    const limited = limit === undefined ? undefined : withLimits(sql, limit, tree, isPlain, parseSync);
    return { id, parsed: { ok: true, statements, ...(traced && { traced }), ...(limited !== undefined && { limited }) } };
  } catch (error) {
    if (!hasSqlDetails(error) || TROUBLE.test(error.message)) return { id, failed: error instanceof Error ? error.name : "failed" };
    const { message, cursorPosition } = error.sqlDetails ?? { message: error.message, cursorPosition: -1 };
    const position = cursorPosition >= 0 ? { position: cursorPosition + 1 } : {};
    return { id, parsed: { ok: false, why: "syntax", message, ...position } };
  }
}
