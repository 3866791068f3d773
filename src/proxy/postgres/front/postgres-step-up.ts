/**
 * Kept waiting until a passkey was shown on a page of the gate: for people who have one, where the target or the role takes a second
 * factor that their login has not shown. As with a request that is decided, what says so comes behind AuthenticationOk.
 */
import type { Authenticated } from "../../../identity/model.ts";
import type { Denial } from "../../../kernel/result.ts";
import { whatFor, type StepUpWays } from "../../../session/step-up.ts";
import { encodeAuthenticationOk, encodeNoticeResponse } from "../../../wire/postgres/backend.ts";
import { noticeEnd } from "../../../wire/postgres/read.ts";
import type { Wire } from "../wire.ts";

/** SQLSTATE: successful_completion, as of PostgreSQL's own notices. */
const NO_ERROR = "00000";

/** The same person with what they have shown, or the refusal. `isGreeted`: AuthenticationOk is sent already, before and after. */
export async function waitForPasskey(
  wire: Wire,
  by: Authenticated,
  refused: Denial,
  ways: StepUpWays,
  isGreeted: boolean,
): Promise<{ readonly login: Authenticated | Denial; readonly isGreeted: boolean }> {
  const wanted = (refused.stepUp?.kinds ?? []).filter((kind) => kind === "passkey");
  if ((await ways.kindsAt(by, wanted)).length === 0) return { login: refused, isGreeted };
  const page = ways.openPage(by, whatFor(refused));
  if ("allowed" in page) return { login: page, isGreeted };
  using _page = page;
  const { promise: left, resolve: leave } = Promise.withResolvers<Denial>();
  using _noticing = noticeEnd(wire, () => leave(refused));
  const message = `sallyport: ${refused.detail ?? ""}; show your passkey at ${page.url}, this waits for it`;
  const notice = encodeNoticeResponse({ severity: "NOTICE", code: NO_ERROR, message });
  wire.write(isGreeted ? notice : Buffer.concat([encodeAuthenticationOk(), notice]));
  const shown = await Promise.race([page.shown, left]);
  return { login: "allowed" in shown ? shown : { ...by, factors: shown }, isGreeted: true };
}
