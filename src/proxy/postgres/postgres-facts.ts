/** From PostgreSQL's messages to what policy decides on and the log keeps. Pure. */
import type { AuditEvent } from "../../audit/event.ts";
import type { SqlParameter, StatementBody } from "../../audit/events/sql.ts";
import type { Denial } from "../../kernel/result.ts";
import type { StatementFacts } from "../../policy/sql/statement.ts";
import type { Bind } from "../../wire/postgres/frontend.ts";

const MAX_PARAMETERS = 100;
const MAX_PARAMETER_BYTES = 1024;
const MAX_STATEMENT_CHARACTERS = 64 * 1024;

/** Of a portal, as they are recorded: no more is kept of them. */
export interface Parameters {
  readonly shown: readonly SqlParameter[];
  readonly leftOut: number;
  /** What keeping them takes. */
  readonly bytes: number;
}

export function parametersOf(parameters: Bind["parameters"]): Parameters {
  const first = parameters.slice(0, MAX_PARAMETERS);
  const bytes = first.reduce((sum, { value }) => sum + 64 + 2 * Math.min(value?.length ?? 0, MAX_PARAMETER_BYTES), 0);
  return { shown: first.map(parameterOf), leftOut: parameters.length - first.length, bytes };
}

export function statementEvent(number: number, statement: string, facts: readonly StatementFacts[], parameters?: Parameters): AuditEvent {
  const body: StatementBody = {
    number,
    statement: statement.slice(0, MAX_STATEMENT_CHARACTERS),
    protocol: parameters === undefined ? "simple" : "extended",
    classes: unique(facts.flatMap(({ classes }) => classes)),
    relations: unique(
      facts.flatMap(({ relations }) => relations.map(({ name, access }) => (access === "write" ? `${name} (write)` : name))),
    ),
    functions: unique(facts.flatMap(({ functions }) => functions)),
    ...(parameters !== undefined && { parameters: parameters.shown }),
    ...(parameters !== undefined && parameters.leftOut > 0 && { parametersLeftOut: parameters.leftOut }),
  };
  return { kind: "sql.statement", body };
}

export function refusedEvent(statement: string | undefined, denial: Denial): AuditEvent {
  const body = { code: denial.code, detail: denial.detail ?? "" };
  return {
    kind: "sql.refused",
    body: { ...body, ...(statement !== undefined && { statement: statement.slice(0, MAX_STATEMENT_CHARACTERS) }) },
  };
}

function parameterOf({ binary, value }: Bind["parameters"][number]): SqlParameter {
  if (value === null) return null;
  const kept = value.subarray(0, MAX_PARAMETER_BYTES);
  if (binary) return { base64: kept.toString("base64") };
  const text = kept.toString("utf8");
  return value.length > MAX_PARAMETER_BYTES ? { text, bytes: value.length } : text;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
