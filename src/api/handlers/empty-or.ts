import { isRefusal, type Refusal } from "../handler.ts";

/** Nothing to show but that it was done, or why not. */
export function emptyOr(result: unknown): Refusal | undefined {
  return isRefusal(result) ? result : undefined;
}
