/**
 * Messages that are refused: on record first, and then the target is sent, in place of each, what it must refuse itself,
 * so that the refusal has its place among the answers and fails what an error fails. What was refused never reaches it.
 */
import { deny, type Denial } from "../../../kernel/result.ts";
import type { ParsedSql } from "../../../policy/sql/statement.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import { encodeErrorResponse, type ErrorFields } from "../../../wire/postgres/backend.ts";
import { encodeExecute, encodeParse, encodeQuery } from "../../../wire/postgres/frontend.ts";
import type { ConnectionNames, Text } from "./connection-names.ts";
import type { Ending, Pipeline } from "../relay/pipeline.ts";
import type { PostgresRecord } from "../postgres-facts.ts";
import type { Running, Runs } from "./running-statement.ts";

/** No SQL: whatever stands in its place, the target refuses it. */
const REFUSED_TEXT = "sallyport refused this statement";
/** No client gives a portal this name by chance. */
const REFUSED_PORTAL = "sallyport refused this";

/** `name`: of a Parse. `fields`: what its client is told, where that is not the refusal's own form. */
interface More {
  readonly name?: string;
  readonly fields?: ErrorFields;
}

export interface RefusalDeps {
  readonly session: Pick<LiveSession, "note" | "ended">;
  readonly record: PostgresRecord;
  readonly pipeline: Pipeline<Running>;
  readonly names: ConnectionNames;
  readonly forward: (bytes: Uint8Array) => void;
}

export class StatementRefusals {
  readonly #deps: RefusalDeps;

  constructor(deps: RefusalDeps) {
    this.#deps = deps;
  }

  /** A text that was read. */
  async refuse(asked: Runs | "parse", denial: Denial, what: Pick<Text, "sql" | "read">, name = ""): Promise<void> {
    const { session, record } = this.#deps;
    await session.note({
      ...record.refused(denial, what),
      decision: "deny",
      ...(denial.rule !== undefined && { rule: denial.rule }),
    });
    this.send(asked, denial, { name });
  }

  /** A message that was not looked into, or has no text. */
  async refuseUnseen(asked: Runs | "parse", denial: Denial, more?: More): Promise<void> {
    const { session, record } = this.#deps;
    await session.note({ ...record.refused(denial), decision: "deny" });
    this.send(asked, denial, more);
  }

  /** A text that is no SQL gets the answer that the server would give; one that could not be read is refused. */
  async refuseUnread(asked: "query" | "parse" | "execute", sql: string, read: Exclude<ParsedSql, { ok: true }>, name = ""): Promise<void> {
    const { session, record } = this.#deps;
    const denial = unread(read);
    await session.note({ ...record.unread(denial, sql, read), decision: "deny" });
    const fields =
      read.why === "syntax" ? { severity: "ERROR", code: "42601", message: read.message, ...positionOf(read.position) } : undefined;
    this.send(asked, denial, { name, ...(fields && { fields }) });
  }

  /** What is on record already. */
  send(asked: Runs | "parse", denial: Denial, more: More = {}): void {
    const { session, pipeline, names, forward } = this.#deps;
    if (session.ended) return;
    const refusalMessage = more.fields && encodeErrorResponse(more.fields);
    const endsUnnamed = asked === "query" || asked === "function" || (asked === "parse" && more.name === "");
    const ended = (how: Ending): void => void (endsUnnamed && how === "failed" && names.endUnnamed());
    pipeline.asked({ asked, refusal: denial, ...(refusalMessage && { refusalMessage }), onAnswer: { ended } });
    if (asked === "parse") forward(encodeParse(more.name ?? "", REFUSED_TEXT));
    else if (asked === "execute") forward(encodeExecute(REFUSED_PORTAL));
    else forward(encodeQuery(REFUSED_TEXT));
  }
}

function positionOf(position: number | undefined): { position?: number } {
  return position === undefined ? {} : { position };
}

function unread({ why, message }: Exclude<ParsedSql, { ok: true }>): Denial {
  switch (why) {
    case "bounds":
      return deny("too-large", { detail: `the statement cannot be read: ${message}` });
    case "name":
      return deny("not-supported", { detail: message, next: "the name in double quotes" });
    case "syntax":
      return deny("bad-request");
    default:
      return nothing(why);
  }
}

/** Fails closed: a reason that came past the type checker. */
function nothing(_why: never): Denial {
  return deny("bad-request");
}
