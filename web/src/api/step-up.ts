/** Calls that take a second factor: whoever calls is asked for it, and the call is made again. */
import { createContext } from "react";
import { ProblemError } from "./problem.ts";

/** Resolves once a factor was shown; to `false` when the person would rather not. */
export type AskFactor = (needed: ProblemError) => Promise<boolean>;

export const AskFactorContext = createContext<AskFactor | undefined>(undefined);

const CODES = new Set(["step-up-needed", "second-factor-needed"]);

export async function withStepUp<T>(make: () => Promise<T>, ask: AskFactor | undefined): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || !CODES.has(thrown.code) || ask === undefined) throw thrown;
    if (!(await ask(thrown))) throw thrown;
    // Once: what is still not enough is said to the person.
    return await make();
  }
}
