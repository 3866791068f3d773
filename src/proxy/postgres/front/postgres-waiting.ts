/**
 * Kept waiting while a request is decided: for people whose password is for a request. They have said who they are and
 * hold no place of strangers; how many of theirs wait, and for how long, is bounded by `Waiting`.
 *
 * A client of PostgreSQL shows what it is told only behind AuthenticationOk, so that is sent before the wait: it says
 * that the password was right, which it was. What follows it, a ready session or a FATAL error, is the answer.
 */
import type { AccessRequest } from "../../../access/model.ts";
import type { GrantId, PrincipalName, RequestId } from "../../../kernel/ids.ts";
import type { Denial } from "../../../kernel/result.ts";
import { encodeAuthenticationOk, encodeNoticeResponse } from "../../../wire/postgres/backend.ts";
import { noticeEnd } from "../../../wire/postgres/read.ts";
import type { Wire } from "../wire.ts";

export interface WaitingDeps {
  forGrant(id: RequestId, person: PrincipalName, signal: AbortSignal, onWait: (request: AccessRequest) => void): Promise<GrantId | Denial>;
  /** Who could approve. */
  approvers(request: AccessRequest): readonly string[];
}

/** SQLSTATE: successful_completion, as of PostgreSQL's own notices. */
const NO_ERROR = "00000";

/** `isGreeted`: AuthenticationOk is sent already. */
export async function waitForGrant(
  wire: Wire,
  request: RequestId,
  person: PrincipalName,
  deps: WaitingDeps,
): Promise<{ readonly grant: GrantId | Denial; readonly isGreeted: boolean }> {
  let isGreeted = false;
  const gone = new AbortController();
  using _noticing = noticeEnd(wire, () => gone.abort());
  const grant = await deps.forGrant(request, person, gone.signal, (asked) => {
    isGreeted = true;
    const approvers = deps.approvers(asked).join(", ") || "nobody who could approve it";
    const message = `sallyport: request ${asked.id} is with ${approvers}; waiting for the answer`;
    wire.write(Buffer.concat([encodeAuthenticationOk(), encodeNoticeResponse({ severity: "NOTICE", code: NO_ERROR, message })]));
  });
  return { grant, isGreeted };
}
