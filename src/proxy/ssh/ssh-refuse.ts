/**
 * How a refusal looks to an SSH client: the text that ssh, scp and BatchMode all print, and the reason code of the
 * DISCONNECT (RFC 4253 §11.1) or of the failed channel (RFC 4254 §5.1). The table has a row for every code of the
 * registry: a new one does not compile until its row is written.
 */
import { ERRORS, type ErrorCode } from "../../kernel/errors.ts";
import { plainText } from "../../kernel/plain-text.ts";
import type { Denial } from "../../kernel/result.ts";

/** SSH_DISCONNECT_* */
const HOST_NOT_ALLOWED = 1;
const PROTOCOL_ERROR = 2;
const SERVICE_NOT_AVAILABLE = 7;
const HOST_KEY_NOT_VERIFIABLE = 9;
const CONNECTION_LOST = 10;
const BY_APPLICATION = 11;
const TOO_MANY_CONNECTIONS = 12;
const NO_MORE_AUTH_METHODS = 14;

const DISCONNECT_REASON = {
  "bad-request": BY_APPLICATION,
  "bad-config": SERVICE_NOT_AVAILABLE,
  "not-authenticated": NO_MORE_AUTH_METHODS,
  "provider-unreachable": SERVICE_NOT_AVAILABLE,
  "provider-refused": NO_MORE_AUTH_METHODS,
  "workload-refused": NO_MORE_AUTH_METHODS,
  "provider-ended": NO_MORE_AUTH_METHODS,
  "no-account": NO_MORE_AUTH_METHODS,
  "login-lapsed": NO_MORE_AUTH_METHODS,
  "token-expired": NO_MORE_AUTH_METHODS,
  "not-permitted": BY_APPLICATION,
  "second-factor-needed": BY_APPLICATION,
  "step-up-needed": BY_APPLICATION,
  "wrong-address": BY_APPLICATION,
  "factor-refused": BY_APPLICATION,
  "no-grant": BY_APPLICATION,
  "several-grants": BY_APPLICATION,
  "no-rule": BY_APPLICATION,
  "role-denies": BY_APPLICATION,
  "not-approved": BY_APPLICATION,
  masked: BY_APPLICATION,
  "not-supported": BY_APPLICATION,
  "own-request": BY_APPLICATION,
  "not-approver": BY_APPLICATION,
  "review-overdue": BY_APPLICATION,
  locked: BY_APPLICATION,
  "gate-locked": SERVICE_NOT_AVAILABLE,
  "clock-behind": SERVICE_NOT_AVAILABLE,
  "grant-ended": BY_APPLICATION,
  "grant-revoked": BY_APPLICATION,
  "grant-narrowed": BY_APPLICATION,
  "session-killed": BY_APPLICATION,
  "no-moderator": BY_APPLICATION,
  "idle-timeout": BY_APPLICATION,
  "budget-used-up": BY_APPLICATION,
  "limit-reached": BY_APPLICATION,
  "too-many-sessions": TOO_MANY_CONNECTIONS,
  "too-many-connections": TOO_MANY_CONNECTIONS,
  "too-many-attempts": HOST_NOT_ALLOWED,
  "rate-limited": TOO_MANY_CONNECTIONS,
  "log-unavailable": SERVICE_NOT_AVAILABLE,
  "recording-unavailable": SERVICE_NOT_AVAILABLE,
  "disk-reserve": SERVICE_NOT_AVAILABLE,
  "store-unavailable": SERVICE_NOT_AVAILABLE,
  "data-dir-locked": SERVICE_NOT_AVAILABLE,
  conflict: BY_APPLICATION,
  "wrong-state": BY_APPLICATION,
  "not-found": BY_APPLICATION,
  "already-exists": BY_APPLICATION,
  "target-unreachable": CONNECTION_LOST,
  "target-untrusted": HOST_KEY_NOT_VERIFIABLE,
  "target-refused": CONNECTION_LOST,
  "file-denied": BY_APPLICATION,
  "file-failed": BY_APPLICATION,
  "protocol-error": PROTOCOL_ERROR,
  timeout: BY_APPLICATION,
  "gate-stopping": SERVICE_NOT_AVAILABLE,
  "gate-unreachable": SERVICE_NOT_AVAILABLE,
  "cannot-listen": SERVICE_NOT_AVAILABLE,
  "key-store-unavailable": SERVICE_NOT_AVAILABLE,
  "too-large": BY_APPLICATION,
  "too-slow": BY_APPLICATION,
  "wrong-host": BY_APPLICATION,
  "wrong-origin": BY_APPLICATION,
  "store-newer": SERVICE_NOT_AVAILABLE,
  "log-damaged": SERVICE_NOT_AVAILABLE,
  "bad-master-key": SERVICE_NOT_AVAILABLE,
  "bad-backup": BY_APPLICATION,
  internal: SERVICE_NOT_AVAILABLE,
} as const satisfies Record<ErrorCode, number>;

export function disconnectReason(code: ErrorCode): number {
  return DISCONNECT_REASON[code];
}

/** `sallyport: <what>: <detail> [code]`, then what to do next; lines end in CR LF as terminals in raw mode need them. */
export function refusalText(denial: Denial): string {
  const { code, next } = denial;
  return `${refusalLine(denial)}\r\nsallyport: ${next === undefined ? ERRORS[code].hint : `try: ${plainText(next)}`}\r\n`;
}

/** One line, for the places where the protocol has room for one: DISCONNECT descriptions, failed channels. */
export function refusalLine({ code, detail }: Denial): string {
  return `sallyport: ${ERRORS[code].text}${detail === undefined ? "" : `: ${plainText(detail)}`} [${code}]`;
}
