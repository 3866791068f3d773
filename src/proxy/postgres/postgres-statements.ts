/**
 * What a client's messages mean: texts read, decided, logged, and forwarded or replaced by what the target must refuse.
 *
 * A text is decided when it is parsed, and again each time it runs: roles change. What runs is logged each time, with
 * its parameters. Untrusted: a message that has no place here throws GateError("protocol-error").
 */
import type { AuditEvent } from "../../audit/event.ts";
import { GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Lens } from "../../policy/sql/masking/trace.ts";
import type { ParsedSql } from "../../policy/sql/statement.ts";
import type { Parameters } from "../../session/statement-record.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { encodeErrorResponse, type ErrorFields } from "../../wire/postgres/backend.ts";
import * as frontend from "../../wire/postgres/frontend.ts";
import type { Bind } from "../../wire/postgres/frontend.ts";
import type { Answer } from "./postgres-answer.ts";
import { isCompared, type Approved, type OwnLine, type PostgresHolding } from "./postgres-hold.ts";
import type { Ending, Pipeline } from "./pipeline.ts";
import { functionCall, functionCalled } from "./function-calls.ts";
import { Kept } from "./kept.ts";
import { maskedIn, type Provenance, type ResultMasks } from "./result-masks.ts";
import type { SessionMasking } from "./session-masking.ts";
import type { PostgresRecord } from "./postgres-facts.ts";
import { remember, type ResultRecord, type ResultShape } from "./postgres-results.ts";

const { FRONTEND } = frontend;
/** No SQL: whatever stands in its place, the target refuses it. */
const REFUSED_TEXT = "sallyport refused this statement";
/** No client gives a portal this name by chance. */
const REFUSED_PORTAL = "sallyport refused this";
/** Texts of prepared statements, and what is recorded of the parameters of portals. */
const PREPARED = { entries: 10_000, bytes: 16 * 1024 * 1024 };
const PORTALS = { entries: 10_000, bytes: 16 * 1024 * 1024 };
/** What an entry takes beside its text. */
const ENTRY_BYTES = 200;

export interface SqlReader {
  /** `limit`: for SELECTs that have none. */
  parse(sql: string, lens?: Lens, limit?: number): ParsedSql | Promise<ParsedSql>;
}

type Read = Extract<ParsedSql, { ok: true }>;

interface Prepared {
  readonly sql: string;
  readonly read: Read;
  readonly parameterTypes: readonly number[];
  readonly provenance: Provenance;
  readonly shape: ResultShape;
}

interface Portal extends Prepared {
  /** As they came, of what the role holds: exactly they are tried out and approved. */
  readonly raw?: Bind["parameters"];
  readonly parameters: Parameters;
  /** Of its results' columns. */
  readonly formats: readonly number[];
}

/** A text that runs by itself, or a portal. */
type Ran = Pick<Portal, "sql" | "read"> & Partial<Portal>;

/** What a statement can be done with; the relay's. */
export interface StatementLine {
  readonly holding: PostgresHolding;
  /** For SELECTs that have none, at this moment. */
  limit(): number | undefined;
  forward(bytes: Uint8Array): void;
  /** While somebody decides, the client is listened to: it may go away. */
  listen(): void;
  /** Resolves when nothing is on its way; from then on, and until what was asked is answered, the target talks to the gate. */
  own(): Promise<OwnLine>;
  /** As if the target said it now. */
  replay(answer: Answer): void;
}

export class PostgresStatements {
  readonly #session: LiveSession;
  readonly #reader: SessionMasking;
  readonly #record: PostgresRecord;
  readonly #pipeline: Pipeline<Running>;
  readonly #line: StatementLine;
  readonly #forward: (bytes: Uint8Array) => void;
  readonly #prepared = new Kept<Prepared>(PREPARED);
  readonly #portals = new Kept<Portal>(PORTALS);
  #count = 0;

  constructor(session: LiveSession, reader: SessionMasking, record: PostgresRecord, pipeline: Pipeline<Running>, line: StatementLine) {
    this.#session = session;
    this.#reader = reader;
    this.#record = record;
    this.#pipeline = pipeline;
    this.#line = line;
    this.#forward = (bytes) => line.forward(bytes);
  }

