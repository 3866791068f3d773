/** Texts that ask the gate for a preview. Pure. */
import { deny, type Denial } from "../kernel/result.ts";
import { PREVIEW_FUNCTION, requestInComment } from "../policy/sql/preview-request.ts";
import type { StatementFacts } from "../policy/sql/statement.ts";

/** `undefined`: it asks for none. The text that is to be tried out. */
export function previewAsked(sql: string, statements: readonly StatementFacts[]): string | Denial | undefined {
  const [only, second] = statements;
  if (only?.previewOf !== undefined && second === undefined) return only.previewOf;
  if (statements.some(({ functions }) => functions.includes(PREVIEW_FUNCTION)))
    return deny("not-supported", { detail: `${PREVIEW_FUNCTION} in anything but a statement of its own, with the text written out` });
  const request = requestInComment(sql);
  if (typeof request === "object") return deny("bad-request", { detail: request.refused });
  return request && sql;
}
