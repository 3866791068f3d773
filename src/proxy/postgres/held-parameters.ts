import type { Bind } from "../../wire/postgres/frontend.ts";

/** What an approver sees of each. */
const SHOWN_BYTES = 1024;

/** Parameters as somebody can read them. */
export function parametersAsText(parameters: Bind["parameters"] | undefined): { parameters?: readonly string[] } {
  if (parameters === undefined || parameters.length === 0) return {};
  return {
    parameters: parameters.map(({ binary, value }) => {
      if (value === null) return "NULL";
      const shown = value.subarray(0, SHOWN_BYTES);
      const more = value.length > SHOWN_BYTES ? ` … (${value.length} bytes)` : "";
      return binary ? `\\x${shown.toString("hex")}${more}` : `${shown.toString("utf8")}${more}`;
    }),
  };
}
