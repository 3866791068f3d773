import type { ErrorCode } from "./errors.ts";
import type { StepUp } from "./step-up.ts";

/** A refusal as a value: what was not allowed, by which rule, and what would allow it. */
export interface Denial {
  readonly allowed: false;
  readonly code: ErrorCode;
  /** Safe to show to the user; adds to the registered text of the code. */
  readonly detail?: string;
  /** Name of the rule, lock, role entry… that decided. */
  readonly rule?: string;
  /** The command that would ask for what is missing, where one exists. */
  readonly next?: string;
  /** Of `second-factor-needed` and `step-up-needed`: what to show before trying again. */
  readonly stepUp?: StepUp;
}

export function deny(code: ErrorCode, more: Omit<Denial, "allowed" | "code"> = {}): Denial {
  return { allowed: false, code, ...more };
}
