/** Second factors as every layer speaks of them: what was shown when, what is asked for, and whether the one meets the other. */
import { deny, type Denial } from "./result.ts";
import { formatDuration } from "./units.ts";

/** `recovery`: a one-time code from paper. `provider`: the identity provider says that it saw one. */
export type FactorKind = "passkey" | "totp" | "recovery" | "provider";

/** A second factor, and when it was last shown (epoch milliseconds). */
export interface ShownFactor {
  readonly kind: FactorKind;
  readonly at: number;
}

/** What would do. Stands in the refusal, so that a client can ask for it and try again. */
export interface StepUp {
  /** Any one of them. */
  readonly kinds: readonly FactorKind[];
  /** Shown no longer ago than this; absent: at any time since the login. */
  readonly withinMs?: number;
}

/** A recovery code stands in for any factor, where the kind does not matter. */
export const ANY_FACTOR: readonly FactorKind[] = ["passkey", "totp", "provider", "recovery"];

/** A factor from the future was shown by another clock; so much is rounding. */
const TOLERANCE_MS = 5000;

/** `undefined`: what was shown will do. `for`: what it is needed for, as a person reads it. */
export function requireFactor(
  { kinds, withinMs }: StepUp,
  shown: readonly ShownFactor[] | undefined,
  now: number,
  { for: what, rule }: { for: string; rule?: string },
): Denial | undefined {
  const fitting = (shown ?? []).filter((each) => kinds.includes(each.kind) && each.at <= now + TOLERANCE_MS);
  if (fitting.some(({ at }) => withinMs === undefined || now - at <= withinMs)) return undefined;
  const stepUp = withinMs === undefined ? { kinds } : { kinds, withinMs };
  const within = withinMs === undefined ? "" : ` within the last ${formatDuration(withinMs)}`;
  const detail = `${what} takes ${inWords(kinds)}, shown${within || " with this login"}`;
  return deny(fitting.length === 0 ? "second-factor-needed" : "step-up-needed", { detail, stepUp, ...(rule !== undefined && { rule }) });
}

const WORDS: Readonly<Record<FactorKind, string>> = {
  passkey: "a passkey",
  totp: "a code from an authenticator app",
  provider: "a second factor at the identity provider",
  recovery: "a recovery code",
};

function inWords(kinds: readonly FactorKind[]): string {
  if (ANY_FACTOR.every((kind) => kinds.includes(kind))) return "a second factor";
  return kinds.map((kind) => WORDS[kind]).join(" or ");
}
