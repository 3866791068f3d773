import { GateError } from "../../kernel/errors.ts";

/** Why an anchor failed, for the log: our own words, or the system's code; never a foreign message, which could quote a URL. */
export function failureText(thrown: unknown): string {
  if (thrown instanceof GateError) return thrown.message;
  if (!(thrown instanceof Error)) return "it failed";
  if (thrown.name === "TimeoutError") return "no answer in time";
  // `fetch` keeps what happened in the cause.
  const code = codeOf(thrown) ?? codeOf(thrown.cause);
  return code === undefined ? "it failed" : `it failed with ${code}`;
}

function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}
