/**
 * What a client's messages mean: texts read, decided, logged, and forwarded or replaced by what the target must refuse.
 *
 *   statement-rights      what the role says of a text          statement-runs       what runs, and how it comes to
 *   statement-approvals   held until somebody approves          asked-previews       tried out for who asks
 *   connection-names      what names stand for                  statement-refusals   what is sent in place of the refused
 *   settled-names         waiting until that is known           running-statement    what becomes of what runs
 *
 * A text is decided when it is parsed, and again each time it runs: roles change. What runs is logged each time, with
 * its parameters. Untrusted: a message that has no place here throws GateError("protocol-error").
 */
import { after } from "../../../kernel/after.ts";
import { GateError } from "../../../kernel/errors.ts";
import { deny } from "../../../kernel/result.ts";
import { previewAsked } from "../../../session/asked-preview.ts";
import type { LiveSession } from "../../../session/live-session.ts";
import type { TransactionStatus } from "../../../wire/postgres/backend.ts";
import * as frontend from "../../../wire/postgres/frontend.ts";
import { AskedPreviews } from "./asked-previews.ts";
import { ConnectionNames, type Meaning, type Portal, type Read, type Text } from "./connection-names.ts";
import { functionCall, functionCalled } from "./function-calls.ts";
import type { Answering, Pipeline } from "../relay/pipeline.ts";
import type { PostgresRecord } from "../postgres-facts.ts";
import type { TurnedAway } from "../relay/postgres-limits.ts";
import { remember } from "../relay/postgres-results.ts";
import { describePreview } from "../preview/preview-text.ts";
import { maskedIn } from "../masking/result-masks.ts";
import type { Running } from "./running-statement.ts";
import type { SessionMasking } from "../masking/session-masking.ts";
import { SettledNames } from "./settled-names.ts";
import type { StatementLine } from "./statement-line.ts";
import { StatementRefusals } from "./statement-refusals.ts";
import { StatementRights } from "./statement-rights.ts";
import { StatementRuns } from "./statement-runs.ts";

const { FRONTEND } = frontend;

export interface StatementDeps {
  readonly session: LiveSession;
  readonly masking: SessionMasking;
  readonly record: PostgresRecord;
  readonly pipeline: Pipeline<Running>;
  readonly line: StatementLine;
}

export class PostgresStatements {
  readonly #masking: SessionMasking;
  readonly #record: PostgresRecord;
  readonly #pipeline: Pipeline<Running>;
  readonly #line: StatementLine;
  readonly #forward: (bytes: Uint8Array) => void;
  readonly #names = new ConnectionNames();
  readonly #settled: SettledNames;
  readonly #rights: StatementRights;
  readonly #refusals: StatementRefusals;
  readonly #runs: StatementRuns;
  readonly #previews: AskedPreviews;
  #status: TransactionStatus = "I";

  constructor(deps: StatementDeps) {
    const { session, masking, record, pipeline, line } = deps;
    this.#masking = masking;
    this.#record = record;
    this.#pipeline = pipeline;
    this.#line = line;
    this.#forward = (bytes) => line.forward(bytes);
    const parts = { ...deps, names: this.#names, forward: this.#forward };
    this.#settled = new SettledNames(parts);
    this.#rights = new StatementRights(session, masking);
    this.#refusals = new StatementRefusals(parts);
    const running = { ...parts, settled: this.#settled, rights: this.#rights, refusals: this.#refusals };
    this.#runs = new StatementRuns(running);
    this.#previews = new AskedPreviews({ ...running, runs: this.#runs, status: () => this.#status });
  }

  /** Of the session's own connection, when the target was ready last. */
  get status(): TransactionStatus {
    return this.#status;
  }

  /** One whole message, forwarded when it returns, or when what it returns resolves. */
  take(message: Buffer): Promise<void> | void {
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
        return this.#pass("close", message, this.#names.close(of, name));
      }
      case FRONTEND.sync:
        frontend.requireBare(message);
        this.#pass("sync", message);
        this.#names.boundary();
        return this.#runs.afterCode();
      case FRONTEND.functionCall:
        return this.#call(Buffer.from(message));
      case FRONTEND.flush:
        frontend.requireBare(message);
        return this.#forward(message);
      case FRONTEND.copyDone:
        frontend.requireBare(message);
        this.#forward(message);
        return this.#runs.afterCode();
      case FRONTEND.copyFail:
        this.#forward(message);
        return this.#runs.afterCode();
      default:
        throw new GateError("protocol-error", `message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))} does not belong here`);
    }
  }

  /** ReadyForQuery. */
  ready(status: TransactionStatus): void {
    this.#status = status;
    if (status === "I") this.#names.endTransaction();
    this.#runs.ready();
  }

  /** A statement whose turn did not come. */
  turnAway(message: Buffer, { denial, fields }: TurnedAway): Promise<void> {
    return this.#refusals.refuseUnseen(message[0] === FRONTEND.query ? "query" : "execute", denial, fields && { fields });
  }

