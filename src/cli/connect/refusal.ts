/** What went wrong before a connection stood, as every client of PostgreSQL shows it: message, SQLSTATE, hint. */
import { ProblemError } from "../../contract/problem.ts";
import { asGateError, ERRORS, type ErrorCode } from "../../kernel/errors.ts";
import { encodeErrorResponse } from "../../wire/postgres/backend.ts";
import { safeLine } from "../safe-text.ts";

/** PostgreSQL's appendix A. Everything else is a connection that was turned down. */
const SQLSTATE: Partial<Record<ErrorCode, string>> = {
  "not-authenticated": "28P01",
  "protocol-error": "08P01",
  "not-supported": "0A000",
  "too-many-connections": "53300",
  "gate-unreachable": "08006",
  timeout: "08006",
};
const REJECTED = "08004";
/** Of what is refused at the door itself, where the registry speaks of the gate. */
const HINT: Partial<Record<ErrorCode, string>> = {
  "not-authenticated": "It is printed by `sallyport connect`, and is another one each time that starts",
};

export function encodeFailure(thrown: unknown): { readonly bytes: Buffer; readonly reason: string } {
  const error = asGateError(thrown);
  // Untrusted: the words of a problem document are the gate's.
  const reason = safeLine(`${error.message} [${error.code}]`);
  const hint = safeLine(thrown instanceof ProblemError ? thrown.problem.next : (HINT[error.code] ?? ERRORS[error.code].hint));
  const code = SQLSTATE[error.code] ?? REJECTED;
  return { bytes: encodeErrorResponse({ severity: "FATAL", code, message: `sallyport: ${reason}`, hint }), reason };
}