  /** One whole message, forwarded when it returns, or when what it returns resolves. */
  take(message: Buffer): Promise<void> | undefined {
    switch (message[0]) {
      case FRONTEND.query:
        return this.#query(Buffer.from(message));
      case FRONTEND.parse:
        return this.#parse(Buffer.from(message));
      case FRONTEND.bind:
        return this.#bind(message);
      case FRONTEND.execute:
        return this.#execute(Buffer.from(message));
      case FRONTEND.describe:
        return this.#describe(message);
      case FRONTEND.close: {
        const { of, name } = frontend.parseNamed(message);
        (of === "statement" ? this.#prepared : this.#portals).forget(name);
        return this.#pass("close", message);
      }
      case FRONTEND.sync:
        frontend.requireBare(message);
        return this.#pass("sync", message);
      case FRONTEND.functionCall:
        return this.#call(Buffer.from(message));
      case FRONTEND.flush:
      case FRONTEND.copyDone:
        frontend.requireBare(message);
        return this.#forward(message) as undefined;
      case FRONTEND.copyFail:
        return this.#forward(message) as undefined;
      default:
        throw new GateError("protocol-error", `message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))} does not belong here`);
    }
  }

  async #query(message: Buffer): Promise<void> {
    const sql = frontend.parseQuery(message);
    const read = await this.#reader.parse(sql, this.#line.limit());
    if (!read.ok) return this.#refuseUnread("query", sql, read);
    await this.#run("query", read.limited ? frontend.encodeQuery(read.limited.sql) : message, { sql, read });
  }

