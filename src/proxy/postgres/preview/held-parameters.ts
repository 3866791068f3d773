import type { Bind } from "../../../wire/postgres/frontend.ts";

/** What an approver sees: of how many, and of each. */
const SHOWN = 100;
const SHOWN_BYTES = 1024;

/** Parameters as somebody can read them. */
export function parametersAsText(parameters: Bind["parameters"] = []): { parameters?: readonly string[] } {
  if (parameters.length === 0) return {};
  const left = parameters.length - SHOWN;
  return { parameters: [...parameters.slice(0, SHOWN).map(asText), ...(left > 0 ? [`… and ${left} more`] : [])] };
}

function asText({ binary, value }: Bind["parameters"][number]): string {
  if (value === null) return "NULL";
  const shown = value.subarray(0, SHOWN_BYTES);
  const more = value.length > SHOWN_BYTES ? ` … (${value.length} bytes)` : "";
  return binary ? `\\x${shown.toString("hex")}${more}` : `${shown.toString("utf8")}${more}`;
}
