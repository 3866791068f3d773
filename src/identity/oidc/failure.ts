import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from "openid-client";
import { GateError } from "../../kernel/errors.ts";

/** Where in talking to a provider something went wrong. */
export type Stage = "discovery" | "login" | "again";

/**
 * What a failure of `openid-client` means. Its messages may quote what the provider sent, so none is passed on: only its
 * codes, which are words of specifications.
 */
export function asProviderError(thrown: unknown, stage: Stage): GateError {
  const own = ownIn(thrown);
  if (own) return own;
  if (stage === "again" && saysEnded(thrown)) return new GateError("provider-ended", undefined, { cause: thrown });
  const word = wordOf(thrown);
  if (stage !== "login" || isUnreachable(thrown)) return new GateError("provider-unreachable", word, { cause: thrown });
  return new GateError("provider-refused", word, { cause: thrown });
}

/** What our own fetch threw, which the library may have wrapped. */
function ownIn(thrown: unknown, depth = 0): GateError | undefined {
  if (thrown instanceof GateError) return thrown;
  return thrown instanceof Error && depth < 4 ? ownIn(thrown.cause, depth + 1) : undefined;
}

/** RFC 6749 §5.2: the grant is invalid, expired or revoked; RFC 6750 §3.1: so is what was made of it. */
function saysEnded(thrown: unknown): boolean {
  if (thrown instanceof ResponseBodyError) return thrown.error === "invalid_grant";
  return thrown instanceof WWWAuthenticateChallengeError && thrown.cause.some(({ parameters }) => parameters["error"] === "invalid_token");
}

function isUnreachable(thrown: unknown): boolean {
  if (thrown instanceof ResponseBodyError) return thrown.status >= 500;
  if (thrown instanceof AuthorizationResponseError || thrown instanceof WWWAuthenticateChallengeError) return false;
  return !(thrown instanceof ClientError) || thrown.code === "OAUTH_TIMEOUT" || thrown.code === "OAUTH_RESPONSE_IS_NOT_CONFORM";
}

/** `undefined`: nothing that can be shown. */
function wordOf(thrown: unknown): string | undefined {
  if (thrown instanceof ResponseBodyError || thrown instanceof AuthorizationResponseError) return shown(thrown.error);
  const { code, cause } = thrown as { code?: unknown; cause?: { code?: unknown; name?: unknown } };
  if (thrown instanceof Error && thrown.name === "TimeoutError") return "no answer in time";
  return shown(code) ?? shown(cause?.code);
}

function shown(word: unknown): string | undefined {
  return typeof word === "string" && /^[A-Za-z0-9_.-]{1,64}$/.test(word) ? word : undefined;
}
