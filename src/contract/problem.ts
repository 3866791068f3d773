/** Problem documents (RFC 9457): how every refusal and failure looks over HTTP, and how the client reads it back. */
import { z } from "zod";
import { ERRORS, GateError, type ErrorCode } from "../kernel/errors.ts";
import type { Denial } from "../kernel/result.ts";

export const PROBLEM_TYPE = "application/problem+json";

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().exactOptional(),
  /** Code of the error registry. */
  code: z.string(),
  /** What would allow it, or what to do next. */
  next: z.string(),
  /** Rule, lock or role entry that decided. */
  rule: z.string().exactOptional(),
  /** Of `second-factor-needed` and `step-up-needed`: what to show before trying again. */
  stepUp: z.object({ kinds: z.array(z.string()), withinMs: z.number().int().nonnegative().exactOptional() }).exactOptional(),
  /** Id of the request, as the gate's log has it. */
  instance: z.string().exactOptional(),
  /** Of a request that is not valid: every problem with its place. */
  errors: z.array(z.object({ at: z.string(), message: z.string() })).exactOptional(),
});

export type Problem = z.output<typeof problem>;

type Refusal = { readonly code: ErrorCode } & Partial<Omit<Denial, "allowed" | "code">> & Pick<Problem, "errors" | "instance">;

export function encodeProblem({ code, detail, rule, next, stepUp, errors, instance }: Refusal): Problem {
  const { status, text, hint } = ERRORS[code];
  return {
    type: `urn:sallyport:problem:${code}`,
    title: text,
    status,
    ...(detail !== undefined && { detail }),
    code,
    next: next ?? hint,
    ...(rule !== undefined && { rule }),
    ...(stepUp !== undefined && { stepUp: { ...stepUp, kinds: [...stepUp.kinds] } }),
    ...(instance !== undefined && { instance: `urn:sallyport:request:${instance}` }),
    ...(errors !== undefined && { errors }),
  };
}

/** A GateError as the gate answered it, with the same code. */
export class ProblemError extends GateError {
  readonly problem: Problem;

  constructor(code: ErrorCode, problem: Problem) {
    super(code, problem.detail);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

/** Untrusted: whatever came with an error status. A code this client does not know becomes the one nearest to the status. */
export function parseProblem(status: number, body: unknown): ProblemError {
  const parsed = problem.safeParse(body);
  if (!parsed.success) {
    const code = codeOfStatus(status);
    return new ProblemError(code, { ...encodeProblem({ code }), status, detail: `the gate answered ${status} without a problem document` });
  }
  const { code } = parsed.data;
  return new ProblemError(Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : codeOfStatus(status), parsed.data);
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return "not-authenticated";
  if (status === 403) return "not-permitted";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  if (status === 429) return "rate-limited";
  if (status >= 400 && status < 500) return "bad-request";
  return status === 503 ? "store-unavailable" : "internal";
}