  async #parse(message: Buffer): Promise<void> {
    const { name, sql, parameterTypes } = frontend.parseParse(message);
    const read = await this.#reader.parse(sql, this.#line.limit());
    // The old one of this name is no longer what runs under it, whatever becomes of this.
    this.#prepared.forget(name);
    if (!read.ok) return this.#refuseUnread("parse", sql, read, name);
    const denial = this.#denied(read);
    if (denial !== undefined) {
      await this.#session.note({
        ...this.#record.refused(denial, { sql, read }),
        decision: "deny",
        ...(denial.rule !== undefined && { rule: denial.rule }),
      });
      return this.#refuse("parse", denial, { name });
    }
    const { limited } = read;
    const bytes = ENTRY_BYTES + 2 * (sql.length + (limited?.sql.length ?? 0));
    this.#prepared.keep(name, { sql, read, parameterTypes, provenance: {}, shape: {} }, bytes);
    this.#pass("parse", limited ? frontend.encodeParse(name, limited.sql, parameterTypes) : message);
  }

  #describe(message: Buffer): undefined {
    const { of, name } = frontend.parseNamed(message);
    const described = (of === "statement" ? this.#prepared : this.#portals).find(name);
    const { masked } = this.#reader;
    const { keepsResults } = this.#record;
    const onDescribed =
      described &&
      (masked !== undefined || keepsResults) &&
      ((answer: Buffer): void => {
        if (masked) described.provenance.found = maskedIn(answer, masked);
        if (keepsResults) remember(described.shape, answer);
      });
    this.#pipeline.asked({ asked: "describe", ...(onDescribed && { onDescribed }) });
    this.#forward(message);
  }

  #bind(message: Buffer): undefined {
    const { portal, statement, parameters, resultFormats } = frontend.parseBind(message);
    const prepared = this.#prepared.find(statement);
    if (prepared) {
      const isHeld = this.#session.decide({ kind: "sql.statement", statements: prepared.read.statements }).allowed === "hold";
      const raw = isHeld && { raw: parameters.map(({ binary, value }) => ({ binary, value: value && Buffer.from(value) })) };
      const recorded = this.#record.parameters(parameters, prepared);
      const bytes = ENTRY_BYTES + recorded.bytes + (isHeld ? message.length : 0);
      this.#portals.keep(portal, { ...prepared, ...raw, parameters: recorded, formats: resultFormats }, bytes);
    } else this.#portals.forget(portal);
    return this.#pass("bind", message);
  }

  #execute(message: Buffer): Promise<void> | undefined {
    const { portal } = frontend.parseExecute(message);
    const bound = this.#portals.find(portal);
    // Nobody knows what it would be: a cursor of SQL's own, or nothing. Fails closed.
    if (!bound) {
      const denial = deny("not-supported", { detail: "executing a portal that was not bound on this connection" });
      return this.#session.note({ ...this.#record.refused(denial), decision: "deny" }).then(() => this.#refuse("execute", denial));
    }
    return this.#executeBound(message, bound);
  }

  /** By its number: what libraries call so are large objects. In the log, and for the role, the function that it is. */
  #call(message: Buffer): Promise<void> {
    const name = functionCalled(frontend.parseFunctionCall(message));
    // Fails closed: what comes out of a large object has no column to be masked by.
    if (name !== undefined && !this.#reader.masks) return this.#run("function", message, functionCall(name));
    const denial = deny("not-supported", { detail: "this function call outside of a statement" });
    return this.#session.note({ ...this.#record.refused(denial), decision: "deny" }).then(() => this.#refuse("function", denial));
  }

  /** What is masked may have changed since it was prepared. */
  async #executeBound(message: Buffer, bound: Portal): Promise<void> {
    const read = this.#reader.masks ? await this.#reader.parse(bound.sql) : bound.read;
    if (!read.ok) return this.#refuseUnread("execute", bound.sql, read);
    // What is run is the text that was prepared, with the LIMIT that it was given then.
    const { limited } = bound.read;
    return this.#run("execute", message, { ...bound, read: { ...read, ...(limited && { limited }) } });
  }

  /** By the role, or by its masks. */
  #denied({ statements, traced }: Read): Denial | undefined {
    const decision = this.#session.decide({ kind: "sql.statement", statements });
    if (decision.allowed === false) return decision;
    if (traced && statements.some(({ settings }) => settings.some((name) => name === "search_path" || name === "*"))) {
      return deny("masked", {
        rule: decision.rule,
        detail: "names are looked for along the path that the session began with",
        next: "name the schema: <schema>.<table>",
      });
    }
    const refused = traced?.find((each) => !each.ok);
    return refused && deny("masked", { rule: decision.rule, detail: refused.detail, next: refused.next });
  }

  async #run(asked: "query" | "execute" | "function", message: Buffer, what: Ran): Promise<void> {
    const { read, parameters, provenance, shape, formats = [] } = what;
    const { statements } = read;
    const masked = this.#denied(read);
    if (masked?.code === "masked") return this.#refuseOnRecord(asked, masked, what);
    const approved = await this.#approval(asked, what);
    if (approved && "allowed" in approved) return this.#refuseOnRecord(asked, approved, what);
    this.#count += 1;
    const number = this.#count;
    const act = (): Promise<Denial | undefined> =>
      this.#session.act(
        { kind: "sql.statement", statements },
        () => this.#record.statement(number, what, parameters),
        (refused) => this.#record.refused(refused, what),
        approved !== undefined,
      );
    const begin = (): void => {
      const masks = this.#reader.results(read, provenance);
      const results = this.#record.results(number, shape && { shape, formats });
      const keepsError = this.#record.keepsErrors(what);
      this.#pipeline.asked({ asked, statement: new Running(number, { keepsError, masks, results, isCutAt: read.limited?.most }) });
    };
    if (approved && asked === "query" && isCompared(approved)) {
      const answer = await this.#line.holding.run(approved, message, await this.#line.own(), act);
      if (this.#session.ended) return undefined;
      if ("allowed" in answer) return this.#refuseOnRecord(asked, answer, what);
      begin();
      return this.#line.replay(answer);
    }
    const denial = await act();
    if (this.#session.ended) return undefined;
    if (denial) return this.#refuse(asked, denial);
    begin();
    this.#forward(message);
    return undefined;
  }

  /** `undefined`: none is needed. */
  async #approval(asked: "query" | "execute" | "function", what: Ran): Promise<Approved | Denial | undefined> {
    const { statements } = what.read;
    const decision = this.#session.decide({ kind: "sql.statement", statements });
    if (decision.allowed !== "hold") return undefined;
    // Fails closed: its arguments are in no text that somebody could approve.
    if (asked === "function")
      return deny("not-supported", { rule: decision.rule, detail: "approving a function call outside of a statement" });
    this.#line.listen();
    const { sql, raw, parameterTypes } = what;
    const held = { sql, ...(raw && { parameters: raw }), ...(parameterTypes && { parameterTypes }) };
    const approved = await this.#line.holding.ask(held, statements, decision.rule);
    if ("allowed" in approved || asked === "query" || !isCompared(approved)) return approved;
    return (await this.#line.holding.stillHolds(approved)) ?? approved;
  }

  async #refuseOnRecord(asked: "query" | "execute" | "function", denial: Denial, what: Ran): Promise<void> {
    await this.#session.note({
      ...this.#record.refused(denial, what),
      decision: "deny",
      ...(denial.rule !== undefined && { rule: denial.rule }),
    });
    this.#refuse(asked, denial);
  }

  /** A statement whose turn did not come. */
  async turnAway(message: Buffer, { denial, fields }: { readonly denial: Denial; readonly fields?: ErrorFields }): Promise<void> {
    await this.#session.note({ ...this.#record.refused(denial), decision: "deny" });
    this.#refuse(message[0] === FRONTEND.query ? "query" : "execute", denial, fields && { fields });
  }

  /** A text that is no SQL gets the answer that the server would give; one that could not be read is refused. */
  async #refuseUnread(asked: "query" | "parse" | "execute", sql: string, read: Exclude<ParsedSql, { ok: true }>, name = ""): Promise<void> {
    const denial =
      read.why === "bounds" ? deny("too-large", { detail: `the statement cannot be read: ${read.message}` }) : deny("bad-request");
    await this.#session.note({ ...this.#record.unread(denial, sql, read), decision: "deny" });
    const fields =
      read.why === "syntax" ? { severity: "ERROR", code: "42601", message: read.message, ...positionOf(read.position) } : undefined;
    return this.#refuse(asked, denial, { name, ...(fields && { fields }) });
  }

  #refuse(asked: "query" | "parse" | "execute" | "function", denial: Denial, more: { name?: string; fields?: ErrorFields } = {}): void {
    if (this.#session.ended) return;
    const refusalMessage = more.fields && encodeErrorResponse(more.fields);
    this.#pipeline.asked({ asked, refusal: denial, ...(refusalMessage && { refusalMessage }) });
    if (asked === "parse") this.#forward(frontend.encodeParse(more.name ?? "", REFUSED_TEXT));
    else if (asked === "execute") this.#forward(frontend.encodeExecute(REFUSED_PORTAL));
    else this.#forward(frontend.encodeQuery(REFUSED_TEXT));
  }

  #pass(asked: "parse" | "bind" | "describe" | "close" | "sync", message: Buffer): undefined {
    this.#pipeline.asked({ asked });
    this.#forward(message);
  }
}

