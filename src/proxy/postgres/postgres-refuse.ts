/**
 * How a refusal looks to a PostgreSQL client: an ErrorResponse with an SQLSTATE that drivers know what to do with, our
 * code in the message, and what to do next as the hint. The table has a row for every code of the registry: a new one
 * does not compile until its row is written.
 */
import { ERRORS, type ErrorCode } from "../../kernel/errors.ts";
import { plainText } from "../../kernel/plain-text.ts";
import type { Denial } from "../../kernel/result.ts";
import { encodeErrorResponse, type ErrorFields } from "../../wire/postgres/backend.ts";

/** PostgreSQL's appendix A. */
const INVALID_AUTHORIZATION = "28000";
const INVALID_PASSWORD = "28P01";
const INSUFFICIENT_PRIVILEGE = "42501";
const FEATURE_NOT_SUPPORTED = "0A000";
const PROTOCOL_VIOLATION = "08P01";
const CONNECTION_FAILURE = "08006";
const CONNECTION_REJECTED = "08004";
const TOO_MANY_CONNECTIONS = "53300";
const OUT_OF_RESOURCES = "53000";
const DISK_FULL = "53100";
export const LIMIT_EXCEEDED = "54000";
export const QUERY_CANCELED = "57014";
const ADMIN_SHUTDOWN = "57P01";
const CANNOT_CONNECT_NOW = "57P03";
const IDLE_SESSION_TIMEOUT = "57P05";
const CONFIGURATION_ERROR = "F0000";
const INTERNAL_ERROR = "XX000";
const SYSTEM_ERROR = "58000";
const NOT_IN_STATE = "55000";

const SQLSTATE = {
  "bad-request": PROTOCOL_VIOLATION,
  "bad-config": CONFIGURATION_ERROR,
  "not-authenticated": INVALID_PASSWORD,
  "provider-unreachable": CANNOT_CONNECT_NOW,
  "provider-refused": INVALID_AUTHORIZATION,
  "workload-refused": INVALID_AUTHORIZATION,
  "provider-ended": ADMIN_SHUTDOWN,
  "no-account": INVALID_AUTHORIZATION,
  "login-lapsed": INVALID_AUTHORIZATION,
  "token-expired": INVALID_PASSWORD,
  "not-permitted": INSUFFICIENT_PRIVILEGE,
  "second-factor-needed": INVALID_AUTHORIZATION,
  "step-up-needed": INVALID_AUTHORIZATION,
  "wrong-address": INVALID_AUTHORIZATION,
  "factor-refused": INVALID_AUTHORIZATION,
  "no-grant": INVALID_AUTHORIZATION,
  "several-grants": INVALID_AUTHORIZATION,
  "no-rule": INVALID_AUTHORIZATION,
  "role-denies": INSUFFICIENT_PRIVILEGE,
  "not-approved": INSUFFICIENT_PRIVILEGE,
  masked: INSUFFICIENT_PRIVILEGE,
  "not-supported": FEATURE_NOT_SUPPORTED,
  "file-denied": FEATURE_NOT_SUPPORTED,
  "file-failed": FEATURE_NOT_SUPPORTED,
  "own-request": INVALID_AUTHORIZATION,
  "not-approver": INVALID_AUTHORIZATION,
  "review-overdue": INVALID_AUTHORIZATION,
  locked: INVALID_AUTHORIZATION,
  "gate-locked": CANNOT_CONNECT_NOW,
  "clock-behind": CANNOT_CONNECT_NOW,
  "grant-ended": ADMIN_SHUTDOWN,
  "grant-revoked": ADMIN_SHUTDOWN,
  "grant-narrowed": ADMIN_SHUTDOWN,
  "session-killed": ADMIN_SHUTDOWN,
  "no-moderator": ADMIN_SHUTDOWN,
  "idle-timeout": IDLE_SESSION_TIMEOUT,
  "budget-used-up": ADMIN_SHUTDOWN,
  "limit-reached": LIMIT_EXCEEDED,
  "too-many-sessions": TOO_MANY_CONNECTIONS,
  "too-many-connections": TOO_MANY_CONNECTIONS,
  "too-many-attempts": TOO_MANY_CONNECTIONS,
  "rate-limited": TOO_MANY_CONNECTIONS,
  "log-unavailable": SYSTEM_ERROR,
  "recording-unavailable": SYSTEM_ERROR,
  "disk-reserve": DISK_FULL,
  "store-unavailable": SYSTEM_ERROR,
  "data-dir-locked": CANNOT_CONNECT_NOW,
  conflict: NOT_IN_STATE,
  "wrong-state": NOT_IN_STATE,
  "not-found": INVALID_AUTHORIZATION,
  "already-exists": NOT_IN_STATE,
  "target-unreachable": CONNECTION_FAILURE,
  "target-untrusted": CONNECTION_REJECTED,
  "target-refused": CONNECTION_REJECTED,
  "protocol-error": PROTOCOL_VIOLATION,
  timeout: CONNECTION_FAILURE,
  "gate-stopping": ADMIN_SHUTDOWN,
  "gate-unreachable": CONNECTION_FAILURE,
  "cannot-listen": CANNOT_CONNECT_NOW,
  "key-store-unavailable": CANNOT_CONNECT_NOW,
  "too-large": LIMIT_EXCEEDED,
  "too-slow": OUT_OF_RESOURCES,
  "wrong-host": INVALID_AUTHORIZATION,
  "wrong-origin": INVALID_AUTHORIZATION,
  "store-newer": CONFIGURATION_ERROR,
  "log-damaged": SYSTEM_ERROR,
  "bad-master-key": CONFIGURATION_ERROR,
  "bad-backup": CONFIGURATION_ERROR,
  internal: INTERNAL_ERROR,
} as const satisfies Record<ErrorCode, string>;

/** Where the registry's hint speaks of another door. */
const HINT: Partial<Record<ErrorCode, string>> = {
  "not-authenticated": "`sallyport psql` connects with a password of minutes; `sallyport psql --print` shows one",
};

/** As a server answers Ctrl-C. */
export const CANCELED: ErrorFields = { severity: "ERROR", code: QUERY_CANCELED, message: "canceling statement due to user request" };

/** `FATAL` ends the connection, `ERROR` the statement and, as PostgreSQL does, the transaction it is in. */
export function encodeRefusal({ code, detail, next }: Denial, severity: "ERROR" | "FATAL"): Buffer {
  return encodeErrorResponse({
    severity,
    code: SQLSTATE[code],
    message: `sallyport: ${ERRORS[code].text}${detail === undefined ? "" : `: ${plainText(detail)}`} [${code}]`,
    hint: next === undefined ? (HINT[code] ?? ERRORS[code].hint) : `Try: ${plainText(next)}`,
  });
}
