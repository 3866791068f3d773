/**
 * What a client's messages mean: texts read, decided, logged, and forwarded or replaced by what the target must refuse.
 *
 * A text is decided when it is parsed, and again each time it runs: roles change. What runs is logged each time, with
 * its parameters. Untrusted: a message that has no place here throws GateError("protocol-error").
 */
import { after } from "../../kernel/after.ts";
import { GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { Held, SqlAction } from "../../policy/action.ts";
import type { ParsedSql, StatementFacts } from "../../policy/sql/statement.ts";
import type { Preview } from "../../session/holds.ts";
import type { LiveSession } from "../../session/live-session.ts";
import { SearchPath } from "../../session/search-path.ts";
import { encodeErrorResponse, type ErrorFields, type TransactionStatus } from "../../wire/postgres/backend.ts";
import * as frontend from "../../wire/postgres/frontend.ts";
import { previewAsked } from "../../session/asked-preview.ts";
import { standInFor } from "./preview-stand-in.ts";
import { isCompared, type Approved, type Compared, type OwnLine, type PostgresHolding } from "./postgres-hold.ts";
import type { Answering, Ending, Pipeline } from "./pipeline.ts";
import { functionCall, functionCalled } from "./function-calls.ts";
import { ConnectionNames, type Meaning, type Portal, type Read, type Text } from "./connection-names.ts";
import { describePreview, encodePreview } from "./preview-text.ts";
import { maskedIn } from "./result-masks.ts";
import type { SessionMasking } from "./session-masking.ts";
import type { PostgresRecord } from "./postgres-facts.ts";
import { remember } from "./postgres-results.ts";
import { parametersOfRun, Running, type Ran, type Runs } from "./running-statement.ts";

const { FRONTEND } = frontend;
/** No SQL: whatever stands in its place, the target refuses it. */
const REFUSED_TEXT = "sallyport refused this statement";
/** No client gives a portal this name by chance. */
const REFUSED_PORTAL = "sallyport refused this";

/** Makes it durable that it runs. */
type Act = () => Denial | undefined | Promise<Denial | undefined>;

/** What a statement can be done with; the relay's. */
export interface StatementLine {
  readonly holding: PostgresHolding;
  /** For SELECTs that have none, at this moment. */
  limit(): number | undefined;
  forward(bytes: Uint8Array): void;
  /** A statement is the target's turn now, whatever is waited for before the client's next message is taken. */
  began(): void;
  /** While somebody decides, the client is listened to: it may go away. */
  listen(): void;
  /** Resolves when nothing is on its way; from then on, and until what was asked is answered, the target talks to the gate. */
  own(): Promise<OwnLine>;
  /** As if the target said it now; with `status`, a ReadyForQuery behind it. */
  replay(messages: readonly Buffer[], status?: TransactionStatus): void;
}

export class PostgresStatements {
  readonly #session: LiveSession;
  readonly #reader: SessionMasking;
  readonly #record: PostgresRecord;
  readonly #pipeline: Pipeline<Running>;
  readonly #line: StatementLine;
  readonly #forward: (bytes: Uint8Array) => void;
  readonly #names = new ConnectionNames();
  readonly #path: SearchPath;
  #count = 0;
  #status: TransactionStatus = "I";
  /** Settings may not be what they were when the session began. */
  #settings = false;
  /** Code of DO or CALL, or what is watched as such, runs, or has run, and the target has not said yet which settings it changed. */
  #behindCode = false;

  constructor(session: LiveSession, reader: SessionMasking, record: PostgresRecord, pipeline: Pipeline<Running>, line: StatementLine) {
    this.#session = session;
    this.#reader = reader;
    this.#path = new SearchPath(() => reader.path);
    this.#record = record;
    this.#pipeline = pipeline;
    this.#line = line;
    this.#forward = (bytes) => line.forward(bytes);
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
        return this.#afterCode();
      case FRONTEND.functionCall:
        return this.#call(Buffer.from(message));
      case FRONTEND.flush:
        frontend.requireBare(message);
        return this.#forward(message);
      case FRONTEND.copyDone:
        frontend.requireBare(message);
        this.#forward(message);
        return this.#afterCode();
      case FRONTEND.copyFail:
        this.#forward(message);
        return this.#afterCode();
      default:
        throw new GateError("protocol-error", `message ${JSON.stringify(String.fromCharCode(message[0] ?? 0))} does not belong here`);
    }
  }

  /** ReadyForQuery: the target has told of every setting that has changed. */
  ready(status: TransactionStatus): void {
    this.#status = status;
    if (status === "I") this.#names.endTransaction();
    if (this.#pipeline.isIdle) this.#behindCode = false;
  }

  #query(message: Buffer): Promise<void> | void {
    const sql = frontend.parseQuery(message);
    if (this.#behindCode) return this.#refuseBehindCode("query");
    return after(this.#reader.parse(sql, this.#line.limit()), (read) => {
      if (!read.ok) return this.#refuseUnread("query", sql, read);
      const asked = previewAsked(sql, read.statements);
      if (asked !== undefined) return this.#previewQuery(asked, this.#text(sql, read));
      return this.#run("query", read.limited ? frontend.encodeQuery(read.limited.sql) : message, this.#text(sql, read));
    });
  }

  #parse(message: Buffer): Promise<void> | void {
    const parse = frontend.parseParse(message);
    const { name, sql } = parse;
    if (this.#behindCode) return this.#refuseBehindCode("parse", name);
    return after(this.#reader.parse(sql, this.#line.limit()), (read) => {
      if (!read.ok) return this.#refuseUnread("parse", sql, read, name);
      const text = this.#text(sql, read);
      const asked = previewAsked(sql, read.statements);
      if (asked !== undefined) return this.#parsePreview(asked, text, parse);
      const meaning = this.#names.meaning(text) ?? this.#settledMeaning(text);
      return after(meaning, (found) => found && this.#prepare(message, text, found, parse));
    });
  }

  #prepare(message: Buffer, text: Text, meaning: Meaning, { name, sql, parameterTypes }: frontend.Parse): Promise<void> | void {
    // It does not run yet.
    meaning.ended("skipped");
    const denial = this.#denied(meaning.read) ?? this.#deniedTypes(parameterTypes);
    if (denial !== undefined) return this.#refuseOnRecord("parse", denial, { sql, read: meaning.read }, name);
    const { limited } = text.read;
    const sent = limited ? frontend.encodeParse(name, limited.sql, parameterTypes) : message;
    this.#pass("parse", sent, this.#names.prepare(name, { ...text, parameterTypes }));
  }

  #describe(message: Buffer): Promise<void> | void {
    const { of, name } = frontend.parseNamed(message);
    const described = of === "statement" ? this.#names.findStatement(name) : this.#names.findPortal(name);
    if (described === "unsettled") return this.#settled(message, (later) => this.#describe(later));
    const { masked } = this.#reader;
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
    if (prepared === "unsettled") return this.#settled(message, (later) => this.#bind(later));
    if (!prepared) return this.#pass("bind", message, this.#names.bind(portal, undefined));
    const meant = this.#names.meaning(prepared);
    meant?.ended("skipped");
    const isHeld = this.#session.decide(this.#asking((meant ?? prepared).read.statements)).allowed === "hold";
    const raw = (isHeld || prepared.isPreview) && {
      raw: parameters.map(({ binary, value }) => ({ binary, value: value && Buffer.from(value) })),
    };
    const bound = { ...prepared, ...raw, parameters: this.#record.parameters(parameters, prepared), formats: resultFormats };
    return this.#pass("bind", message, this.#names.bind(portal, bound, raw ? message.length : 0));
  }

  #execute(message: Buffer): Promise<void> | void {
    const { portal } = frontend.parseExecute(message);
    const bound = this.#names.findPortal(portal);
    if (bound === "unsettled") return this.#settled(message, (later) => this.#execute(later));
    // Nobody knows what it would be: opened by a function, or nothing. Fails closed.
    if (!bound) {
      const denial = deny("not-supported", { detail: "executing a portal that was not bound on this connection" });
      return this.#session.note({ ...this.#record.refused(denial), decision: "deny" }).then(() => this.#refuse("execute", denial));
    }
    return this.#executeBound(message, bound);
  }

  /** By its number: what libraries call so are large objects. In the log, and for the role, the function that it is. */
  #call(message: Buffer): Promise<void> | void {
    const name = functionCalled(frontend.parseFunctionCall(message));
    // Fails closed: what comes out of a large object has no column to be masked by.
    if (name !== undefined && !this.#reader.masks) return this.#run("function", message, { ...functionCall(name), lens: undefined });
    const denial = deny("not-supported", { detail: "this function call outside of a statement" });
    return this.#session.note({ ...this.#record.refused(denial), decision: "deny" }).then(() => this.#refuse("function", denial));
  }

  /** What is masked may have changed since it was prepared. */
  #executeBound(message: Buffer, bound: Portal): Promise<void> | void {
    if (bound.isPreview) return this.#previewPortal(bound);
    // Such a text is not what the portal is: it was read when the portal got its name, and is not read again.
    if (bound.bySql || bound.doubtful) return this.#run("execute", message, bound);
    if (!this.#reader.masks) return this.#run("execute", message, { ...bound, lens: this.#reader.lens });
    return after(this.#reader.parse(bound.sql), (read) => {
      if (!read.ok) return this.#refuseUnread("execute", bound.sql, read);
      // What is run is the text that was prepared, with the LIMIT that it was given then.
      const { limited } = bound.read;
      return this.#run("execute", message, { ...bound, ...this.#text(bound.sql, { ...read, ...(limited && { limited }) }) });
    });
  }

  #text(sql: string, read: Read): Text {
    return { sql, read, lens: this.#reader.lens };
  }

  #asking(statements: readonly StatementFacts[]): SqlAction {
    return { kind: "sql.statement", statements, path: this.#path.now };
  }

  /** By the role, or by its masks. */
  #denied({ statements, traced }: Read, lens = this.#reader.lens): Denial | undefined {
    const decision = this.#session.decide(this.#asking(statements));
    if (decision.allowed === false) return decision;
    if (this.#reader.masks && lens !== this.#reader.lens) {
      return deny("masked", { rule: decision.rule, detail: "it was named under other masks", next: "give the name anew" });
    }
    if (traced && statements.some(({ settings, watched }) => settings.some((name) => name === "search_path" || name === "*") || watched)) {
      return deny("masked", {
        rule: decision.rule,
        detail: "names are looked for along the path that the session began with",
        next: "name the schema: <schema>.<table>",
      });
    }
    const refused = traced?.find((each) => !each.ok);
    return refused && deny("masked", { rule: decision.rule, detail: refused.detail, next: refused.next });
  }

  #deniedTypes(parameterTypes: readonly number[]): Denial | undefined {
    if (!this.#reader.runsCode(parameterTypes)) return undefined;
    const detail = "a parameter of that type runs code that somebody defined, which may read anything";
    return deny("masked", { detail, next: "a parameter of one of PostgreSQL's own types" });
  }

  #run(asked: Runs, message: Buffer, what: Ran): Promise<void> | void {
    return after(this.#names.meaning(what) ?? this.#settledMeaning(what), (meaning) => {
      if (meaning === undefined) return undefined;
      const { limited } = what.read;
      const meant: Ran = { ...what, read: { ...meaning.read, ...(limited && { limited }) } };
      return after(this.#runMeant(asked, message, meant, meaning), (runs) => (runs ? undefined : meaning.ended("skipped")));
    });
  }

  async #previewQuery(asked: string | Denial, from: Text): Promise<void> {
    const text = await this.#textToPreview(asked, from);
    if ("allowed" in text) return this.#refuseOnRecord("query", text, from);
    return this.#preview("query", text);
  }

  async #parsePreview(
    asked: string | Denial,
    from: Text,
    { name, parameterTypes }: Pick<frontend.Parse, "name" | "parameterTypes">,
  ): Promise<void> {
    const text = await this.#textToPreview(asked, from);
    if ("allowed" in text) return this.#refuseOnRecord("parse", text, from, name);
    const denial = this.#denied(text.read);
    if (denial) return this.#refuseOnRecord("parse", denial, text, name);
    const sent = frontend.encodeParse(
      name,
      text.sql === from.sql ? standInFor(text.sql, text.read.statements) : standInFor("", []),
      parameterTypes,
    );
    return this.#pass("parse", sent, this.#names.prepare(name, { ...text, parameterTypes }));
  }

  /** What is masked may have changed since it was prepared. */
  async #previewPortal(bound: Portal): Promise<void> {
    const text = await this.#textToPreview(bound.sql, bound);
    if ("allowed" in text) return this.#refuseOnRecord("execute", text, bound);
    return this.#preview("execute", { ...bound, ...text });
  }

  /** `from`: the text that asks for it. */
  async #textToPreview(asked: string | Denial, from: Text): Promise<Text | Denial> {
    if (typeof asked !== "string") return asked;
    const isRead = asked === from.sql && from.lens === this.#reader.lens;
    const read = isRead ? from.read : await this.#reader.parse(asked);
    if (!read.ok) return deny("bad-request", { detail: `the text to preview: ${read.message}` });
    return { ...this.#text(asked, read), isPreview: true };
  }

  /** Tried out, undone, and told; with the rights that running it takes, whether it would run at once or be held. */
  async #preview(asked: "query" | "execute", what: Ran): Promise<void> {
    const { sql, raw, parameterTypes, read } = what;
    const { statements } = read;
    const denied = this.#denied(read, what.lens);
    if (denied) return this.#refuseOnRecord(asked, denied, what);
    this.#line.listen();
    const line = asked === "query" ? await this.#line.own() : undefined;
    if (!line) await this.#answered();
    if (this.#session.ended) return undefined;
    if (!line && this.#pipeline.isSkipping) return this.#pipeline.asked({ asked });
    this.#count += 1;
    const number = this.#count;
    const action = this.#asking(statements);
    const denial = await this.#recordTrial(number, what, asked);
    if (this.#session.ended) return undefined;
    if (denial) return this.#refuse(asked, denial);
    const decision = this.#session.decide(action);
    const viewer = { unmasked: decision.allowed === false ? [] : (decision.unmasked ?? []), mayRead: this.#mayRead(statements) };
    const held = { sql, ...(raw && { parameters: raw }), ...(parameterTypes && { parameterTypes }) };
    const isBeside = !line && this.#status === "T";
    const found = !line && this.#settings ? AFTER_SETTINGS : await this.#line.holding.show(held, statements, viewer, line);
    if (this.#session.ended) return undefined;
    if (!found) return this.#refuse(asked, deny("bad-request"), { fields: CANCELED });
    const preview = found.possible && isBeside ? { ...found, note: [found.note, BESIDE].filter(Boolean).join(" ") } : found;
    const statement = new Running(number, { keepsError: false, masks: undefined, results: undefined, isCutAt: undefined });
    const ended = (): void => {
      if (line) this.#names.endUnnamed();
    };
    this.#pipeline.asked({ asked, statement, onAnswer: { ended } });
    this.#line.replay([...(line ? [describePreview()] : []), ...encodePreview(preview)], line?.status);
  }

  /** What is tried out is on record before it is. */
  #recordTrial(number: number, what: Ran, asked: "query" | "execute"): ReturnType<Act> {
    return this.#session.act(
      this.#asking(what.read.statements),
      () => this.#record.preview(number, what, parametersOfRun(asked, what)),
      (refused) => this.#record.refused(refused, what),
      true,
    );
  }

  /** Whether the role reads by itself what the text names: rows of a write are rows. */
  #mayRead(statements: readonly StatementFacts[]): boolean {
    const reading = statements.map((each): StatementFacts => ({
      ...each,
      kind: "SelectStmt",
      classes: ["read"],
      relations: each.relations.map(({ name, schema }) => ({ name, ...(schema !== undefined && { schema }), access: "read" })),
      ...(each.beyond && { beyond: ["read"] }),
      functions: [],
      settings: [],
    }));
    return this.#session.decide(this.#asking(reading)).allowed === true;
  }

  /** Whether it runs. */
  #runMeant(asked: Runs, message: Buffer, what: Ran, meaning: Meaning): boolean | Promise<boolean> {
    const masked = this.#denied(what.read, what.lens);
    if (masked?.code === "masked") return this.#refuseOnRecord(asked, masked, what).then(() => false);
    return after(this.#approval(asked, what, meaning.named), (approved) => {
      if (approved && "allowed" in approved) return this.#refuseOnRecord(asked, approved, what).then(() => false);
      return this.#act(asked, message, what, { meaning, approved });
    });
  }

  #act(
    asked: Runs,
    message: Buffer,
    what: Ran,
    { meaning, approved }: { readonly meaning: Meaning; readonly approved: Approved | undefined },
  ): boolean | Promise<boolean> {
    const { statements } = what.read;
    this.#count += 1;
    const number = this.#count;
    const act: Act = () =>
      this.#session.act(
        this.#asking(statements),
        () => this.#record.statement(number, what, parametersOfRun(asked, what), meaning.named, approved?.hold.id),
        (refused) => this.#record.refused(refused, what),
        approved !== undefined,
      );
    const begin = (transaction?: string): void => this.#begin(asked, number, what, { meaning, transaction });
    if (approved && asked === "query" && isCompared(approved)) return this.#runTried(approved, message, what, { act, begin });
    return after(act(), (denial) => {
      if (this.#session.ended) return false;
      if (denial) {
        this.#refuse(asked, denial);
        return false;
      }
      begin();
      if (statements.some(mayChangeSettings)) this.#settings = true;
      this.#forward(message);
      this.#line.began();
      if (!meaning.isOpaque && !statements.some(({ watched }) => watched)) return true;
      this.#behindCode = true;
      return after(asked === "execute" ? this.#answered() : this.#afterCode(), () => true);
    });
  }

  /** What it would change is looked at once more, over the session's own connection, which runs it then. */
  async #runTried(
    approved: Compared,
    message: Buffer,
    what: Ran,
    { act, begin }: { readonly act: Act; readonly begin: (transaction?: string) => void },
  ): Promise<boolean> {
    const answer = await this.#line.holding.run(approved, message, await this.#line.own(), act);
    if (this.#session.ended) return false;
    if ("allowed" in answer) {
      await this.#refuseOnRecord("query", answer, what);
      return false;
    }
    begin(answer.transaction);
    this.#line.replay(answer.messages, answer.status);
    return true;
  }

  /** From here on it is the target's. */
  #begin(
    asked: Runs,
    number: number,
    what: Ran,
    { meaning, transaction }: { readonly meaning: Meaning; readonly transaction: string | undefined },
  ): void {
    const { read, provenance, shape, formats = [] } = what;
    const masks = this.#reader.results(read, provenance);
    const results = this.#record.results(number, shape && { shape, formats });
    const keepsError = this.#record.keepsErrors(what);
    const statement = new Running(number, { keepsError, masks, results, isCutAt: read.limited?.most, transaction });
    const onAnswer = asked === "query" ? { ...meaning, ended: (how: Ending) => this.#queryEnded(meaning, how) } : meaning;
    this.#pipeline.asked({ asked, statement, onAnswer });
    this.#path.ran(read.statements);
    if (asked !== "execute") this.#names.boundary();
  }

  /** `undefined`: none is needed. */
  #approval(asked: Runs, what: Ran, named: readonly string[]): undefined | Promise<Approved | Denial> {
    const decision = this.#session.decide(this.#asking(what.read.statements));
    return decision.allowed === "hold" ? this.#ask(asked, what, named, decision) : undefined;
  }

  async #ask(asked: Runs, what: Ran, named: readonly string[], decision: Held): Promise<Approved | Denial> {
    const { statements } = what.read;
    // Fails closed: its arguments are in no text that somebody could approve.
    if (asked === "function")
      return deny("not-supported", { rule: decision.rule, detail: "approving a function call outside of a statement" });
    this.#line.listen();
    const { sql, raw, parameterTypes } = what;
    const held = { sql, ...(raw && { parameters: raw }), ...(parameterTypes && { parameterTypes }) };
    if (asked === "execute" && this.#settings) {
      // It cannot be tried out on this connection now, and another has not the settings that this one has by now.
      const denial = deny("not-supported", {
        rule: decision.rule,
        detail: "approving a statement of the extended protocol after settings were changed",
      });
      return { ...denial, next: "the same as a simple query, or in a session that has set nothing" };
    }
    const line = asked === "query" ? { line: await this.#line.own() } : {};
    this.#count += 1;
    const refused = await this.#recordTrial(this.#count, what, asked);
    if (refused) return refused;
    if (this.#session.ended) return deny("grant-ended");
    const approved = await this.#line.holding.ask(held, statements, { rule: decision.rule, named, ...line });
    if ("allowed" in approved || asked === "query" || !isCompared(approved)) return approved;
    return (await this.#line.holding.stillHolds(approved)) ?? approved;
  }

  async #refuseOnRecord(asked: Runs | "parse", denial: Denial, what: Pick<Text, "sql" | "read">, name = ""): Promise<void> {
    await this.#session.note({
      ...this.#record.refused(denial, what),
      decision: "deny",
      ...(denial.rule !== undefined && { rule: denial.rule }),
    });
    this.#refuse(asked, denial, { name });
  }

  /** A statement whose turn did not come. */
  async turnAway(message: Buffer, { denial, fields }: { readonly denial: Denial; readonly fields?: ErrorFields }): Promise<void> {
    await this.#session.note({ ...this.#record.refused(denial), decision: "deny" });
    this.#refuse(message[0] === FRONTEND.query ? "query" : "execute", denial, fields && { fields });
  }

  #queryEnded(meaning: Meaning, how: Ending): void {
    meaning.ended(how);
    if (how !== "skipped") this.#names.endUnnamed();
  }

  /** Waits where a name may yet be one thing or another. `undefined`: the session is over. */
  async #settledMeaning(text: Text): Promise<Meaning | undefined> {
    let meaning: Meaning | undefined;
    while (meaning === undefined && !this.#session.ended) {
      await this.#answered();
      meaning = this.#names.meaning(text);
    }
    return meaning;
  }

  async #settled(message: Buffer, again: (message: Buffer) => Promise<void> | void): Promise<void> {
    const kept = Buffer.from(message);
    await this.#answered();
    if (!this.#session.ended) await again(kept);
  }

  /** The target keeps answers to itself until it is asked for them, or a Sync comes. */
  #answered(): Promise<void> {
    this.#forward(frontend.encodeFlush());
    return this.#pipeline.answered();
  }

  /**
   * Code can change how the target reads a text. It says so with ReadyForQuery: no text passes before, and the session
   * does not outlive one that matters.
   */
  #afterCode(): Promise<void> | undefined {
    return this.#behindCode ? this.#pipeline.answered() : undefined;
  }

  async #refuseBehindCode(asked: "query" | "parse", name = ""): Promise<void> {
    const denial = deny("not-supported", { detail: "a text behind DO or CALL in one pipeline: it needs a Sync between" });
    await this.#session.note({ ...this.#record.refused(denial), decision: "deny" });
    return this.#refuse(asked, denial, { name });
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
    const endsUnnamed = asked === "query" || asked === "function" || (asked === "parse" && more.name === "");
    const ended = (how: Ending): void => void (endsUnnamed && how === "failed" && this.#names.endUnnamed());
    this.#pipeline.asked({ asked, refusal: denial, ...(refusalMessage && { refusalMessage }), onAnswer: { ended } });
    if (asked === "parse") this.#forward(frontend.encodeParse(more.name ?? "", REFUSED_TEXT));
    else if (asked === "execute") this.#forward(frontend.encodeExecute(REFUSED_PORTAL));
    else this.#forward(frontend.encodeQuery(REFUSED_TEXT));
  }

  #pass(asked: "parse" | "bind" | "close" | "sync", message: Buffer, onAnswer?: Answering): undefined {
    this.#pipeline.asked({ asked, ...(onAnswer && { onAnswer }) });
    this.#forward(message);
  }
}

/** As a server answers Ctrl-C. */
const CANCELED: ErrorFields = { severity: "ERROR", code: "57014", message: "canceling statement due to user request" };
/** It would be tried out on a connection of the gate's own, with the settings that sessions begin with. */
const AFTER_SETTINGS: Preview = {
  possible: false,
  why: "this session has changed settings, and it came by the extended protocol; ask for it with a simple query",
};
const BESIDE = "It was tried out beside your transaction: what that has changed is not in it.";

const CHANGING_SETTINGS: ReadonlySet<string> = new Set(["session", "dcl", "function", "opaque"]);

/** SET LOCAL, LISTEN and others too: it is the session's own doing, and harmless to be wrong about. */
function mayChangeSettings({ classes, settings }: StatementFacts): boolean {
  return settings.length > 0 || classes.some((each) => CHANGING_SETTINGS.has(each));
}

function positionOf(position: number | undefined): { position?: number } {
  return position === undefined ? {} : { position };
}