  #query(message: Buffer): Promise<void> | void {
    const sql = frontend.parseQuery(message);
    if (this.#runs.isBehindCode) return this.#refuseBehindCode("query");
    return after(this.#masking.parse(sql, this.#line.limit()), (read) => {
      if (!read.ok) return this.#refusals.refuseUnread("query", sql, read);
      const asked = previewAsked(sql, read.statements);
      if (asked !== undefined) return this.#previews.query(asked, this.#text(sql, read));
      return this.#runs.run("query", read.limited ? frontend.encodeQuery(read.limited.sql) : message, this.#text(sql, read));
    });
  }

  #parse(message: Buffer): Promise<void> | void {
    const parse = frontend.parseParse(message);
    const { name, sql } = parse;
    if (this.#runs.isBehindCode) return this.#refuseBehindCode("parse", name);
    return after(this.#masking.parse(sql, this.#line.limit()), (read) => {
      if (!read.ok) return this.#refusals.refuseUnread("parse", sql, read, name);
      const text = this.#text(sql, read);
      const asked = previewAsked(sql, read.statements);
      if (asked !== undefined) return this.#previews.parse(asked, text, parse);
      return after(this.#settled.meaning(text), (found) => found && this.#prepare(message, text, found, parse));
    });
  }

  #prepare(message: Buffer, text: Text, meaning: Meaning, { name, sql, parameterTypes }: frontend.Parse): Promise<void> | void {
    // It does not run yet.
    meaning.ended("skipped");
    const denial = this.#rights.denied(meaning.read) ?? this.#rights.deniedTypes(parameterTypes);
    if (denial !== undefined) return this.#refusals.refuse("parse", denial, { sql, read: meaning.read }, name);
    const { limited } = text.read;
    const sent = limited ? frontend.encodeParse(name, limited.sql, parameterTypes) : message;
    this.#pass("parse", sent, this.#names.prepare(name, { ...text, parameterTypes }));
  }

  #describe(message: Buffer): Promise<void> | void {
    const { of, name } = frontend.parseNamed(message);
    const described = of === "statement" ? this.#names.findStatement(name) : this.#names.findPortal(name);
    if (described === "unsettled") return this.#settled.again(message, (later) => this.#describe(later));
    const { masked } = this.#masking;
    const { keepsResults } = this.#record;
    const onDescribed =
      described?.isPreview !== true &&
      described &&
      (masked !== undefined || keepsResults) &&
      ((answer: Buffer): void => {
        if (masked) described.provenance.found = maskedIn(answer, masked);
        if (keepsResults) remember(described.shape, answer);
      });
    const formats = described && "formats" in described ? (described as Portal).formats : [];
    const describedAs = described?.isPreview && describePreview(formats);
    this.#pipeline.asked({ asked: "describe", ...(onDescribed && { onDescribed }), ...(describedAs && { describedAs }) });
    this.#forward(message);
  }

  #bind(message: Buffer): Promise<void> | void {
    const { portal, statement, parameters, resultFormats } = frontend.parseBind(message);
    const prepared = this.#names.findStatement(statement);
    if (prepared === "unsettled") return this.#settled.again(message, (later) => this.#bind(later));
    if (!prepared) return this.#pass("bind", message, this.#names.bind(portal, undefined));
    const meant = this.#names.meaning(prepared);
    meant?.ended("skipped");
    const isHeld = this.#rights.decide((meant ?? prepared).read.statements).allowed === "hold";
    const raw = (isHeld || prepared.isPreview) && {
      raw: parameters.map(({ binary, value }) => ({ binary, value: value && Buffer.from(value) })),
    };
    const bound = { ...prepared, ...raw, parameters: this.#record.parameters(parameters, prepared), formats: resultFormats };
    return this.#pass("bind", message, this.#names.bind(portal, bound, raw ? message.length : 0));
  }

  #execute(message: Buffer): Promise<void> | void {
    const { portal } = frontend.parseExecute(message);
    const bound = this.#names.findPortal(portal);
    if (bound === "unsettled") return this.#settled.again(message, (later) => this.#execute(later));
    // Nobody knows what it would be: opened by a function, or nothing. Fails closed.
    if (!bound) {
      const denial = deny("not-supported", { detail: "executing a portal that was not bound on this connection" });
      return this.#refusals.refuseUnseen("execute", denial);
    }
    return this.#executeBound(message, bound);
  }

  /** By its number: what libraries call so are large objects. In the log, and for the role, the function that it is. */
  #call(message: Buffer): Promise<void> | void {
    const name = functionCalled(frontend.parseFunctionCall(message));
    // Fails closed: what comes out of a large object has no column to be masked by.
    if (name !== undefined && !this.#masking.masks) return this.#runs.run("function", message, { ...functionCall(name), lens: undefined });
    const denial = deny("not-supported", { detail: "this function call outside of a statement" });
    return this.#refusals.refuseUnseen("function", denial);
  }

  /** What is masked may have changed since it was prepared. */
  #executeBound(message: Buffer, bound: Portal): Promise<void> | void {
    if (bound.isPreview) return this.#previews.portal(bound);
    // Such a text is not what the portal is: it was read when the portal got its name, and is not read again.
    if (bound.bySql || bound.doubtful) return this.#runs.run("execute", message, bound);
    if (!this.#masking.masks) return this.#runs.run("execute", message, { ...bound, lens: this.#masking.lens });
    return after(this.#masking.parse(bound.sql), (read) => {
      if (!read.ok) return this.#refusals.refuseUnread("execute", bound.sql, read);
      // What is run is the text that was prepared, with the LIMIT that it was given then.
      const { limited } = bound.read;
      return this.#runs.run("execute", message, { ...bound, ...this.#text(bound.sql, { ...read, ...(limited && { limited }) }) });
    });
  }

  #text(sql: string, read: Read): Text {
    return { sql, read, lens: this.#masking.lens };
  }

  #refuseBehindCode(asked: "query" | "parse", name = ""): Promise<void> {
    const denial = deny("not-supported", { detail: "a text behind DO or CALL in one pipeline: it needs a Sync between" });
    return this.#refusals.refuseUnseen(asked, denial, { name });
  }

  #pass(asked: "parse" | "bind" | "close" | "sync", message: Buffer, onAnswer?: Answering): undefined {
    this.#pipeline.asked({ asked, ...(onAnswer && { onAnswer }) });
    this.#forward(message);
  }
}
