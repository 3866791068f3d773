/** A second factor for somebody whose client waits, for any protocol: codes typed at its prompt, or a passkey on a page of the gate. */
import type { Authenticated } from "../identity/model.ts";
import type { Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import type { FactorKind, ShownFactor } from "../kernel/step-up.ts";

/** A page where a passkey is shown for whoever waits. */
export interface StepUpPage extends Disposable {
  readonly url: string;
  /** What counts from then on, or why nothing does. */
  readonly shown: Promise<readonly ShownFactor[] | Denial>;
}

export interface StepUpWays {
  /** Which of these kinds the person could show at a prompt. */
  readonly kindsAt: (by: Authenticated, wanted: readonly FactorKind[]) => Promise<readonly FactorKind[]>;
  /** What counts from then on. */
  readonly showCode: (by: Authenticated, kind: "totp" | "recovery", code: Secret) => Promise<readonly ShownFactor[] | Denial>;
  /** `what` it is for, as its page says. The caller disposes of it when whoever waits goes. */
  readonly openPage: (by: Authenticated, what: string) => StepUpPage | Denial;
}

/** `a session on "web-1"`, of a refusal that a second factor would have spared. */
export function whatFor({ detail = "" }: Denial): string {
  return detail.split(" takes ")[0] ?? "";
}