function positionOf(position: number | undefined): { position?: number } {
  return position === undefined ? {} : { position };
}

/** A statement at the target, and what becomes of it. */
export class Running {
  readonly number: number;
  /** In a session that masks. */
  readonly masks: ResultMasks | undefined;
  /** Where what it gives back is recorded. */
  readonly results: ResultRecord | undefined;
  /** The LIMIT that the gate gave it: a result of as many rows may be cut. */
  readonly isCutAt: number | undefined;
  readonly #keepsError: boolean;
  readonly #startedAt = performance.now();
  bytes = 0;
  #rows = 0;
  #tag: string | undefined;
  #error: ErrorFields | undefined;

  /** `keepsError`: the words of an error may be recorded. */
  constructor(
    number: number,
    options: {
      readonly keepsError: boolean;
      readonly masks: ResultMasks | undefined;
      readonly results: ResultRecord | undefined;
      readonly isCutAt: number | undefined;
    },
  ) {
    this.number = number;
    this.#keepsError = options.keepsError;
    this.masks = options.masks;
    this.results = options.results;
    this.isCutAt = options.isCutAt;
  }

  completed({ tag, rows }: { readonly tag: string; readonly rows: number }): void {
    this.masks?.completed();
    this.#tag = tag;
    this.#rows += rows;
  }

  failed(fields: ErrorFields): void {
    this.#error = fields;
  }

  outcome(how: Ending): AuditEvent {
    return {
      kind: "sql.outcome",
      body: {
        number: this.number,
        ...(how === "skipped" && { skipped: true as const }),
        ...(this.#tag !== undefined && { tag: this.#tag }),
        rows: this.#rows,
        bytes: this.bytes,
        ...(this.masks?.used && { masked: this.masks.used }),
        durationMs: Math.round((performance.now() - this.#startedAt) * 1000) / 1000,
        ...(this.#error && { sqlstate: this.#error.code }),
        ...(this.#error && this.#keepsError && { message: this.#error.message.slice(0, 1000) }),
      },
    };
  }
}
