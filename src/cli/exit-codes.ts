/** Exit statuses: documented by `sallyport help exit-codes`, relied upon by scripts. `sallyport ssh` passes on what ssh says. */
import { ERRORS, type ErrorCode } from "../kernel/errors.ts";

export const EXIT = { ok: 0, failure: 1, usage: 2, denied: 3, notAuthenticated: 4, notFound: 5, unreachable: 6, notVerified: 7 } as const;

export const EXIT_MEANING: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT.ok, "done"],
  [EXIT.failure, "failed; the message says what and what next"],
  [EXIT.usage, "the command line or the request is not valid"],
  [EXIT.denied, "denied: a rule, a role, a lock or an approver said no"],
  [EXIT.notAuthenticated, "not logged in, or the token has expired"],
  [EXIT.notFound, "no such thing, or you may not see it"],
  [EXIT.unreachable, "the gate cannot be reached"],
  [EXIT.notVerified, "verification found the record altered, or a host not set up as it must be"],
];

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  "gate-unreachable": EXIT.unreachable,
  "bad-config": EXIT.failure,
  "protocol-error": EXIT.failure,
};

export function exitCodeOf(code: ErrorCode): number {
  const special = BY_CODE[code];
  if (special !== undefined) return special;
  switch (ERRORS[code].status) {
    case 400:
      return EXIT.usage;
    case 401:
      return EXIT.notAuthenticated;
    case 403:
      return EXIT.denied;
    case 404:
      return EXIT.notFound;
    default:
      return EXIT.failure;
  }
}
