/**
 * What of one connection goes into the record: events by the role's rule of this moment, and what the rule has to know
 * of statements before. Decides nothing, forwards nothing.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { KeyedDigest } from "../../audit/keyed-digest.ts";
import type { Recorder } from "../../audit/recording/recorder.ts";
import type { HoldId } from "../../kernel/ids.ts";
import type { Denial } from "../../kernel/result.ts";
import type { SqlRecording } from "../../policy/role.ts";
import type { LimitedSql, ParsedSql, StatementFacts } from "../../policy/sql/statement.ts";
import {
  parametersOf,
  refusedEvent,
  ruleFor,
  statementEvent,
  unreadEvent,
  type Parameters,
  type RecordRule,
} from "../../session/statement-record.ts";
import { ResultRecord } from "./relay/postgres-results.ts";
import type { Bind } from "../../wire/postgres/frontend.ts";

/** Of a LiveSession. */
export interface RecordedSession {
  readonly recorder: Pick<Recorder, "output">;
  sqlRecording(): SqlRecording;
}

export interface ReadText {
  readonly sql: string;
  readonly read: { readonly statements: readonly StatementFacts[]; readonly limited?: LimitedSql };
}

export class PostgresRecord {
  readonly #session: RecordedSession;
  readonly #digest: KeyedDigest;
  /** `PREPARE … INSERT INTO users (password) …` was among them: what EXECUTE is given does not say what it is for. */
  #preparedSecret = false;
  #count = 0;

  constructor(session: RecordedSession, digest: KeyedDigest) {
    this.#session = session;
    this.#digest = digest;
  }

  /** Of what runs or is tried out next on this connection, by which its events are found together. */
  nextNumber(): number {
    this.#count += 1;
    return this.#count;
  }

  parameters(values: Bind["parameters"], text: ReadText): Parameters {
    return parametersOf(values, this.#ruleFor(text));
  }

  /** `named`: the texts that it runs by name; `hold`: what it waited as. */
  statement(number: number, text: ReadText, parameters?: Parameters, named: readonly string[] = [], hold?: HoldId): AuditEvent {
    const rule = this.#ruleFor(text);
    if (text.read.statements.some(({ kind, secret }) => secret && kind === "PrepareStmt")) this.#preparedSecret = true;
    return statementEvent(number, text.sql, text.read.statements, rule, parameters, { limited: text.read.limited, named, hold });
  }

  /** Before it is tried out for who asks. */
  preview(number: number, text: ReadText, parameters?: Parameters): AuditEvent {
    return statementEvent(number, text.sql, text.read.statements, this.#ruleFor(text), parameters, { isPreview: true });
  }

  refused(denial: Denial, text?: ReadText): AuditEvent {
    return refusedEvent(denial, text && { sql: text.sql, facts: text.read.statements, rule: this.#ruleFor(text) });
  }

  unread(denial: Denial, sql: string, read: Exclude<ParsedSql, { ok: true }>): AuditEvent {
    return unreadEvent(denial, sql, read, this.#rule());
  }

  get keepsResults(): boolean {
    return this.#session.sqlRecording().results === "full";
  }

  /** Where what a statement gives back is recorded; `undefined`: nowhere. `bound`: of a portal. */
  results(number: number, bound?: ConstructorParameters<typeof ResultRecord>[2]): ResultRecord | undefined {
    return this.keepsResults ? new ResultRecord(this.#session.recorder, number, bound) : undefined;
  }

  /** Whether the words of an error may be recorded: they quote values. */
  keepsErrors(text: ReadText): boolean {
    return this.#ruleFor(text).literals === "keep";
  }

  #rule(): RecordRule {
    return { ...this.#session.sqlRecording(), digest: this.#digest };
  }

  #ruleFor({ sql, read: { statements } }: ReadText): RecordRule {
    const rule = ruleFor(this.#rule(), sql, statements);
    const mayRunSecret = this.#preparedSecret && statements.some(({ classes }) => classes.includes("opaque"));
    return mayRunSecret ? { ...rule, literals: "redact", parameters: "redact" } : rule;
  }
}
